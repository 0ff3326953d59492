package io.sallyport.http.h2;

import io.netty.util.AsciiString;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// Which bytes may stand where in a header block (RFC 9110, 5.5 and 5.6.2; RFC 9113, 8.2.1; RFC 3986, 3).
final class FieldSyntax {
    private static final byte TOKEN = 1;
    private static final byte UPPER = 2;
    private static final byte HOST = 4;
    private static final byte TARGET = 8;

    private static final byte[] CLASSES = new byte[128];

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101010101010101L;
    private static final long HIGHS = 0x8080808080808080L;

    static {
        for (int c = '!'; c <= '~'; c++) {
            CLASSES[c] |= c == '#' ? 0 : TARGET;
            boolean upper = c >= 'A' && c <= 'Z';
            if (upper || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
                CLASSES[c] |= upper ? TOKEN | UPPER | HOST : TOKEN | HOST;
            }
        }
        mark("!#$%&'*+-.^_`|~", TOKEN);
        mark("-._~", HOST);
    }

    private FieldSyntax() {}

    private static void mark(String characters, byte kind) {
        for (int i = 0; i < characters.length(); i++) {
            CLASSES[characters.charAt(i)] |= kind;
        }
    }

    /// A field name as HTTP/2 sends it: a token without upper-case letters.
    static boolean isName(AsciiString name) {
        int length = name.length();
        for (int i = 0; i < length; i++) {
            int c = name.byteAt(i);
            if (c < 0 || (CLASSES[c] & (TOKEN | UPPER)) != TOKEN) {
                return false;
            }
        }
        return length > 0;
    }

    /// A method: a token in any case.
    static boolean isToken(AsciiString text) {
        return all(text, 0, text.length(), TOKEN);
    }

    /// A field value: no control byte but the tab, no white space at either end. Looks at eight bytes at a time.
    static boolean isValue(AsciiString value) {
        byte[] bytes = value.array();
        int from = value.arrayOffset();
        int to = from + value.length();
        if (from == to) {
            return true;
        }
        if (isBlank(bytes[from]) || isBlank(bytes[to - 1])) {
            return false;
        }
        int i = from;
        for (; i + Long.BYTES <= to; i += Long.BYTES) {
            long word = (long) LONGS.get(bytes, i);
            long low = (word - ONES * 0x20) & ~word & HIGHS;
            long delete = word ^ (ONES * 0x7f);
            delete = (delete - ONES) & ~delete & HIGHS;
            if ((low | delete) != 0 && !isText(bytes, i, i + Long.BYTES)) {
                return false;
            }
        }
        return isText(bytes, i, to);
    }

    /// A request target in origin form: begins with a slash, visible ASCII only, no fragment.
    static boolean isOriginForm(AsciiString target) {
        return !target.isEmpty() && target.byteAt(0) == '/' && all(target, 0, target.length(), TARGET);
    }

    /// A host name, IPv4 address or bracketed IPv6 address, with or without a port; no user information.
    static boolean isAuthority(AsciiString text) {
        int end = hostEnd(text);
        return end > 0 && (end == text.length() || isPort(text, end));
    }

    static boolean hasPort(AsciiString authority) {
        int end = hostEnd(authority);
        return end > 0 && end < authority.length();
    }

    /// Where the host ends, or -1 where it is not one.
    private static int hostEnd(AsciiString text) {
        int length = text.length();
        if (length > 0 && text.byteAt(0) == '[') {
            int close = text.indexOf("]", 1);
            for (int i = 1; i < close; i++) {
                byte c = text.byteAt(i);
                if (c != ':' && c != '.' && Character.digit(c, 16) < 0) {
                    return -1;
                }
            }
            return close > 2 ? close + 1 : -1;
        }
        int colon = text.indexOf(":", 0);
        int end = colon < 0 ? length : colon;
        return all(text, 0, end, HOST) ? end : -1;
    }

    private static boolean isPort(AsciiString text, int colon) {
        int length = text.length();
        if (text.byteAt(colon) != ':' || length == colon + 1 || length > colon + 6) {
            return false;
        }
        int port = 0;
        for (int i = colon + 1; i < length; i++) {
            int digit = text.byteAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return false;
            }
            port = 10 * port + digit;
        }
        return port <= 0xffff;
    }

    /// The number that a content-length holds, or -1 where it is not one (RFC 9110, 8.6).
    static long contentLength(AsciiString text) {
        int length = text.length();
        if (length == 0 || length > 18) {
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

    private static boolean all(AsciiString text, int from, int to, byte kind) {
        for (int i = from; i < to; i++) {
            int c = text.byteAt(i);
            if (c < 0 || (CLASSES[c] & kind) == 0) {
                return false;
            }
        }
        return to > from;
    }

    private static boolean isText(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            int c = bytes[i];
            if ((c >= 0 && c < 0x20 && c != '\t') || c == 0x7f) {
                return false;
            }
        }
        return true;
    }

    private static boolean isBlank(byte c) {
        return c == ' ' || c == '\t';
    }
}
