package io.sallyport.http.h2;

import io.netty.handler.codec.http2.Http2Error;
import io.sallyport.http.StreamError;
import java.util.Locale;

/// Converts between the gateway's reasons and the codes of RFC 9113, 7.
final class ErrorCodes {
    private static final Http2Error[] ERRORS = Http2Error.values();

    private ErrorCodes() {}

    /// What to send for a reason of ours. A response that was cut short must not look complete, so nothing maps to
    /// NO_ERROR.
    static Http2Error toWire(StreamError error) {
        return switch (error) {
            case REFUSED -> Http2Error.REFUSED_STREAM;
            case PROTOCOL_ERROR -> Http2Error.PROTOCOL_ERROR;
            case CANCEL, TIMEOUT, HEAD_TOO_LARGE, HEAD_REFUSED, UNSUPPORTED, BODY_TOO_LARGE -> Http2Error.CANCEL;
            case CONNECTION_CLOSED, INTERNAL_ERROR -> Http2Error.INTERNAL_ERROR;
        };
    }

    /// What a peer's RST_STREAM means to us.
    static StreamError fromWire(long code) {
        return code == Http2Error.REFUSED_STREAM.code() ? StreamError.REFUSED : StreamError.CANCEL;
    }

    /// The code for logs: `refused_stream`, or its number where RFC 9113 has none of that name.
    static String name(long code) {
        return code >= 0 && code < ERRORS.length
                ? ERRORS[(int) code].name().toLowerCase(Locale.ROOT)
                : Long.toString(code);
    }
}
