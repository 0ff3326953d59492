package io.sallyport.http.h1;

import java.time.Duration;

/// How a downstream connection reads what the RFCs leave open.
///
/// @param underscores names with `_` are taken; else 400, because many servers read them as `-`
/// @param forwardProxy the client may name any endpoint: a target in absolute form may be `http` or `https`, and says
///     the scheme, whatever the connection itself is; a `Host` without port agrees with the target of a CONNECT to
///     the same host, as several clients write it. Else an absolute target must have the connection's scheme
/// @param discardBytes of a request's body that are still read after its response has ended, so that the connection
///     can be kept or the client gets to read the response before it closes
/// @param discardTime how long that may take, and how long a client that has been sent everything may take to close
/// @param halfCloseTime how long a client that has ended its sending side may wait for its response to begin, or to
///     continue: it looks the same as a client that has closed altogether, for which all work is wasted
/// @param drainIdleTime how long a connection without a request is kept once it is to end
public record Http1Options(
        boolean underscores,
        boolean forwardProxy,
        int discardBytes,
        Duration discardTime,
        Duration halfCloseTime,
        Duration drainIdleTime) {

    public static final Http1Options DEFAULT = new Http1Options(
            false, false, 64 * 1024, Duration.ofSeconds(1), Duration.ofSeconds(5), Duration.ofSeconds(1));

    public Http1Options withUnderscores(boolean allowed) {
        return new Http1Options(allowed, forwardProxy, discardBytes, discardTime, halfCloseTime, drainIdleTime);
    }

    public Http1Options withForwardProxy(boolean allowed) {
        return new Http1Options(underscores, allowed, discardBytes, discardTime, halfCloseTime, drainIdleTime);
    }
}
