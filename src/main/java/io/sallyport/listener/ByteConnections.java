package io.sallyport.listener;

import io.netty.channel.Channel;
import io.sallyport.outcome.ProxyException;
import io.sallyport.outcome.ResponseFlag;
import io.sallyport.snapshot.FilterChain;
import io.sallyport.tls.ClientHello;
import io.sallyport.tunnel.L4Proxy;
import io.sallyport.tunnel.TcpTunnel;
import io.sallyport.tunnel.TunnelConnector;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Handlers of connections whose bytes are forwarded as they are.
final class ByteConnections {
    private ByteConnections() {}

    /// @param principal the client's verified identity, where TLS was terminated
    static void install(
            Downstream downstream, FilterChain chain, int port, @Nullable String sni, @Nullable String principal) {
        install(
                downstream,
                chain,
                new L4Proxy.Downstream(
                        downstream.channel().remoteAddress(),
                        downstream.remote(),
                        downstream.channel().localAddress(),
                        port,
                        sni,
                        principal,
                        false));
    }

    /// A connection whose TLS goes on as it is.
    static void passthrough(Downstream downstream, FilterChain chain, int port, ClientHello hello) {
        install(
                downstream,
                chain,
                new L4Proxy.Downstream(
                        downstream.channel().remoteAddress(),
                        downstream.remote(),
                        downstream.channel().localAddress(),
                        port,
                        hello.serverName(),
                        null,
                        hello.encrypted()));
    }

    private static void install(Downstream downstream, FilterChain chain, L4Proxy.Downstream known) {
        // Nothing says where bytes may be cut: a tunnel ends by itself, or when the grace is over.
        downstream.connection().assigned(chain.name(), () -> {});
        TcpTunnel.start(
                downstream.channel(),
                tunnel -> downstream.loop().bytes().connect(downstream.bind(), chain.name(), known, new Relay(tunnel)),
                downstream.settings().tunnelIdleTimeout());
    }

    private record Relay(TunnelConnector.Callback tunnel) implements L4Proxy.Callback {
        @Override
        public void onConnected(Channel upstream, L4Proxy.Session session) {
            tunnel.onConnected(upstream, new TunnelConnector.Completion() {
                @Override
                public @Nullable Duration idleTimeout() {
                    return session.idleTimeout();
                }

                @Override
                public void end(long received, long sent, @Nullable ResponseFlag flag, String details) {
                    session.end(received, sent, flag, details);
                }
            });
            session.onRevoked(tunnel::onRevoked);
        }

        @Override
        public void onRefused(ProxyException reason) {
            tunnel.onRefused(reason);
        }
    }
}
