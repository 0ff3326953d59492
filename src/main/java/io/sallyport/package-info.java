/// A gateway that stands at a mesh's edge: ingress, and egress by list.
///
/// Life of a request:
///
/// 1. [io.sallyport.listener.ConnectionSetup] accepts it on one of the event loops;
///    [io.sallyport.listener.ClientHelloRouter] chooses the filter chain by SNI, terminates TLS or starts a
///    [io.sallyport.tunnel.TcpTunnel].
/// 2. [io.sallyport.http.h1.Http1ServerConnection] or [io.sallyport.http.h2.Http2ServerConnection] parses it strictly:
///    what two readers could read in two ways is refused before anything looks at it.
/// 3. [io.sallyport.proxy.Exchange], in `serve`, takes the current [io.sallyport.snapshot.Snapshot] once and goes top
/// to bottom: who calls ([io.sallyport.proxy.ForwardedHeaders]), canonical host ([io.sallyport.net.HostName]) and
/// path ([io.sallyport.route.PathNormalizer]), virtual host ([io.sallyport.route.HostIndex]), route
/// ([io.sallyport.route.RouteIndex]), action.
/// 4. [io.sallyport.proxy.Forwarding] picks a cluster by weight; [io.sallyport.proxy.UpstreamRequest] rewrites the
/// head.
/// 5. [io.sallyport.upstream.UpstreamLoop] picks an endpoint and a connection of the same event loop.
/// 6. [io.sallyport.proxy.UpstreamAttempt] relays the response, with back-pressure both ways;
///    [io.sallyport.outcome.RequestObserver] is notified of its end, once.
///
/// Configuration goes its own way: [io.sallyport.config.ConfigurationLoader] reads YAML into records,
/// [io.sallyport.config.analysis.ConfigurationCheck] holds them against each other,
/// [io.sallyport.compile.SnapshotCompiler] translates them, [io.sallyport.reload.Reloader] swaps.
@NullMarked
package io.sallyport;

import org.jspecify.annotations.NullMarked;
