package io.sallyport.net;

import java.util.HexFormat;

/// Percent-encoded octets (RFC 3986, 2.1). What a malformed one means is the reader's to say.
public final class PercentEncoding {
    /// Characters of one.
    public static final int LENGTH = 3;

    private PercentEncoding() {}

    /// The octet that is encoded at this place, or -1 where none is.
    public static int octet(CharSequence text, int at) {
        if (at + 2 >= text.length() || text.charAt(at) != '%') {
            return -1;
        }
        char high = text.charAt(at + 1);
        char low = text.charAt(at + 2);
        return HexFormat.isHexDigit(high) && HexFormat.isHexDigit(low)
                ? HexFormat.fromHexDigit(high) << 4 | HexFormat.fromHexDigit(low)
                : -1;
    }
}
