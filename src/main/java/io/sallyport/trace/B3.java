package io.sallyport.trace;

import io.netty.util.AsciiString;
import io.sallyport.http.HeaderNames;
import io.sallyport.http.Headers;
import io.sallyport.outcome.RequestTrace;
import org.jspecify.annotations.Nullable;

/// Zipkin's B3 propagation: `b3: <trace>-<span>-<sampled>-<parent>`, or a header for each of these
/// (openzipkin/b3-propagation). Trace ids have 32 or 16 digits. A decision may come without ids.
final class B3 {
    static final AsciiString SINGLE = HeaderNames.intern(AsciiString.cached("b3"));
    static final AsciiString TRACE_ID = HeaderNames.intern(AsciiString.cached("x-b3-traceid"));
    static final AsciiString SPAN_ID = HeaderNames.intern(AsciiString.cached("x-b3-spanid"));
    static final AsciiString PARENT_ID = HeaderNames.intern(AsciiString.cached("x-b3-parentspanid"));
    static final AsciiString SAMPLED = HeaderNames.intern(AsciiString.cached("x-b3-sampled"));
    static final AsciiString FLAGS = AsciiString.cached("x-b3-flags");

    private static final AsciiString YES = AsciiString.cached("1");
    private static final AsciiString NO = AsciiString.cached("0");
    private static final int LONG = 2 * Hex.DIGITS;

    private B3() {}

    // In one header.

    /// @return what it says, [Found#NOTHING] where it is not well formed
    static Found readSingle(Headers headers, RequestTrace trace) {
        AsciiString value = headers.get(SINGLE);
        if (value == null || headers.count(SINGLE) != 1) {
            return Found.NOTHING;
        }
        if (value.length() == 1) {
            return decide(value.charAt(0), trace) ? Found.DECISION : Found.NOTHING;
        }
        int digits = value.indexOf("-");
        int span = digits + 1;
        int end = span + Hex.DIGITS;
        if ((digits != LONG && digits != Hex.DIGITS)
                || !Hex.is(value, 0, digits)
                || !Hex.is(value, span, Hex.DIGITS)
                || isZero(value, digits)
                || Hex.read(value, span) == 0) {
            return Found.NOTHING;
        }
        Found found = Found.CONTEXT;
        if (value.length() > end) {
            boolean decided =
                    value.length() >= end + 2 && value.charAt(end) == '-' && decide(value.charAt(end + 1), trace);
            boolean ends = value.length() == end + 2
                    || (value.length() == end + 3 + Hex.DIGITS
                            && value.charAt(end + 2) == '-'
                            && Hex.is(value, end + 3, Hex.DIGITS));
            if (!decided || !ends) {
                trace.sampled = false;
                trace.debug = false;
                return Found.NOTHING;
            }
            found = Found.DECIDED_CONTEXT;
        }
        ids(value, digits, trace);
        trace.parentId = Hex.read(value, span);
        return found;
    }

    private static boolean isZero(AsciiString trace, int digits) {
        return Hex.read(trace, digits - Hex.DIGITS) == 0 && (digits == Hex.DIGITS || Hex.read(trace, 0) == 0);
    }

    private static void ids(AsciiString value, int digits, RequestTrace trace) {
        trace.high = digits == LONG ? Hex.read(value, 0) : 0;
        trace.low = Hex.read(value, digits - Hex.DIGITS);
    }

    private static boolean decide(char said, RequestTrace trace) {
        trace.sampled = said == '1' || said == 'd';
        trace.debug = said == 'd';
        return trace.sampled || said == '0';
    }

    static void writeSingle(RequestTrace trace, long spanId, Headers headers) {
        boolean full = trace.high != 0;
        int span = (full ? LONG : Hex.DIGITS) + 1;
        byte[] text = new byte[span + Hex.DIGITS + 2];
        id(trace, text);
        text[span - 1] = '-';
        Hex.write(spanId, text, span);
        text[span + Hex.DIGITS] = '-';
        text[span + Hex.DIGITS + 1] = (byte) (trace.debug ? 'd' : trace.sampled ? '1' : '0');
        headers.set(SINGLE, new AsciiString(text, false));
    }

    private static void id(RequestTrace trace, byte[] text) {
        if (trace.high == 0) {
            Hex.write(trace.low, text, 0);
        } else {
            Hex.write(trace.high, text, 0);
            Hex.write(trace.low, text, Hex.DIGITS);
        }
    }

    // In several.

    /// @return what they say, [Found#NOTHING] where one of them is not well formed
    static Found readMulti(Headers headers, RequestTrace trace) {
        AsciiString id = headers.get(TRACE_ID);
        AsciiString span = headers.get(SPAN_ID);
        Boolean decision = decision(headers);
        if (isRepeated(headers) || (decision == null && headers.contains(SAMPLED))) {
            return Found.NOTHING;
        }
        if (id == null && span == null) {
            return decision == null ? Found.NOTHING : decided(Found.DECISION, decision, headers, trace);
        }
        if (id == null
                || span == null
                || span.length() != Hex.DIGITS
                || (id.length() != LONG && id.length() != Hex.DIGITS)
                || !Hex.is(id, 0, id.length())
                || !Hex.is(span, 0, Hex.DIGITS)
                || isZero(id, id.length())
                || Hex.read(span, 0) == 0) {
            return Found.NOTHING;
        }
        ids(id, id.length(), trace);
        trace.parentId = Hex.read(span, 0);
        return decision == null ? Found.CONTEXT : decided(Found.DECIDED_CONTEXT, decision, headers, trace);
    }

    private static boolean isRepeated(Headers headers) {
        return headers.count(TRACE_ID) > 1
                || headers.count(SPAN_ID) > 1
                || headers.count(SAMPLED) > 1
                || headers.count(FLAGS) > 1;
    }

    private static @Nullable Boolean decision(Headers headers) {
        if (isDebug(headers)) {
            return true;
        }
        AsciiString said = headers.get(SAMPLED);
        if (said == null) {
            return null;
        }
        return switch (said.toString()) {
            case "1", "true" -> true;
            case "0", "false" -> false;
            default -> null;
        };
    }

    private static boolean isDebug(Headers headers) {
        AsciiString flags = headers.get(FLAGS);
        return flags != null && flags.contentEquals("1");
    }

    private static Found decided(Found found, boolean sampled, Headers headers, RequestTrace trace) {
        trace.sampled = sampled;
        trace.debug = isDebug(headers);
        return found;
    }

    static void writeMulti(RequestTrace trace, long spanId, Headers headers) {
        byte[] id = new byte[trace.high == 0 ? Hex.DIGITS : LONG];
        id(trace, id);
        headers.set(TRACE_ID, new AsciiString(id, false));
        span(SPAN_ID, spanId, headers);
        if (trace.spanId != spanId) {
            span(PARENT_ID, trace.spanId, headers);
        }
        if (trace.debug) {
            headers.remove(SAMPLED);
            headers.set(FLAGS, YES);
        } else {
            headers.remove(FLAGS);
            headers.set(SAMPLED, trace.sampled ? YES : NO);
        }
    }

    private static void span(AsciiString name, long id, Headers headers) {
        byte[] text = new byte[Hex.DIGITS];
        Hex.write(id, text, 0);
        headers.set(name, new AsciiString(text, false));
    }

    static void remove(Headers headers) {
        headers.remove(SINGLE);
        headers.remove(TRACE_ID);
        headers.remove(SPAN_ID);
        headers.remove(PARENT_ID);
        headers.remove(SAMPLED);
        headers.remove(FLAGS);
    }
}
