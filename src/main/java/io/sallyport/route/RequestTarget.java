package io.sallyport.route;

import org.jspecify.annotations.Nullable;

/// A request target taken apart, or the reason why it was refused.
///
/// @param path canonical, begins with `/`; empty where the target was refused
/// @param query what follows the first `?`, as sent; null without a `?`
/// @param rejection null, or why the target was refused
public record RequestTarget(
        String path, @Nullable String query, @Nullable String rejection) {
    public boolean isRejected() {
        return rejection != null;
    }

    /// What goes into a request line or `:path`.
    public String pathAndQuery() {
        return query == null ? path : path + '?' + query;
    }
}
