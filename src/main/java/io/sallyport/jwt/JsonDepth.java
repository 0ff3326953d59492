package io.sallyport.jwt;

/// How deeply a JSON text nests and how long its numbers are, found without reading it: before a parser spends anything
/// on brackets, or on digits, whose price grows with the square of their number.
final class JsonDepth {
    private static final int DEEPEST = 32;
    private static final int LONGEST_NUMBER = 100;

    private JsonDepth() {}

    static boolean isExcessive(String json) {
        int depth = 0;
        int digits = 0;
        boolean text = false;
        for (int i = 0; i < json.length(); i++) {
            char c = json.charAt(i);
            switch (c) {
                case '"' -> text = !text;
                case '\\' -> i += text ? 1 : 0;
                case '{', '[' -> depth += text ? 0 : 1;
                case '}', ']' -> depth -= text ? 0 : 1;
                default -> {}
            }
            digits = !text && c >= '0' && c <= '9' ? digits + 1 : 0;
            if (depth > DEEPEST || digits > LONGEST_NUMBER) {
                return true;
            }
        }
        return false;
    }
}
