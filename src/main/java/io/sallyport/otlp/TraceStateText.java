package io.sallyport.otlp;

import org.jspecify.annotations.Nullable;

/// The `tracestate` of spans: the members of what came along that are well formed (W3C Trace Context, 3.3.1), 32 at
/// most.
final class TraceStateText {
    private static final int MOST_MEMBERS = 32;
    private static final int LONGEST = 256;
    private static final int LONGEST_TENANT = 241;
    private static final int LONGEST_SYSTEM = 14;

    private TraceStateText() {}

    /// Empty for none.
    static String of(@Nullable CharSequence header) {
        if (header == null) {
            return "";
        }
        var kept = new StringBuilder();
        int members = 0;
        for (String member : header.toString().split(",")) {
            int equals = member.indexOf('=');
            if (equals > 0 && members < MOST_MEMBERS) {
                String key = member.substring(0, equals).strip();
                String value = member.substring(equals + 1).strip();
                if (isKey(key) && isValue(value)) {
                    kept.append(kept.isEmpty() ? "" : ",")
                            .append(key)
                            .append('=')
                            .append(value);
                    members++;
                }
            }
        }
        return kept.toString();
    }

    private static boolean isKey(String key) {
        int at = key.indexOf('@');
        return at < 0
                ? isPart(key, LONGEST)
                : isPart(key.substring(0, at), LONGEST_TENANT) && isPart(key.substring(at + 1), LONGEST_SYSTEM);
    }

    private static boolean isPart(String key, int longest) {
        if (key.isEmpty() || key.length() > longest) {
            return false;
        }
        for (int i = 0; i < key.length(); i++) {
            char c = key.charAt(i);
            boolean first = c >= 'a' && c <= 'z' || c >= '0' && c <= '9';
            if (!first && (i == 0 || c != '_' && c != '-' && c != '*' && c != '/')) {
                return false;
            }
        }
        return true;
    }

    private static boolean isValue(String value) {
        if (value.isEmpty() || value.length() > LONGEST) {
            return false;
        }
        return value.chars().allMatch(c -> c >= ' ' && c <= '~' && c != '=');
    }
}
