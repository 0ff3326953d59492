package io.sallyport.route;

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
            boolean kept = c == '%' ? isEncoding(text, at) : c == '#' ? fragment : isTaken(c);
            if (kept) {
                uri.append((char) c);
            } else {
                for (byte b : Character.toString(c).getBytes(StandardCharsets.UTF_8)) {
                    uri.append('%').append(HEX.charAt(b >> 4 & 15)).append(HEX.charAt(b & 15));
                }
            }
            at += Character.charCount(c);
        }
        return uri.toString();
    }

    private static boolean isTaken(int c) {
        return c > ' ' && c < 0x7f && c != '\\' && !PathNormalizer.isEncoded((char) c);
    }

    private static boolean isEncoding(String text, int at) {
        return at + 2 < text.length() && isHex(text.charAt(at + 1)) && isHex(text.charAt(at + 2));
    }

    private static boolean isHex(char c) {
        int letter = (c | 0x20) - 'a';
        return (c >= '0' && c <= '9') || (letter >= 0 && letter < 6);
    }
}
