package io.sallyport.http.h2;

/// How a downstream connection reads what the RFCs leave open.
///
/// @param underscores field names with `_` are taken; else such requests are reset, because many servers read `-`
/// @param forwardProxy the client may name any endpoint: the scheme of a request is what its `:scheme` says, `http` or
///     `https`, and a `host` without port agrees with the `:authority` of a CONNECT to the same host; else the scheme
///     is the connection's
public record Http2Options(boolean underscores, boolean forwardProxy) {
    public static final Http2Options DEFAULT = new Http2Options(false, false);

    public Http2Options withUnderscores(boolean allowed) {
        return new Http2Options(allowed, forwardProxy);
    }

    public Http2Options withForwardProxy(boolean allowed) {
        return new Http2Options(underscores, allowed);
    }
}
