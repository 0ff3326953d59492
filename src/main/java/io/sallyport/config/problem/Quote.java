package io.sallyport.config.problem;

/// Text of a configuration's author inside a message: on one line and never long.
public final class Quote {
    private static final int MAX_LENGTH = 80;

    private Quote() {}

    /// The text in double quotes, its end cut off after 80 characters, control characters shown as `?`.
    public static String of(String text) {
        return '"' + plain(text) + '"';
    }

    /// As [#of], without the quotes.
    public static String plain(String text) {
        boolean cut = text.length() > MAX_LENGTH;
        StringBuilder shown = new StringBuilder(Math.min(text.length(), MAX_LENGTH) + 8);
        for (int i = 0; i < Math.min(text.length(), MAX_LENGTH); i++) {
            char c = text.charAt(i);
            shown.append(Character.isISOControl(c) || c == '\u2028' || c == '\u2029' ? '?' : c);
        }
        return cut ? shown.append("...").toString() : shown.toString();
    }
}
