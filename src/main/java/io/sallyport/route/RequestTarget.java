package io.sallyport.route;

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
        int semicolon = path.indexOf(';');
        if (semicolon < 0) {
            return path;
        }
        StringBuilder kept = new StringBuilder(path.length());
        int from = 0;
        while (semicolon >= 0) {
            kept.append(path, from, semicolon);
            int slash = path.indexOf('/', semicolon);
            from = slash < 0 ? path.length() : slash;
            semicolon = path.indexOf(';', from);
        }
        return kept.append(path, from, path.length()).toString();
    }
}
