package io.sallyport.listener;

import io.netty.channel.ChannelHandler;
import io.sallyport.http.ConnectionInfo;
import io.sallyport.snapshot.FilterChain;
import io.sallyport.snapshot.ListenerSnapshot;
import io.sallyport.tls.ClientHello;
import io.sallyport.tls.DownstreamTlsContext;
import org.jspecify.annotations.Nullable;

/// Handlers of connections that begin with TLS: the ClientHello's server name chooses the filter chain, and that
/// whether TLS ends here or goes on.
final class TlsConnections {
    private TlsConnections() {}

    static ChannelHandler router(Downstream downstream, HandshakeObserver handshakes) {
        return new ClientHelloRouter(
                hello -> target(downstream, hello), downstream.settings().tlsHandshakeTimeout(), handshakes);
    }

    private static @Nullable FilterChainTarget target(Downstream downstream, ClientHello hello) {
        ListenerSnapshot listener = downstream.listener();
        if (listener == null) {
            return null;
        }
        FilterChain chain = listener.chainFor(hello.serverName());
        if (chain == null) {
            return null;
        }
        int port = listener.port();
        if (chain.tls() != FilterChain.Tls.TERMINATE) {
            return new FilterChainTarget.Passthrough(_ -> ByteConnections.passthrough(downstream, chain, port, hello));
        }
        DownstreamTlsContext context = chain.context();
        return context == null
                ? null
                : new FilterChainTarget.Terminate(context, (_, tls) -> secured(downstream, chain, port, tls));
    }

    /// A generation that came during the handshake may ask more of clients than the one it began under.
    private static void secured(Downstream downstream, FilterChain chain, int port, ConnectionInfo.Tls tls) {
        ListenerSnapshot listener = downstream.listener();
        FilterChain now = listener == null ? null : listener.chains().get(chain.name());
        if (now != null && chain.admitsLike(now)) {
            PlainConnections.installTerminated(downstream, now, port, tls);
        } else {
            downstream.channel().close();
        }
    }
}
