package io.sallyport.http.h2;

import io.netty.util.AsciiString;
import io.sallyport.http.FieldSyntax;

/// What names and values of fields may look like in HTTP/2 (RFC 9113, 8.2.1).
final class FieldValues {
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
}
