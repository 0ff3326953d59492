package io.sallyport.listener;

import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.sallyport.http.ConnectionInfo;
import io.sallyport.http.h1.Http1Options;
import io.sallyport.http.h1.Http1ServerConnection;
import io.sallyport.http.h2.Http2Options;
import io.sallyport.http.h2.Http2ServerConnection;
import io.sallyport.http.h2.PrefaceDetector;
import io.sallyport.proxy.HttpService;
import io.sallyport.snapshot.FilterChain;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Handlers of connections whose bytes can be read: plain text, or TLS that has been terminated.
final class PlainConnections {
    /// The time for the first request of a connection that opens while the gateway drains.
    private static final Duration FIRST_REQUEST = Duration.ofSeconds(1);

    private static final Duration DRAIN_IDLE_TIME = Http1Options.DEFAULT.drainIdleTime();

    private PlainConnections() {}

    /// For a connection without TLS.
    static void install(Downstream downstream, FilterChain chain, int port) {
        switch (chain.application()) {
            case FilterChain.Http _, FilterChain.Mesh _ -> {
                PrefaceDetector detector = detector(downstream, chain, port);
                downstream.channel().pipeline().addLast(detector);
                downstream.connection().assigned(chain.name(), () -> detector.drain(DRAIN_IDLE_TIME));
            }
            case FilterChain.Tcp _, FilterChain.SniCluster _ ->
                ByteConnections.install(downstream, chain, port, null, null);
        }
    }

    /// Tells HTTP/2 with prior knowledge from HTTP/1.1.
    static PrefaceDetector detector(Downstream downstream, FilterChain chain, int port) {
        ConnectionInfo info = downstream.info(null);
        return new PrefaceDetector(
                downstream.settings().limits().headTimeout(),
                left -> http1(downstream, chain, port, info).awaitingFirstHead(left),
                () -> http2(downstream, chain, port, info));
    }

    /// For a connection whose TLS handshake is done.
    static void installTerminated(Downstream downstream, FilterChain chain, int port, ConnectionInfo.Tls tls) {
        boolean isBytes =
                switch (chain.application()) {
                    case FilterChain.Http _, FilterChain.Mesh _ -> false;
                    case FilterChain.Tcp _, FilterChain.SniCluster _ -> true;
                };
        if (isBytes) {
            ByteConnections.install(downstream, chain, port, tls.sni(), tls.peerIdentity());
            return;
        }
        ConnectionInfo info = downstream.info(tls);
        ChannelPipeline pipeline = downstream.channel().pipeline();
        if ("h2".equals(tls.alpn())) {
            pipeline.addLast(http2(downstream, chain, port, info));
        } else {
            pipeline.addLast(http1(downstream, chain, port, info));
        }
    }

    private static Http1ServerConnection http1(
            Downstream downstream, FilterChain chain, int port, ConnectionInfo info) {
        ListenerSettings settings = downstream.settings();
        boolean mesh = chain.application() instanceof FilterChain.Mesh;
        Http1Options options = Http1Options.DEFAULT
                .withUnderscores(mesh || !settings.rejectUnderscores())
                .withForwardProxy(mesh);
        Http1ServerConnection connection =
                new Http1ServerConnection(receiver(downstream, chain, port, info), info, settings.limits(), options);
        downstream.connection().assigned(chain.name(), connection::drain);
        return connection;
    }

    private static Http2ServerConnection http2(
            Downstream downstream, FilterChain chain, int port, ConnectionInfo info) {
        boolean mesh = chain.application() instanceof FilterChain.Mesh;
        Http2ServerConnection connection = Http2ServerConnection.create(
                receiver(downstream, chain, port, info),
                info,
                downstream.settings().limits(),
                Http2Options.DEFAULT
                        .withUnderscores(mesh || !downstream.settings().rejectUnderscores())
                        .withForwardProxy(mesh));
        // Many clients send no request before they have seen the gateway's settings, and none after a GOAWAY.
        downstream.connection().assigned(chain.name(), connection::drain, FIRST_REQUEST);
        // A client that sends no more cannot acknowledge either: HTTP/2 has no half-closed connections, and one that is
        // kept open for its other half would stay until the idle time-out.
        downstream.channel().config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, false);
        return connection;
    }

    private static HttpService receiver(
            Downstream downstream, FilterChain chain, int port, @Nullable ConnectionInfo info) {
        ConnectionInfo known = info == null ? downstream.info(null) : info;
        return new HttpService(downstream.loop().http(), known, downstream.bind(), chain, port);
    }
}
