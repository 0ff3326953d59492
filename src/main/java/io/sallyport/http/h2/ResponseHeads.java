package io.sallyport.http.h2;

import io.netty.util.AsciiString;
import org.jspecify.annotations.Nullable;

/// Response heads out of header blocks (RFC 9113, 8.3.2).
final class ResponseHeads {
    private static final int SWITCHING_PROTOCOLS = 101;

    private ResponseHeads() {}

    /// What makes the response malformed, in snake_case, or null.
    static @Nullable String violation(DecodedFields block, boolean end) {
        if (block.violation() != null) {
            return block.violation();
        }
        boolean requestField = block.method != null
                || block.path != null
                || block.scheme != null
                || block.authority != null
                || block.protocol != null;
        if (requestField) {
            return "http2.request_pseudo_header";
        }
        int status = status(block);
        if (status < 100 || status == SWITCHING_PROTOCOLS) {
            return "http2.bad_status";
        }
        return status < 200 && end ? "http2.interim_response_ends_stream" : null;
    }

    /// The status, 100 to 999, or -1 where there is none.
    static int status(DecodedFields block) {
        AsciiString text = block.status();
        if (text == null || text.length() != 3) {
            return -1;
        }
        int status = 0;
        for (int i = 0; i < 3; i++) {
            int digit = text.byteAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            status = 10 * status + digit;
        }
        return status >= 100 ? status : -1;
    }
}
