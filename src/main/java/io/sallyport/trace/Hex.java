package io.sallyport.trace;

import java.util.HexFormat;

/// Ids as they are written in headers: 16 hexadecimal digits for 64 bits.
final class Hex {
    static final int DIGITS = 16;

    private static final byte[] LOWER = {'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'
    };

    private Hex() {}

    /// Whether there are that many digits, in lower case.
    static boolean isLower(CharSequence text, int from, int digits) {
        if (text.length() < from + digits) {
            return false;
        }
        for (int i = from; i < from + digits; i++) {
            char c = text.charAt(i);
            if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) {
                return false;
            }
        }
        return true;
    }

    /// Whether there are that many digits.
    static boolean is(CharSequence text, int from, int digits) {
        if (text.length() < from + digits) {
            return false;
        }
        for (int i = from; i < from + digits; i++) {
            if (!HexFormat.isHexDigit(text.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    /// The number in 16 digits.
    static long read(CharSequence text, int from) {
        long value = 0;
        for (int i = from; i < from + DIGITS; i++) {
            value = value << 4 | Character.digit(text.charAt(i), 16);
        }
        return value;
    }

    static void write(long value, byte[] to, int at) {
        for (int i = 0; i < DIGITS; i++) {
            to[at + i] = LOWER[(int) (value >>> 60 - 4 * i) & 0xf];
        }
    }
}
