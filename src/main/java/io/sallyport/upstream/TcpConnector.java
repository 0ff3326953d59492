package io.sallyport.upstream;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import io.sallyport.cluster.Circuit;
import io.sallyport.cluster.Cluster;
import io.sallyport.cluster.ConnectionLimit;
import io.sallyport.cluster.DescriptorLimit;
import io.sallyport.cluster.Endpoint;
import io.sallyport.cluster.TunnelSpec;
import io.sallyport.cluster.balance.RequestContext;
import io.sallyport.http.h1.ChannelClosing;
import io.sallyport.http.h1.ProxyTunnel;
import io.sallyport.outcome.ProxyException;
import io.sallyport.outcome.ResponseFlag;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Opens connections that relay bytes: TCP and TLS routes. One for each event loop, used there.
public final class TcpConnector {
    /// Of a connection that has lasted long enough.
    private static final Duration LAST_FLUSH = Duration.ofSeconds(1);

    private final UpstreamBootstrap bootstrap;
    private final OwnTraffic own;

    /// @param own of the process
    public TcpConnector(EventLoop loop, OwnTraffic own) {
        bootstrap = new UpstreamBootstrap(loop);
        this.own = own;
    }

    /// Recognizes the process's own connections.
    public OwnTraffic own() {
        return own;
    }

    /// Exactly one of its methods is called, unless the attempt is cancelled before.
    public interface Callback {
        /// A connected channel, its TLS handshake done if the cluster speaks TLS, its tunnel open if it has one. It
        /// does not read by itself yet, and each direction can be shut down alone; first ask
        /// [ProxyTunnel#endOutput]. [Endpoint#released] or [Endpoint#failed] must be called when it has ended.
        void onConnected(Channel channel, Endpoint endpoint);

        /// @param endpoint the one that failed, to be excluded from a retry; null where none was found
        void onFailure(ProxyException failure, @Nullable Endpoint endpoint);
    }

    /// A connection being made.
    public final class Attempt implements Dial.Listener, ProxyTunnel.Listener {
        private final Endpoint endpoint;
        private final Cluster cluster;
        private final Callback callback;
        private final Dial dial;
        private @Nullable Channel channel;
        private boolean over;

        private Attempt(
                Cluster cluster,
                Endpoint endpoint,
                RequestContext context,
                OwnTraffic.@Nullable Trace trace,
                Callback callback) {
            this.endpoint = endpoint;
            this.cluster = cluster;
            this.callback = callback;
            OwnTraffic.Recorder recorder = trace == null ? null : new OwnTraffic.Recorder(own, trace);
            ProxyHeader header = ProxyHeader.of(cluster.spec(), context);
            dial = new Dial(bootstrap, cluster, endpoint, context.sentHost(), List.of(), header, recorder, true, this);
        }

        /// Gives up, if it is not over; the callback is not called any more.
        public void cancel() {
            if (!over) {
                over = true;
                dial.cancel();
                giveBack();
                endpoint.notSent();
            }
        }

        @Override
        public void onConnected(Channel ready, @Nullable String alpn) {
            channel = ready;
            TunnelSpec tunnel = cluster.spec().tunnel();
            if (tunnel == null) {
                onOpen();
                return;
            }
            ready.pipeline()
                    .addLast(
                            switch (tunnel.method()) {
                                case CONNECT -> ProxyTunnel.connect(tunnel.target(), this);
                                case POST -> ProxyTunnel.post(tunnel.target(), this);
                            });
        }

        /// Connected, and through the tunnel if there is one.
        @Override
        public void onOpen() {
            Channel open = Objects.requireNonNull(channel);
            over = true;
            dial.settle();
            cluster.counters.connections.increment();
            endpoint.relayStarted();
            // Not before: an endpoint that ends its side within a handshake has nothing more to say.
            open.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
            live(open);
            callback.onConnected(open, endpoint);
        }

        /// Gives back what the connection holds at its end, and closes it when it has lasted long enough.
        private void live(Channel open) {
            long longest = cluster.spec().resilience().connections().longest().toNanos();
            ScheduledFuture<?> end = longest == 0
                    ? null
                    : open.eventLoop()
                            .schedule(
                                    () -> ChannelClosing.afterWrites(open, LAST_FLUSH), longest, TimeUnit.NANOSECONDS);
            open.closeFuture().addListener(_ -> {
                giveBack();
                if (end != null) {
                    end.cancel(false);
                }
            });
        }

        private void giveBack() {
            cluster.circuit().connections.giveBack();
            bootstrap.descriptors().giveBack(DescriptorLimit.Use.TUNNELS);
        }

        @Override
        public void onRefused(String details, boolean decided) {
            dial.reject(ProxyException.upstream(ResponseFlag.UF, details, !decided));
        }

        @Override
        public void onFailed(ProxyException failure) {
            over = true;
            cluster.counters.connectFailures.increment();
            giveBack();
            endpoint.connectFailed(failure.flag());
            callback.onFailure(failure, endpoint);
        }
    }

    /// Chooses an endpoint and connects to it. The callback may be called before this returns.
    ///
    /// @param trace of the connection whose bytes are to be relayed; null where they are the process's own
    /// @return null where it is over already, for want of an endpoint
    public @Nullable Attempt connect(
            Cluster cluster, RequestContext context, OwnTraffic.@Nullable Trace trace, Callback callback) {
        ConnectionLimit connections = cluster.circuit().connections;
        if (!connections.take()) {
            callback.onFailure(Circuit.overflow(Circuit.CONNECTIONS), null);
            return null;
        }
        if (!bootstrap.descriptors().take(DescriptorLimit.Use.TUNNELS)) {
            connections.giveBack();
            callback.onFailure(Circuit.overflow(DescriptorLimit.REACHED), null);
            return null;
        }
        Endpoint endpoint = cluster.pick(context);
        if (endpoint == null) {
            connections.giveBack();
            bootstrap.descriptors().giveBack(DescriptorLimit.Use.TUNNELS);
            callback.onFailure(cluster.noEndpoint(context), null);
            return null;
        }
        Attempt attempt = new Attempt(cluster, endpoint, context, trace, callback);
        attempt.dial.start();
        return attempt;
    }
}
