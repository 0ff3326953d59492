package io.sallyport.http.h2;

import io.netty.util.AsciiString;
import io.sallyport.http.FieldSyntax;

/// What names and values of fields may look like in HTTP/2 (RFC 9113, 8.2.1).
final class FieldValues {
    /// No length of more digits is counted; none of them is real.
    private static final int MAX_LENGTH_DIGITS = 18;

    private FieldValues() {}

    /// A token without upper-case letters.
    static boolean isName(AsciiString name) {
        int length = name.length();
        for (int i = 0; i < length; i++) {
            int c = name.byteAt(i);
            if (!FieldSyntax.isTokenChar(c) || (c >= 'A' && c <= 'Z')) {
                return false;
            }
        }
        return length > 0;
    }

    /// A request target in origin form: begins with a slash, visible ASCII only, no fragment.
    static boolean isOriginForm(AsciiString target) {
        int from = target.arrayOffset();
        int to = from + target.length();
        return from < to && target.byteAt(0) == '/' && FieldSyntax.endOfTarget(target.array(), from, to) == to;
    }

    /// The number that a content-length holds, or -1 where it is not one (RFC 9110, 8.6).
    static long contentLength(AsciiString text) {
        int length = text.length();
        if (length == 0 || length > MAX_LENGTH_DIGITS) {
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
