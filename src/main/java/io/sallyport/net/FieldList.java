package io.sallyport.net;

import io.netty.util.AsciiString;

/// A list in a field's value, element by element (RFC 9110, 5.6.1).
///
/// Blank around an element is space and tab and nothing else (RFC 9110, 5.6.3). Whatever else stands there is a part of
/// the element, above all the bytes above 127: the trimming methods of `String` and `AsciiString` remove more (the
/// latter compares signed bytes and takes all of those for blank), so that a peer that reads the same list would see
/// other elements.
public final class FieldList {
    private final AsciiString list;
    private final char separator;
    private int from;
    private AsciiString element = AsciiString.EMPTY_STRING;

    private FieldList(AsciiString list, char separator) {
        this.list = list;
        this.separator = separator;
    }

    /// Separated by commas.
    public static FieldList of(AsciiString list) {
        return new FieldList(list, ',');
    }

    /// Separated by semicolons, as cookies and parameters are.
    public static FieldList ofSemicolons(AsciiString list) {
        return new FieldList(list, ';');
    }

    /// Goes to the next element, which may be empty; false behind the last one. An empty list has one empty element.
    public boolean next() {
        int length = list.length();
        if (from > length) {
            return false;
        }
        int to = from;
        while (to < length && list.byteAt(to) != separator) {
            to++;
        }
        element = trimmed(list, from, to);
        from = to + 1;
        return true;
    }

    /// The element that [#next] went to, without the blank around it.
    public AsciiString element() {
        return element;
    }

    /// Whether the comma-separated list has this token, in whatever case.
    public static boolean contains(AsciiString list, AsciiString token) {
        FieldList elements = of(list);
        while (elements.next()) {
            if (elements.element().contentEqualsIgnoreCase(token)) {
                return true;
            }
        }
        return false;
    }

    /// The text without space and tab at its ends.
    public static AsciiString trimmed(AsciiString text) {
        return trimmed(text, 0, text.length());
    }

    private static AsciiString trimmed(AsciiString text, int start, int end) {
        int from = start;
        int to = end;
        while (from < to && isBlank(text.byteAt(from))) {
            from++;
        }
        while (to > from && isBlank(text.byteAt(to - 1))) {
            to--;
        }
        return text.subSequence(from, to, false);
    }

    private static boolean isBlank(byte b) {
        return b == ' ' || b == '\t';
    }
}
