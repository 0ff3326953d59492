package io.sallyport.route;

/// The literal text with which everything begins that an RE2 expression matches as a whole: `/api/v1/` of
/// `/api/v1/(users|orders)/.*`. With it an expression can be looked up like a prefix, and is run only where it has
/// a chance.
///
/// Not a parser: where it is not sure it answers with less, at worst with nothing. Beyond ASCII it stops, because a
/// quantifier may hold for the second half of a surrogate pair.
final class LiteralPrefix {
    private static final String META = ".[]()*+?{}|^$\\";

    private LiteralPrefix() {}

    static String of(String expression) {
        if (hasAlternatives(expression)) {
            return "";
        }
        StringBuilder literal = new StringBuilder();
        int at = expression.startsWith("^") ? 1 : 0;
        while (at < expression.length()) {
            char c = expression.charAt(at);
            int length = 1;
            if (c == '\\' && at + 1 < expression.length() && isEscapable(expression.charAt(at + 1))) {
                c = expression.charAt(at + 1);
                length = 2;
            } else if (c >= 0x80 || META.indexOf(c) >= 0) {
                break;
            }
            if (at + length < expression.length() && "*?{+".indexOf(expression.charAt(at + length)) >= 0) {
                break;
            }
            literal.append(c);
            at += length;
        }
        return literal.toString();
    }

    /// Punctuation stands for itself behind a backslash; letters and digits have meanings.
    private static boolean isEscapable(char c) {
        return c > ' ' && c < 0x7f && !Character.isLetterOrDigit(c) && c != '_';
    }

    /// Whether a `|` may stand outside of all parentheses. A quotation, a class or flags at the top are not looked
    /// into.
    private static boolean hasAlternatives(String expression) {
        int depth = 0;
        for (int i = 0; i < expression.length(); i++) {
            switch (expression.charAt(i)) {
                case '\\' -> {
                    i++;
                    if (i < expression.length() && expression.charAt(i) == 'Q') {
                        return true;
                    }
                }
                case '[' -> i = endOfClass(expression, i);
                case '(' -> {
                    depth++;
                    if (expression.startsWith("(?", i) && !expression.startsWith("(?:", i)) {
                        return true;
                    }
                }
                case ')' -> depth--;
                case '|' -> {
                    if (depth == 0) {
                        return true;
                    }
                }
                default -> {}
            }
        }
        return false;
    }

    /// The place of the bracket that closes a class. One that comes first, or first behind `^`, is a member.
    private static int endOfClass(String expression, int open) {
        int at = open + 1;
        at += expression.startsWith("^", at) ? 1 : 0;
        at += expression.startsWith("]", at) ? 1 : 0;
        while (at < expression.length() && expression.charAt(at) != ']') {
            int named = expression.startsWith("[:", at) ? expression.indexOf(":]", at + 2) : -1;
            at = named >= 0 ? named + 2 : at + (expression.charAt(at) == '\\' ? 2 : 1);
        }
        return at;
    }
}
