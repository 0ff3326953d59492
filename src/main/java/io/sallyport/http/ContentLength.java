package io.sallyport.http;

import io.netty.util.AsciiString;

/// `content-length` (RFC 9110, 8.6): decimal digits and nothing else, up to 2^63 - 1.
public final class ContentLength {
    private static final int MAX_DIGITS = 19;

    private ContentLength() {}

    /// The number of bytes, or -1 where the text is not one or the number is larger.
    public static long parse(AsciiString text) {
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
        // The sum of 19 digits is below 2^64, so one that is above 2^63 - 1 shows in the sign.
        return value < 0 ? -1 : value;
    }

    /// The text without leading zeros, which mean octal to some.
    ///
    /// @param value what [#parse] makes of it
    public static AsciiString canonical(AsciiString text, long value) {
        return text.length() == 1 || text.byteAt(0) != '0' ? text : new AsciiString(Long.toString(value));
    }
}
