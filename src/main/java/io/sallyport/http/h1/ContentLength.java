package io.sallyport.http.h1;

import io.netty.util.AsciiString;

/// `content-length` (RFC 9110, 8.6): decimal digits and nothing else, up to 2^63 - 1.
final class ContentLength {
    private static final int MAX_DIGITS = 19;

    private ContentLength() {}

    /// The number, or -1 where the text is not one.
    static long parse(AsciiString text) {
        int length = text.length();
        if (length == 0 || length > MAX_DIGITS) {
            return -1;
        }
        long value = 0;
        for (int i = 0; i < length; i++) {
            int digit = text.byteAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            value = 10 * value + digit;
        }
        return value;
    }
}
