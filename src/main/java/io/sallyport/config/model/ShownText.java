package io.sallyport.config.model;

/// What people who did not write it read of a configuration, on terminals and in logs: names, files, fields. In text
/// with control characters they could forge lines, and commands for terminals and for readers of logs.
public final class ShownText {
    private ShownText() {}

    /// The text on one line: control characters, line separators and characters that are invisible or turn the
    /// direction of text are shown as `?`, and the end is cut off.
    ///
    /// @param most characters; `...` follows where there were more
    /// @return the same string where there is nothing of the kind
    public static String of(String text, int most) {
        boolean plain = text.length() <= most;
        for (int i = 0; plain && i < text.length(); i++) {
            plain = isShown(text.charAt(i));
        }
        if (plain) {
            return text;
        }
        int end = Math.min(text.length(), most);
        StringBuilder shown = new StringBuilder(end + 3);
        for (int i = 0; i < end; i++) {
            char c = text.charAt(i);
            shown.append(isShown(c) ? c : '?');
        }
        return end < text.length() ? shown.append("...").toString() : shown.toString();
    }

    private static boolean isShown(char c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL, Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }
}
