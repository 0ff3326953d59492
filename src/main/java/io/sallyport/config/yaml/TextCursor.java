package io.sallyport.config.yaml;

/// Walks through a text by lines, as YAML counts them (chapter 5.4: LF, CR, CR LF).
final class TextCursor {
    private final String text;
    private int offset;
    private int line = 1;
    private int column = 1;

    TextCursor(String text) {
        this.text = text;
    }

    /// From 1.
    int line() {
        return line;
    }

    /// From 1, in code points.
    int column() {
        return column;
    }

    String rest() {
        return text.substring(offset);
    }

    void advance(int to) {
        while (offset < to) {
            step();
        }
    }

    /// Moves to the first line after `after` that begins a document.
    ///
    /// @return false where there is none
    boolean skipToDocumentAfter(int after) {
        while (offset < text.length()) {
            if (column == 1 && line > after && text.startsWith("---", offset)) {
                return true;
            }
            step();
        }
        return false;
    }

    private void step() {
        int c = text.codePointAt(offset);
        offset += Character.charCount(c);
        boolean lineEnds = c == '\n' || (c == '\r' && !(offset < text.length() && text.charAt(offset) == '\n'));
        if (lineEnds) {
            line++;
            column = 1;
        } else {
            column++;
        }
    }
}
