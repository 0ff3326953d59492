package io.sallyport.listener;

import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.sallyport.snapshot.FilterChain;
import io.sallyport.snapshot.ListenerSnapshot;

/// Gives a new connection its handlers, by the snapshot that is current when it comes in.
final class ConnectionSetup {
    private final ListenerSettings settings;
    private final HandshakeObserver handshakes;

    ConnectionSetup(ListenerSettings settings, HandshakeObserver handshakes) {
        this.settings = settings;
        this.handshakes = handshakes;
    }

    ChannelInitializer<Channel> initializer(BoundListener listener, DownstreamLoop loop) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                accept(listener, loop, channel);
            }
        };
    }

    private void accept(BoundListener listener, DownstreamLoop loop, Channel channel) {
        if (loop.http().isRepeated(channel.remoteAddress(), listener.address())) {
            channel.close();
            return;
        }
        OpenConnection connection = new OpenConnection(channel);
        if (!listener.admit(connection, loop.http(), settings.connectionsPerListener())) {
            channel.close();
            return;
        }
        Downstream downstream = new Downstream(connection, listener.address(), loop, settings);
        ProxyProtocolSettings proxies = settings.proxyProtocol();
        if (proxies.enabled() && proxies.allows(channel.remoteAddress())) {
            channel.pipeline().addLast(new ProxyProtocol(settings.limits().headTimeout(), client -> {
                downstream.remoteIs(client);
                begin(downstream);
            }));
        } else {
            begin(downstream);
        }
    }

    /// The client's address is known: the first bytes that follow are its own.
    void begin(Downstream downstream) {
        ListenerSnapshot listener = downstream.listener();
        if (listener == null) {
            downstream.channel().close();
        } else if (listener.isMesh()) {
            MeshConnections.install(downstream, listener, handshakes);
        } else if (listener.tls()) {
            downstream.channel().pipeline().addLast(TlsConnections.router(downstream, handshakes));
        } else {
            FilterChain chain = listener.plain();
            if (chain == null) {
                downstream.channel().close();
            } else {
                PlainConnections.install(downstream, chain, listener.port());
            }
        }
    }
}
