package io.sallyport.listener;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelPipeline;
import io.sallyport.http.ConnectionInfo;
import io.sallyport.http.h1.Http1Options;
import io.sallyport.http.h1.Http1ServerConnection;
import io.sallyport.http.h2.Http2Options;
import io.sallyport.http.h2.Http2ServerConnection;
import io.sallyport.http.h2.PrefaceDetector;
import io.sallyport.proxy.HttpService;
import io.sallyport.snapshot.BindAddress;
import io.sallyport.snapshot.FilterChain;
import io.sallyport.snapshot.ListenerSnapshot;
import io.sallyport.tls.ClientHello;
import io.sallyport.tls.DownstreamTlsContext;
import io.sallyport.tls.MeshAlpn;
import io.sallyport.tunnel.TcpTunnel;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// Gives one downstream connection its handlers: by the listener of the snapshot that is current when it comes in, then
/// by its first byte, its ClientHello, or the protocol that TLS agreed on.
final class ConnectionSetup {
    private static final AtomicLong IDS = new AtomicLong();
    /// The time for the first request of a connection that opens while the gateway drains.
    private static final Duration FIRST_REQUEST = Duration.ofSeconds(1);

    private static final Duration DRAIN_IDLE_TIME = Http1Options.DEFAULT.drainIdleTime();

    private final OpenConnection connection;
    private final Channel channel;
    private final BindAddress bind;
    private final DownstreamLoop loop;
    private final ListenerSettings settings;
    private final HandshakeObserver handshakes;
    private SocketAddress remote;
    private SocketAddress local;

    private ConnectionSetup(
            OpenConnection connection,
            BindAddress bind,
            DownstreamLoop loop,
            ListenerSettings settings,
            HandshakeObserver handshakes) {
        this.connection = connection;
        this.channel = connection.channel();
        this.bind = bind;
        this.loop = loop;
        this.settings = settings;
        this.handshakes = handshakes;
        this.remote = channel.remoteAddress();
        this.local = channel.localAddress();
    }

    /// Takes a new connection, or closes it: one of the gateway's own that comes in again, or one too many.
    static void accept(
            BoundListener listener,
            DownstreamLoop loop,
            Channel channel,
            ListenerSettings settings,
            HandshakeObserver handshakes) {
        OpenConnection connection = new OpenConnection(channel);
        if (loop.tunnels().isRepeated(channel.remoteAddress(), listener.address())
                || !listener.admit(connection, loop.http(), settings.connectionsPerListener())) {
            channel.close();
            return;
        }
        ConnectionSetup setup = new ConnectionSetup(connection, listener.address(), loop, settings, handshakes);
        ProxyProtocolSettings proxies = settings.proxyProtocol();
        if (proxies.enabled() && proxies.allows(channel.remoteAddress())) {
            channel.pipeline().addLast(new ProxyProtocol(settings.limits().headTimeout(), (client, destination) -> {
                setup.remote = client;
                setup.local = destination;
                setup.begin();
            }));
        } else {
            setup.begin();
        }
    }

    /// The client's address is known: the first bytes that follow are its own.
    private void begin() {
        ListenerSnapshot listener = listener();
        FilterChain plain = listener == null ? null : listener.plain();
        if (listener != null && listener.isMesh()) {
            // A client that has the listener as its proxy sends requests, in plain text or within TLS for the proxy
            // itself; one that the network sends here speaks TLS to the host that it wants.
            channel.pipeline()
                    .addLast(new FirstByteDetector(
                            settings.limits().headTimeout(),
                            this::helloRouter,
                            () -> plain == null ? null : prefaceDetector(plain, listener.port())));
        } else if (listener != null && listener.tls()) {
            channel.pipeline().addLast(helloRouter());
        } else if (listener != null && plain != null) {
            plainText(plain, listener.port());
        } else {
            channel.close();
        }
    }

    /// The port in the snapshot that is current now, or null where it is gone.
    private @Nullable ListenerSnapshot listener() {
        return loop.http().snapshots().current().listeners().get(bind);
    }

    private void plainText(FilterChain chain, int port) {
        switch (chain.application()) {
            case FilterChain.Http _, FilterChain.Mesh _ -> {
                PrefaceDetector detector = prefaceDetector(chain, port);
                channel.pipeline().addLast(detector);
                connection.assigned(chain.name(), () -> detector.drain(DRAIN_IDLE_TIME));
            }
            case FilterChain.Tcp _, FilterChain.SniCluster _ -> relay(chain, port, null, null, false);
        }
    }

    /// Tells HTTP/2 with prior knowledge from HTTP/1.1.
    private PrefaceDetector prefaceDetector(FilterChain chain, int port) {
        ConnectionInfo info = info(null);
        return new PrefaceDetector(
                settings.limits().headTimeout(),
                left -> http1(chain, port, info).awaitingFirstHead(left),
                () -> http2(chain, port, info));
    }

    // TLS: the ClientHello's server name chooses the filter chain, and that whether TLS ends here or goes on.

    private ChannelHandler helloRouter() {
        return new ClientHelloRouter(this::target, settings.tlsHandshakeTimeout(), handshakes);
    }

    private @Nullable FilterChainTarget target(ClientHello hello) {
        ListenerSnapshot listener = listener();
        FilterChain chain =
                listener == null ? null : listener.chainFor(hello.serverName(), MeshAlpn.isOffered(hello.protocols()));
        if (listener == null || chain == null) {
            return null;
        }
        int port = listener.port();
        if (chain.tls() != FilterChain.Tls.TERMINATE) {
            return new FilterChainTarget.Passthrough(
                    _ -> relay(chain, port, hello.serverName(), null, hello.encrypted()));
        }
        DownstreamTlsContext context = chain.context();
        return context == null
                ? null
                : new FilterChainTarget.Terminate(context, (_, tls) -> onSecured(chain, port, tls));
    }

    /// A generation that came during the handshake may demand more of clients than the one it began under.
    private void onSecured(FilterChain chain, int port, ConnectionInfo.Tls tls) {
        ListenerSnapshot listener = listener();
        FilterChain now = listener == null ? null : listener.chains().get(chain.name());
        if (now != null && chain.admitsLike(now) && now.stillTrusts(chain.context(), tls.peerChain())) {
            connection.admitted(now.context(), tls.peerChain());
            terminated(now, port, tls);
        } else {
            channel.close();
        }
    }

    private void terminated(FilterChain chain, int port, ConnectionInfo.Tls tls) {
        switch (chain.application()) {
            case FilterChain.Http _, FilterChain.Mesh _ -> {
                ConnectionInfo info = info(tls);
                ChannelPipeline pipeline = channel.pipeline();
                if ("h2".equals(tls.alpn())) {
                    pipeline.addLast(http2(chain, port, info));
                } else {
                    pipeline.addLast(http1(chain, port, info));
                }
            }
            case FilterChain.Tcp _, FilterChain.SniCluster _ -> relay(chain, port, tls.sni(), tls, false);
        }
    }

    // What reads the connection in the end.

    /// Bytes that are forwarded as they are.
    private void relay(
            FilterChain chain,
            int port,
            @Nullable String sni,
            ConnectionInfo.@Nullable Tls tls,
            boolean encryptedHello) {
        // Nothing says where bytes may be cut: a tunnel ends by itself, or when the grace is over.
        connection.assigned(chain.name(), () -> {});
        TcpTunnel.Client client = new TcpTunnel.Client(
                remote,
                local,
                port,
                sni,
                tls == null ? null : tls.peerIdentity(),
                tls == null ? null : tls.peerCertificate(),
                tls != null,
                encryptedHello);
        TcpTunnel.start(loop.tunnels(), channel, client, bind, chain.name());
    }

    private Http1ServerConnection http1(FilterChain chain, int port, ConnectionInfo info) {
        boolean mesh = chain.application() instanceof FilterChain.Mesh;
        Http1Options options = Http1Options.DEFAULT
                .withUnderscores(mesh || !settings.rejectUnderscores())
                .withForwardProxy(mesh);
        Http1ServerConnection http =
                new Http1ServerConnection(service(chain, port, info), info, settings.limits(), options);
        connection.assigned(chain.name(), http::drain, http::resume, Duration.ZERO);
        return http;
    }

    private Http2ServerConnection http2(FilterChain chain, int port, ConnectionInfo info) {
        boolean mesh = chain.application() instanceof FilterChain.Mesh;
        Http2Options options = Http2Options.DEFAULT
                .withUnderscores(mesh || !settings.rejectUnderscores())
                .withForwardProxy(mesh);
        Http2ServerConnection http =
                Http2ServerConnection.create(service(chain, port, info), info, settings.limits(), options);
        // Many clients send no request before they have seen the gateway's settings, and none after a GOAWAY.
        connection.assigned(chain.name(), http::drain, () -> {}, FIRST_REQUEST);
        return http;
    }

    private HttpService service(FilterChain chain, int port, ConnectionInfo info) {
        return new HttpService(loop.http(), info, bind, chain, port);
    }

    private ConnectionInfo info(ConnectionInfo.@Nullable Tls tls) {
        return new ConnectionInfo(IDS.incrementAndGet(), channel.remoteAddress(), remote, local, tls);
    }
}
