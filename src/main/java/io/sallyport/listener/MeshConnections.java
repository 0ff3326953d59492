package io.sallyport.listener;

import io.netty.channel.ChannelPipeline;
import io.sallyport.snapshot.FilterChain;
import io.sallyport.snapshot.ListenerSnapshot;
import java.time.Duration;

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
                () -> TlsConnections.router(downstream, handshakes),
                () -> plain == null ? null : PlainConnections.detector(downstream, plain, listener.port())));
    }
}
