package io.sallyport.jwt;

/// How deeply a JSON text nests, found without reading it: before a parser spends anything on brackets.
final class JsonDepth {
    private static final int DEEPEST = 32;

    private JsonDepth() {}

    static boolean isExcessive(String json) {
        int depth = 0;
        boolean text = false;
        for (int i = 0; i < json.length(); i++) {
            switch (json.charAt(i)) {
                case '"' -> text = !text;
                case '\\' -> i += text ? 1 : 0;
                case '{', '[' -> depth += text ? 0 : 1;
                case '}', ']' -> depth -= text ? 0 : 1;
                default -> {}
            }
            if (depth > DEEPEST) {
                return true;
            }
        }
        return false;
    }
}
