package io.sallyport.route;

import io.sallyport.net.PercentEncoding;
import org.jspecify.annotations.Nullable;

/// A request target taken apart, or the reason why it was refused.
///
/// @param path canonical, begins with `/`, or `*`; empty where the target was refused
/// @param query what follows the first `?`, as sent; null without a `?`
/// @param rejection null, or why the target was refused
public record RequestTarget(
        String path, @Nullable String query, @Nullable String rejection) {
    private static final String ASTERISK_FORM = "*";
    public static final RequestTarget ASTERISK = new RequestTarget(ASTERISK_FORM, null, null);

    /// Whether it is the target of `OPTIONS *`, which is for the server and has no path (RFC 9112, 3.2.4).
    public static boolean isAsterisk(String path) {
        return path.equals(ASTERISK_FORM);
    }

    /// The part before the query.
    public static String withoutQuery(String pathAndQuery) {
        int query = pathAndQuery.indexOf('?');
        return query < 0 ? pathAndQuery : pathAndQuery.substring(0, query);
    }

    public boolean isRejected() {
        return rejection != null;
    }

    /// What goes into a request line or `:path`.
    public String pathAndQuery() {
        return query == null ? path : path + '?' + query;
    }

    /// What a server reads that drops path parameters (`;x` up to the next `/`) before it looks at the path; the same
    /// string where there are none. A request that is allowed under [#path] but not under this must not be
    /// forwarded.
    public String pathWithoutParameters() {
        return withoutParameters(path, true);
    }

    /// As [#pathWithoutParameters], of a canonical path.
    ///
    /// @param encoded whether an encoded semicolon counts, too
    public static String withoutParameters(String path, boolean encoded) {
        StringBuilder kept = null;
        boolean parameters = false;
        for (int i = 0; i < path.length(); i++) {
            char c = path.charAt(i);
            parameters = c != '/' && (parameters || c == ';' || encoded && PercentEncoding.octet(path, i) == ';');
            if (parameters && kept == null) {
                kept = new StringBuilder(path.length()).append(path, 0, i);
            } else if (!parameters && kept != null) {
                kept.append(c);
            }
        }
        return kept == null ? path : kept.toString();
    }
}
