package io.sallyport.explain.egress;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Columns for people: each as wide as its widest cell, two blanks between them. Whatever names are in it, a terminal
/// shows them and does not act on them; a cell that is far too wide runs over its own row and leaves the others alone.
public final class TextTable {
    private static final int WIDEST = 100;

    private final List<List<String>> rows = new ArrayList<>();

    public TextTable(String... headings) {
        rows.add(List.of(headings));
    }

    public void row(String... cells) {
        rows.add(Arrays.stream(cells).map(TextTable::printable).toList());
    }

    /// The text with what no terminal should get written as its number in hex: control characters, and those that are
    /// invisible or turn the direction of what follows.
    public static String printable(String text) {
        if (text.codePoints().allMatch(TextTable::isShown)) {
            return text;
        }
        var shown = new StringBuilder(text.length() + 8);
        text.codePoints().forEach(c -> {
            if (isShown(c)) {
                shown.appendCodePoint(c);
            } else {
                shown.append("\\u{").append(Integer.toHexString(c)).append('}');
            }
        });
        return shown.toString();
    }

    private static boolean isShown(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED -> false;
            default -> true;
        };
    }

    public void print(PrintWriter out) {
        int columns = rows.getFirst().size();
        int[] widths = new int[columns];
        for (List<String> row : rows) {
            for (int i = 0; i < columns; i++) {
                widths[i] = Math.max(widths[i], Math.min(WIDEST, row.get(i).length()));
            }
        }
        for (List<String> row : rows) {
            var line = new StringBuilder();
            for (int i = 0; i < columns; i++) {
                line.append(row.get(i))
                        .repeat(" ", Math.max(0, widths[i] - row.get(i).length()) + 2);
            }
            out.println(line.toString().stripTrailing());
        }
    }
}
