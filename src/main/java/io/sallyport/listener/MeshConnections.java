package io.sallyport.listener;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelPipeline;
import io.sallyport.http.tls.ClientHello;
import io.sallyport.identity.DownstreamTlsContext;
import io.sallyport.snapshot.FilterChain;
import io.sallyport.snapshot.ListenerSnapshot;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Handlers of connections to the mesh listener. A client that has it as its proxy sends requests, in plain text or
/// within TLS for the proxy itself; one that the network sends here speaks TLS to the host that it wants.
final class MeshConnections {
    private MeshConnections() {}

    static void install(Downstream downstream, ListenerSnapshot listener, HandshakeObserver handshakes) {
        Duration timeout = downstream.settings().limits().headTimeout();
        FilterChain plain = listener.plain();
        ChannelPipeline pipeline = downstream.channel().pipeline();
        pipeline.addLast(new FirstByteDetector(
                timeout,
                () -> router(downstream, handshakes),
                () -> plain == null ? null : PlainConnections.detector(downstream, plain, listener.port())));
    }

    private static ChannelHandler router(Downstream downstream, HandshakeObserver handshakes) {
        return new ClientHelloRouter(
                hello -> target(downstream, hello), downstream.settings().tlsHandshakeTimeout(), handshakes);
    }

    private static @Nullable FilterChainTarget target(Downstream downstream, ClientHello hello) {
        ListenerSnapshot listener = downstream.listener();
        if (listener == null) {
            return null;
        }
        FilterChain own = listener.ownChainFor(hello.serverName());
        FilterChain plain = listener.plain();
        int port = listener.port();
        if (own != null) {
            DownstreamTlsContext context = own.context();
            return context == null
                    ? null
                    : new FilterChainTarget.Terminate(
                            context, (_, tls) -> TlsConnections.secured(downstream, own, port, tls));
        }
        return plain == null
                ? null
                : new FilterChainTarget.Passthrough(_ -> ByteConnections.passthrough(downstream, plain, port, hello));
    }
}
