package io.sallyport.route;

import org.jspecify.annotations.Nullable;

/// A condition on one query parameter (`HTTPMatchRequest.queryParams`).
///
/// Names and values are compared as they were sent, not decoded, and only the first occurrence of a repeated name
/// counts: Envoy's `QueryParameterMatcher` does both. A parameter without `=` has the empty value.
///
/// @param name as it is spelled in the query, with case
public record QueryMatch(String name, StringMatcher value) {
    /// The value of the first parameter of that name, or null where there is none.
    public static @Nullable String firstValue(@Nullable String query, String name) {
        int start = query == null ? -1 : find(query, name);
        return query == null || start < 0 ? null : valueAt(query, start + name.length());
    }

    public boolean matches(RequestView request) {
        String query = request.query();
        int start = query == null ? -1 : find(query, name);
        if (query == null || start < 0) {
            return false;
        }
        return value instanceof StringMatcher.Present || value.matches(valueAt(query, start + name.length()));
    }

    /// Where the first parameter of this name begins, or -1.
    private static int find(String query, String name) {
        int length = name.length();
        int start = 0;
        while (start <= query.length() - length) {
            if (query.startsWith(name, start)) {
                int end = start + length;
                if (end == query.length() || query.charAt(end) == '=' || query.charAt(end) == '&') {
                    return start;
                }
            }
            int next = query.indexOf('&', start);
            if (next < 0) {
                return -1;
            }
            start = next + 1;
        }
        return -1;
    }

    private static String valueAt(String query, int from) {
        if (from == query.length() || query.charAt(from) == '&') {
            return "";
        }
        int end = query.indexOf('&', from);
        return query.substring(from + 1, end < 0 ? query.length() : end);
    }
}
