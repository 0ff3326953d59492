package io.sallyport.http.h2;

import io.netty.handler.codec.http2.Http2Headers.PseudoHeaderName;
import io.netty.util.AsciiString;
import io.sallyport.http.HeaderNames;
import java.util.Arrays;

/// HPACK's static table (RFC 7541, Appendix A), for an encoder to look names and values up.
final class StaticTable {
    /// Fields that it has; the dynamic table's indexes follow.
    static final int SIZE = 61;

    /// A power of two, several times the number of names.
    private static final int SLOTS = 256;
    /// By index less 1, a name and a value each, empty where it is not part of the entry.
    private static final String[] ENTRIES = {
        ":authority", "",
        ":method", "GET",
        ":method", "POST",
        ":path", "/",
        ":path", "/index.html",
        ":scheme", "http",
        ":scheme", "https",
        ":status", "200",
        ":status", "204",
        ":status", "206",
        ":status", "304",
        ":status", "400",
        ":status", "404",
        ":status", "500",
        "accept-charset", "",
        "accept-encoding", "gzip, deflate",
        "accept-language", "",
        "accept-ranges", "",
        "accept", "",
        "access-control-allow-origin", "",
        "age", "",
        "allow", "",
        "authorization", "",
        "cache-control", "",
        "content-disposition", "",
        "content-encoding", "",
        "content-language", "",
        "content-length", "",
        "content-location", "",
        "content-range", "",
        "content-type", "",
        "cookie", "",
        "date", "",
        "etag", "",
        "expect", "",
        "expires", "",
        "from", "",
        "host", "",
        "if-match", "",
        "if-modified-since", "",
        "if-none-match", "",
        "if-range", "",
        "if-unmodified-since", "",
        "last-modified", "",
        "link", "",
        "location", "",
        "max-forwards", "",
        "proxy-authenticate", "",
        "proxy-authorization", "",
        "range", "",
        "referer", "",
        "refresh", "",
        "retry-after", "",
        "server", "",
        "set-cookie", "",
        "strict-transport-security", "",
        "transfer-encoding", "",
        "user-agent", "",
        "vary", "",
        "via", "",
        "www-authenticate", ""
    };

    private static final AsciiString[] NAMES = new AsciiString[SIZE];
    private static final byte[][] VALUES = new byte[SIZE][];
    /// First index of a name, by its hash; 0 for none.
    private static final byte[] FIRST = new byte[SLOTS];

    static {
        for (int i = 0; i < SIZE; i++) {
            NAMES[i] = constant(ENTRIES[2 * i]);
            VALUES[i] = new AsciiString(ENTRIES[2 * i + 1]).toByteArray();
            int slot = slot(NAMES[i]);
            while (FIRST[slot] != 0 && !NAMES[FIRST[slot] - 1].equals(NAMES[i])) {
                slot = slot + 1 & SLOTS - 1;
            }
            if (FIRST[slot] == 0) {
                FIRST[slot] = (byte) (i + 1);
            }
        }
    }

    private StaticTable() {}

    private static AsciiString constant(String name) {
        for (PseudoHeaderName pseudo : PseudoHeaderName.values()) {
            if (pseudo.value().contentEquals(name)) {
                return pseudo.value();
            }
        }
        return HeaderNames.intern(AsciiString.cached(name));
    }

    private static int slot(AsciiString name) {
        int hash = name.hashCode();
        return (hash ^ hash >>> 8 ^ hash >>> 16) & SLOTS - 1;
    }

    /// The index of the first entry with that name; 0 for none.
    static int name(AsciiString name) {
        for (int slot = slot(name); FIRST[slot] != 0; slot = slot + 1 & SLOTS - 1) {
            AsciiString known = NAMES[FIRST[slot] - 1];
            if (isSame(known, name)) {
                return FIRST[slot];
            }
        }
        return 0;
    }

    @SuppressWarnings("ReferenceEquality") // most names are the constants themselves
    private static boolean isSame(AsciiString known, AsciiString name) {
        return known == name || known.equals(name);
    }

    /// The index of the entry with the name of this one and that value; 0 for none.
    ///
    /// @param first as [#name] found it, not 0
    static int field(int first, byte[] value, int from, int to) {
        AsciiString name = NAMES[first - 1];
        for (int i = first - 1; i < SIZE && NAMES[i] == name; i++) {
            byte[] known = VALUES[i];
            if (known.length > 0 && Arrays.equals(known, 0, known.length, value, from, to)) {
                return i + 1;
            }
        }
        return 0;
    }
}
