package io.sallyport.listener;

import io.netty.channel.ChannelHandler;
import io.sallyport.identity.DownstreamTlsContext;
import io.sallyport.snapshot.FilterChain;
import io.sallyport.snapshot.ListenerSnapshot;
import org.jspecify.annotations.Nullable;

/// Handlers of connections to a TLS port: the ClientHello's server name chooses the filter chain, and that whether TLS
/// ends here or goes on.
final class TlsConnections {
    private TlsConnections() {}

    static ChannelHandler router(Downstream downstream, ListenerSnapshot listener) {
        return new ClientHelloRouter(
                hello -> target(downstream, listener, hello),
                downstream.settings().tlsHandshakeTimeout(),
                HandshakeObserver.NONE);
    }

    private static @Nullable FilterChainTarget target(
            Downstream downstream, ListenerSnapshot listener, ClientHello hello) {
        FilterChain chain = listener.chainFor(hello.serverName());
        if (chain == null) {
            return null;
        }
        if (chain.tls() == FilterChain.Tls.PASSTHROUGH) {
            return new FilterChainTarget.Passthrough(_ ->
                    ByteConnections.install(downstream, chain, listener.port(), hello.serverName(), null));
        }
        DownstreamTlsContext context = chain.context();
        return context == null
                ? null
                : new FilterChainTarget.Terminate(
                        context,
                        (_, tls) -> PlainConnections.installTerminated(downstream, chain, listener.port(), tls));
    }
}
