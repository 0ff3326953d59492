package io.sallyport.config.model;

/// `HTTPRedirect`: answer with a redirect.
///
/// @param uri replaces the whole path; excludes `prefixRewrite`
/// @param authority replaces the host; `""` keeps it
/// @param port whether the location names a port, and which
/// @param scheme `http`, `https` or `""` to keep it
/// @param redirectCode 301, 302, 303, 307 or 308; 0 is absent and means 301
/// @param prefixRewrite replaces the matched prefix
public record HttpRedirect(
        String uri,
        String authority,
        RedirectPort port,
        String scheme,
        int redirectCode,
        String prefixRewrite,
        Position at) {

    /// `HTTPRedirect.redirect_port`.
    public sealed interface RedirectPort {
        /// Neither given: the scheme's own port when `scheme` changes, else the request's.
        record Unset() implements RedirectPort {}

        record Number(int number) implements RedirectPort {}

        record Derived(DerivePort from) implements RedirectPort {}
    }

    /// `HTTPRedirect.RedirectPortSelection`.
    public enum DerivePort {
        FROM_PROTOCOL_DEFAULT,
        FROM_REQUEST_PORT
    }
}
