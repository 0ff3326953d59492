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
        if (text.length() <= most && text.codePoints().allMatch(ShownText::isShown)) {
            return text;
        }
        StringBuilder shown = new StringBuilder(Math.min(text.length(), most) + 3);
        int at = 0;
        while (at < text.length()) {
            int point = text.codePointAt(at);
            at += Character.charCount(point);
            if (at > most) {
                return shown.append("...").toString();
            }
            shown.appendCodePoint(isShown(point) ? point : '?');
        }
        return shown.toString();
    }

    /// Half of a pair is none.
    private static boolean isShown(int point) {
        return switch (Character.getType(point)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }
}
