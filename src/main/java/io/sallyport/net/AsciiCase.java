package io.sallyport.net;

/// Comparison that ignores the case of ASCII letters and of nothing else, as Envoy's matchers do: a full case
/// folding would make the Kelvin sign equal to `k`.
public final class AsciiCase {
    private AsciiCase() {}

    public static char lower(char c) {
        return c >= 'A' && c <= 'Z' ? (char) (c | 0x20) : c;
    }

    public static String lower(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) != lower(text.charAt(i))) {
                char[] folded = text.toCharArray();
                for (int j = i; j < folded.length; j++) {
                    folded[j] = lower(folded[j]);
                }
                return new String(folded);
            }
        }
        return text;
    }

    public static boolean startsWith(CharSequence text, String prefix) {
        int length = prefix.length();
        if (text.length() < length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (lower(text.charAt(i)) != lower(prefix.charAt(i))) {
                return false;
            }
        }
        return true;
    }
}
