package io.sallyport.cluster.balance;

import io.sallyport.cluster.Endpoint;
import io.sallyport.http.HttpVersion;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/// What choosing an endpoint and a connection needs to know of a request. The proxy's own object of the request is one,
/// so that nothing is made for it. Called on the request's event loop.
public interface RequestContext {
    /// The host that the request names, in lower case and without port; an IPv6 literal without brackets. For TCP the
    /// cluster's host.
    String host();

    /// The host that the upstream request names, in the form of [#host()]: another one where the route rewrites the
    /// authority. TLS sends and verifies this name where the cluster's settings leave it open. Empty where the
    /// rewritten authority holds no host that a certificate could name.
    default String sentHost() {
        return host();
    }

    /// The port that the client asked for, 1 to 65535.
    int port();

    HttpVersion downstreamVersion();

    /// True for endpoints that this request has tried: they are avoided while there is another.
    boolean excludes(Endpoint endpoint);

    /// True for a request to switch protocols (WebSocket). Over HTTP/2 it takes an endpoint that has announced the
    /// extended CONNECT (RFC 8441), so where the endpoint may choose, HTTP/1.1 is offered first.
    boolean switchesProtocol();

    /// True for a gRPC request, which only HTTP/2 can carry; decides for
    /// [io.sallyport.cluster.UpstreamProtocol#GRPC_AWARE].
    boolean isGrpc();

    /// True where HTTP/2 is spoken whatever protocol the cluster has: gRPC calls of the gateway's own.
    default boolean needsHttp2() {
        return false;
    }

    /// What the request has of that kind, each character a byte; null where it has nothing, and goes anywhere. The same
    /// for every attempt at it.
    default @Nullable CharSequence hashKey(HashKey key) {
        return null;
    }

    /// The client's own address, and the one that it connected to, for endpoints that a PROXY protocol header tells
    /// both; null where the gateway asks by itself.
    default @Nullable SocketAddress clientAddress() {
        return null;
    }

    /// See [#clientAddress].
    default @Nullable SocketAddress clientDestination() {
        return null;
    }

    /// True where a priority of which this request excludes every endpoint is left for another, however healthy it is
    /// (Istio: `HTTPRetry.retryRemoteLocalities`).
    default boolean leavesTriedPriorities() {
        return false;
    }
}
