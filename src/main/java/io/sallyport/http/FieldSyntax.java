package io.sallyport.http;

import io.netty.util.AsciiString;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// Which bytes may stand where in a message's head (RFC 9110, 5.1, 5.5 and 5.6.2), tested eight at a time where runs
/// are long.
public final class FieldSyntax {
    private static final VarHandle WORDS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101010101010101L;
    private static final long HIGH_BITS = 0x8080808080808080L;
    private static final byte DEL = 0x7f;

    /// For each byte that a token may contain the byte in lower case, else 0.
    private static final byte[] TOKEN = new byte[256];

    static {
        for (char c : "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz".toCharArray()) {
            TOKEN[c] = (byte) c;
            TOKEN[Character.toUpperCase(c)] = (byte) c;
        }
    }

    private FieldSyntax() {}

    /// Lower-cases the name that starts at `from`.
    ///
    /// @return the place of the first byte that is not part of it, or `to`
    public static int endOfName(byte[] bytes, int from, int to) {
        int i = from;
        while (i < to) {
            byte lower = TOKEN[bytes[i] & 0xff];
            if (lower == 0) {
                return i;
            }
            bytes[i++] = lower;
        }
        return i;
    }

    /// The place of the first byte that no token contains, or `to`.
    public static int endOfToken(byte[] bytes, int from, int to) {
        int i = from;
        while (i < to && TOKEN[bytes[i] & 0xff] != 0) {
            i++;
        }
        return i;
    }

    public static boolean isTokenChar(int c) {
        return c >= 0 && c < 256 && TOKEN[c] != 0;
    }

    /// True for one or more token characters.
    public static boolean isToken(CharSequence text) {
        for (int i = 0; i < text.length(); i++) {
            if (!isTokenChar(text.charAt(i))) {
                return false;
            }
        }
        return text.length() > 0;
    }

    /// The place of the first byte that no field value contains, or `to`: control characters but for the tab. Bytes
    /// above 127 are opaque text (RFC 9110, 5.5).
    public static int endOfText(byte[] bytes, int from, int to) {
        int i = from;
        while (i <= to - Long.BYTES) {
            long word = (long) WORDS.get(bytes, i);
            long hit = below(word, 0x20) | equal(word, DEL);
            if (hit == 0) {
                i += Long.BYTES;
                continue;
            }
            i += Long.numberOfTrailingZeros(hit) >> 3;
            if (bytes[i] != '\t') {
                return i;
            }
            i++;
        }
        while (i < to && isText(bytes[i])) {
            i++;
        }
        return i;
    }

    /// True for a value that may be sent: no control character but the tab, no white space at either end (RFC
    /// 9110, 5.5 and RFC 9113, 8.2.1).
    public static boolean isValue(AsciiString value) {
        int from = value.arrayOffset();
        int to = from + value.length();
        byte[] bytes = value.array();
        return from == to || (!isBlank(bytes[from]) && !isBlank(bytes[to - 1]) && endOfText(bytes, from, to) == to);
    }

    /// True if every value is one. Decoders let nothing else in, so that what is as it was parsed needs no look;
    /// what the gateway joins, rewrites or adds is tested by this before it is sent, because an endpoint may
    /// close a connection that others share over one bad value.
    public static boolean areValues(Headers headers) {
        for (int i = headers.size() - 1; i >= 0; i--) {
            if (!headers.isAsParsed(i) && !isValue(headers.value(i))) {
                return false;
            }
        }
        return true;
    }

    /// Space or tab (RFC 9110, 5.6.3).
    public static boolean isBlank(byte b) {
        return b == ' ' || b == '\t';
    }

    /// True for visible ASCII without `#`: what a request target consists of (RFC 9112, 3.2).
    public static boolean isTarget(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c <= ' ' || c >= DEL || c == '#') {
                return false;
            }
        }
        return true;
    }

    /// The place of the first byte that no request target contains, or `to`: all but visible ASCII, and `#`, because a
    /// fragment is never sent (RFC 9112, 3.2).
    public static int endOfTarget(byte[] bytes, int from, int to) {
        int i = from;
        while (i <= to - Long.BYTES) {
            long word = (long) WORDS.get(bytes, i);
            long hit = below(word, 0x21) | equal(word, DEL) | equal(word, (byte) '#') | (word & HIGH_BITS);
            if (hit != 0) {
                return i + (Long.numberOfTrailingZeros(hit) >> 3);
            }
            i += Long.BYTES;
        }
        while (i < to && bytes[i] > ' ' && bytes[i] != DEL && bytes[i] != '#') {
            i++;
        }
        return i;
    }

    private static boolean isText(byte b) {
        return (b >= ' ' && b != DEL) || b < 0 || b == '\t';
    }

    /// The high bit of each byte below `bound`; only the lowest bit set is exact, which is the one that callers use.
    private static long below(long word, int bound) {
        return (word - ONES * bound) & ~word & HIGH_BITS;
    }

    private static long equal(long word, byte value) {
        long difference = word ^ (ONES * value);
        return (difference - ONES) & ~difference & HIGH_BITS;
    }
}
