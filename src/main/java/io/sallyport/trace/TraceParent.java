package io.sallyport.trace;

import io.netty.util.AsciiString;
import io.sallyport.http.HeaderNames;
import io.sallyport.http.Headers;
import io.sallyport.outcome.RequestTrace;

/// `traceparent` and `tracestate` (W3C Trace Context, level 1):
/// `00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01`.
final class TraceParent {
    private static final int LENGTH = 55;
    private static final int TRACE = 3;
    private static final int SPAN = 36;
    private static final int FLAGS = 53;

    /// A longer `tracestate` is not passed on. The recommendation asks for 512 characters at least.
    private static final int LONGEST_STATE = 4096;

    private static final int MOST_MEMBERS = 32;

    private TraceParent() {}

    /// Takes the context over; a `tracestate` that cannot be is removed, which leaves the trace as it is (3.3.1.4).
    ///
    /// @return false where there is none, or not exactly one that is well formed
    static boolean read(Headers headers, RequestTrace trace) {
        AsciiString value = headers.get(HeaderNames.TRACEPARENT);
        if (value == null || headers.count(HeaderNames.TRACEPARENT) != 1 || !isValid(value)) {
            return false;
        }
        trace.high = Hex.read(value, TRACE);
        trace.low = Hex.read(value, TRACE + Hex.DIGITS);
        trace.parentId = Hex.read(value, SPAN);
        trace.sampled = (Character.digit(value.charAt(FLAGS + 1), 16) & 1) != 0;
        CharSequence state = headers.joined(HeaderNames.TRACESTATE);
        if (state != null && isValidState(state)) {
            trace.state = state;
        } else if (state != null) {
            headers.remove(HeaderNames.TRACESTATE);
        }
        return true;
    }

    /// Later versions may append to what this one has.
    private static boolean isValid(AsciiString value) {
        if (!Hex.isLower(value, 0, 2)
                || !Hex.isLower(value, TRACE, 2 * Hex.DIGITS)
                || !Hex.isLower(value, SPAN, Hex.DIGITS)
                || !Hex.isLower(value, FLAGS, 2)
                || value.charAt(2) != '-'
                || value.charAt(SPAN - 1) != '-'
                || value.charAt(FLAGS - 1) != '-') {
            return false;
        }
        boolean first = value.charAt(0) == '0' && value.charAt(1) == '0';
        boolean forbidden = value.charAt(0) == 'f' && value.charAt(1) == 'f';
        boolean ends = value.length() == LENGTH || (!first && value.charAt(LENGTH) == '-');
        return ends && !forbidden && hasIds(value);
    }

    private static boolean hasIds(AsciiString value) {
        return (Hex.read(value, TRACE) != 0 || Hex.read(value, TRACE + Hex.DIGITS) != 0) && Hex.read(value, SPAN) != 0;
    }

    private static boolean isValidState(CharSequence state) {
        int members = 1;
        for (int i = 0; i < state.length(); i++) {
            char c = state.charAt(i);
            if (c == ',') {
                members++;
            } else if (c > '~' || (c < ' ' && c != '\t')) {
                return false;
            }
        }
        return state.length() <= LONGEST_STATE && members <= MOST_MEMBERS;
    }

    /// @param spanId that the next one is to take for its parent
    static void write(RequestTrace trace, long spanId, Headers headers) {
        byte[] text = new byte[LENGTH];
        text[0] = '0';
        text[1] = '0';
        text[2] = '-';
        Hex.write(trace.high, text, TRACE);
        Hex.write(trace.low, text, TRACE + Hex.DIGITS);
        text[SPAN - 1] = '-';
        Hex.write(spanId, text, SPAN);
        text[FLAGS - 1] = '-';
        text[FLAGS] = '0';
        text[FLAGS + 1] = (byte) (trace.sampled ? '1' : '0');
        headers.set(HeaderNames.TRACEPARENT, new AsciiString(text, false));
        if (trace.state == null) {
            headers.remove(HeaderNames.TRACESTATE);
        }
    }

    static void remove(Headers headers) {
        headers.remove(HeaderNames.TRACEPARENT);
        headers.remove(HeaderNames.TRACESTATE);
    }
}
