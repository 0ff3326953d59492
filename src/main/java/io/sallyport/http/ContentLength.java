package io.sallyport.http;

import io.netty.util.AsciiString;

/// `content-length` (RFC 9110, 8.6): decimal digits and nothing else, up to 2^63 - 1.
public final class ContentLength {
    private static final int MAX_DIGITS = 19;

    private ContentLength() {}

    /// The number of bytes that the field at this place declares, or -1 where its value is not a number or the number
    /// is larger.
    public static long parse(Headers headers, int index) {
        int length = headers.valueLength(index);
        if (length == 0 || length > MAX_DIGITS) {
            return -1;
        }
        long value = 0;
        for (int i = 0; i < length; i++) {
            int digit = headers.valueByte(index, i) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            value = 10 * value + digit;
        }
        // The sum of 19 digits is below 2^64, so one that is above 2^63 - 1 shows in the sign.
        return value < 0 ? -1 : value;
    }

    /// As [#parse]; takes leading zeros, which mean octal to some, out of the field.
    public static long canonize(Headers headers, int index) {
        long value = parse(headers, index);
        if (value >= 0 && headers.valueLength(index) > 1 && headers.valueByte(index, 0) == '0') {
            headers.setValue(index, new AsciiString(Long.toString(value)));
        }
        return value;
    }
}
