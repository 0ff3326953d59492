package io.sallyport.route;

import io.sallyport.net.PercentEncoding;
import java.nio.charset.StandardCharsets;

/// Gives text of the configuration the form that it has within a URI: what may not stand there is percent-encoded, as
/// UTF-8 (RFC 3986, 2.1 and 2.5) and in [PathNormalizer]'s spelling. Encodings that are there already stay.
public final class UriText {
    private static final String HEX = "0123456789ABCDEF";

    private UriText() {}

    /// A path, or a part of one, perhaps with a query.
    public static String path(String text) {
        return encoded(text, false);
    }

    /// A path that a fragment may follow: what clients are sent to.
    public static String reference(String text) {
        return encoded(text, true);
    }

    private static String encoded(String text, boolean fragment) {
        StringBuilder uri = new StringBuilder(text.length() + 8);
        for (int at = 0; at < text.length(); ) {
            int c = text.codePointAt(at);
            boolean kept = c == '%' ? PercentEncoding.octet(text, at) >= 0 : c == '#' ? fragment : isAllowed(c);
            if (kept) {
                uri.append((char) c);
            } else {
                encode(uri, c);
            }
            at += Character.charCount(c);
        }
        return uri.toString();
    }

    /// Appends the UTF-8 form of a character, each byte percent-encoded.
    static void encode(StringBuilder out, int codePoint) {
        for (byte b : Character.toString(codePoint).getBytes(StandardCharsets.UTF_8)) {
            encodeByte(out, b & 0xff);
        }
    }

    /// Appends a percent-encoded byte.
    static void encodeByte(StringBuilder out, int value) {
        out.append('%').append(HEX.charAt(value >> 4)).append(HEX.charAt(value & 15));
    }

    private static boolean isAllowed(int c) {
        return c > ' ' && c < 0x7f && c != '\\' && !PathNormalizer.isEncoded((char) c);
    }
}
