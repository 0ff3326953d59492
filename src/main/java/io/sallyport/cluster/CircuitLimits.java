package io.sallyport.cluster;

/// How much a cluster may be burdened at once, over all event loops (`ConnectionPoolSettings`). What goes beyond is
/// answered 503 UO.
///
/// @param connections open or being made: `TCPSettings.maxConnections`. Requests over HTTP/1.1 wait for one; a relayed
///     TCP connection is refused. Over HTTP/2 each event loop may have one for each endpoint whatever the limit
///     says, for a connection that is never idle would keep the other loops from any (as Envoy does for every pool)
/// @param pendingRequests that wait for a connection: `HTTPSettings.http1MaxPendingRequests`
/// @param requests that have a connection: `HTTPSettings.http2MaxRequests`; for HTTP/1.1, too
public record CircuitLimits(int connections, int pendingRequests, int requests) {
    /// Istio's default is 2^32-1.
    public static final int UNLIMITED = Integer.MAX_VALUE;

    public static final CircuitLimits NONE = new CircuitLimits(UNLIMITED, UNLIMITED, UNLIMITED);
}
