package io.sallyport.upstream;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ScheduledFuture;
import io.sallyport.cluster.Circuit;
import io.sallyport.cluster.Cluster;
import io.sallyport.cluster.ConnectFailure;
import io.sallyport.cluster.DescriptorLimit;
import io.sallyport.cluster.Endpoint;
import io.sallyport.identity.Credential;
import io.sallyport.identity.PeerIdentity;
import io.sallyport.identity.SpiffeId;
import io.sallyport.identity.TlsRejection;
import io.sallyport.net.AddressGuard;
import io.sallyport.net.AddressRefusal;
import io.sallyport.outcome.ProxyException;
import io.sallyport.tls.UpstreamTlsContext;
import io.sallyport.tls.UpstreamTlsSpec;
import java.net.SocketAddress;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/// One attempt at a connection to an endpoint: wait for its address, connect, shake hands; all within the cluster's
/// connect timeout. Belongs to one event loop.
final class Dial {
    /// Receives the result: exactly one call, unless the dial was cancelled before. A connected channel stays under the
    /// deadline until [Dial#settle()].
    interface Listener {
        /// @param alpn the protocol that TLS agreed on, or null
        void onConnected(Channel channel, @Nullable String alpn);

        /// Also after [#onConnected], where it was not settled in time; the channel is closed then.
        void onFailed(ProxyException failure);
    }

    private final UpstreamBootstrap bootstrap;
    private final Cluster cluster;
    private final Endpoint endpoint;
    private final String host;
    private final List<String> alpn;
    private final @Nullable ProxyHeader header;
    private final OwnTraffic.@Nullable Recorder recorder;
    private final boolean bytes;
    private final Listener listener;
    private @Nullable ScheduledFuture<?> deadline;
    private @Nullable Channel channel;
    private int failedAddresses;
    /// Counts among the connections that are being made.
    private boolean underWay;

    private boolean over;

    /// @param host that TLS names where the cluster's settings leave it open
    /// @param alpn the protocols to offer
    /// @param header to begin with, or null
    /// @param recorder of the socket, or null
    /// @param bytes as for [UpstreamBootstrap#connect]
    Dial(
            UpstreamBootstrap bootstrap,
            Cluster cluster,
            Endpoint endpoint,
            String host,
            List<String> alpn,
            @Nullable ProxyHeader header,
            OwnTraffic.@Nullable Recorder recorder,
            boolean bytes,
            Listener listener) {
        this.bootstrap = bootstrap;
        this.cluster = cluster;
        this.endpoint = endpoint;
        this.host = host;
        this.alpn = alpn;
        this.header = header;
        this.recorder = recorder;
        this.bytes = bytes;
        this.listener = listener;
    }

    void start() {
        long timeout = cluster.spec().connectTimeout().toMillis();
        deadline = bootstrap.loop().schedule(this::onDeadline, timeout, TimeUnit.MILLISECONDS);
        SocketAddress address = endpoint.nextAddress();
        CompletionStage<?> resolution = endpoint.resolution();
        if (address != null) {
            connect(address);
        } else if (resolution == null) {
            fail(ConnectFailure.noAddress(endpoint));
        } else {
            resolution.thenRun(() -> bootstrap.loop().execute(this::onResolved));
        }
    }

    /// The connection is in use: the deadline no longer counts.
    void settle() {
        over = true;
        if (underWay) {
            underWay = false;
            bootstrap.descriptors().giveBack(DescriptorLimit.Use.DIALS);
        }
        if (deadline != null) {
            deadline.cancel(false);
        }
    }

    /// Gives up; the listener is not called any more.
    void cancel() {
        settle();
        if (channel != null) {
            channel.close();
        }
    }

    private void onResolved() {
        if (over) {
            return;
        }
        SocketAddress address = endpoint.nextAddress();
        if (address == null) {
            fail(ConnectFailure.noAddress(endpoint));
        } else {
            connect(address);
        }
    }

    /// Every address is judged here, however it was found: no connection is made by another way.
    private void connect(SocketAddress address) {
        AddressGuard guard = cluster.spec().guard();
        String name = endpoint.spec().address();
        // One of the process's own ports is refused even where the configuration lists it.
        AddressRefusal refusal = endpoint.isListed() ? guard.judgeOwn(name, address) : guard.judge(name, address);
        if (refusal != null) {
            fail(refusal.denied());
            return;
        }
        if (cluster.lacksCredentials(endpoint.spec())) {
            fail(ConnectFailure.noCredentials());
            return;
        }
        // Not while the loop handles what epoll has reported: the new socket may have the number of one that was closed
        // in that round, and would be taken for it by what is reported of that one.
        bootstrap.loop().execute(() -> open(address));
    }

    private void open(SocketAddress address) {
        if (over) {
            return;
        }
        if (!claimDescriptor()) {
            fail(Circuit.overflow(DescriptorLimit.REACHED));
            return;
        }
        ChannelFuture connecting;
        Setup setup = new Setup();
        try {
            connecting = bootstrap.connect(address, cluster.spec(), bytes, setup);
        } catch (RuntimeException e) {
            bootstrap.descriptors().giveBack(DescriptorLimit.Use.ENDPOINTS);
            fail(ConnectFailure.of(ConnectFailure.FAILED, e));
            return;
        }
        Channel opened = connecting.channel();
        if (!opened.isRegistered() && connecting.cause() != null) {
            // There is no socket, for want of descriptors, and no channel that would belong to an event loop.
            bootstrap.descriptors().giveBack(DescriptorLimit.Use.ENDPOINTS);
            onSocketFailed(connecting.cause());
            return;
        }
        channel = opened;
        opened.closeFuture().addListener(_ -> bootstrap.descriptors().giveBack(DescriptorLimit.Use.ENDPOINTS));
        connecting.addListener((ChannelFuture done) -> onSocket(done, setup.tls));
    }

    private boolean claimDescriptor() {
        DescriptorLimit descriptors = bootstrap.descriptors();
        if (!underWay) {
            underWay = descriptors.take(DescriptorLimit.Use.DIALS);
        }
        return underWay
                && (descriptors.take(DescriptorLimit.Use.ENDPOINTS)
                        || bootstrap.yieldIdle() && descriptors.take(DescriptorLimit.Use.ENDPOINTS));
    }

    private void onSocket(ChannelFuture done, @Nullable SslHandler tls) {
        if (over) {
            done.channel().close();
        } else if (!done.isSuccess()) {
            onSocketFailed(done.cause());
        } else if (tls == null) {
            connected(done.channel(), null);
        } else {
            tls.handshakeFuture().addListener((Future<Channel> shaken) -> onHandshake(shaken, tls));
        }
    }

    /// A name's other addresses may be reachable: each is tried once, as far as the time goes.
    private void onSocketFailed(Throwable cause) {
        SocketAddress other = ++failedAddresses < endpoint.addressCount() ? endpoint.nextAddress() : null;
        if (other == null) {
            fail(ConnectFailure.ofSocket(cause));
        } else {
            connect(other);
        }
    }

    private void onHandshake(Future<Channel> done, SslHandler tls) {
        if (over) {
            return;
        }
        if (done.isSuccess() && !showsIdentity(tls.engine().getSession())) {
            cluster.counters.tlsFailures.increment();
            fail(ConnectFailure.of(TlsRejection.WRONG_IDENTITY.upstreamDetails(), null));
        } else if (done.isSuccess()) {
            identify(done.getNow(), tls.engine().getSession());
            connected(done.getNow(), tls.applicationProtocol());
        } else {
            cluster.counters.tlsFailures.increment();
            fail(ConnectFailure.ofHandshake(done.cause()));
        }
    }

    /// Whether an endpoint has the service account that it is known to run as (Istio: "secure naming"). Checked where
    /// the mesh's own TLS is spoken and the configuration expects no other name.
    private boolean showsIdentity(SSLSession session) {
        UpstreamTlsSpec tls = cluster.spec().tlsTo(endpoint.spec());
        String account = endpoint.spec().serviceAccount();
        if (account == null
                || tls == null
                || tls.mode() != UpstreamTlsSpec.Mode.ISTIO_MUTUAL
                || tls.insecureSkipVerify()
                || !tls.subjectAltNames().isEmpty()) {
            return true;
        }
        PeerIdentity peer = PeerIdentity.of(session);
        SpiffeId id = peer == null ? null : peer.spiffe();
        return id != null && id.runsAs(account);
    }

    private void identify(Channel ready, SSLSession session) {
        UpstreamTlsSpec tls = cluster.spec().tlsTo(endpoint.spec());
        if (tls != null && !tls.insecureSkipVerify()) {
            Credential own = tls.client();
            endpoint.identified(
                    ready, id(PeerIdentity.of(session)), own == null ? null : id(PeerIdentity.of(own.leaf())));
        }
    }

    private static @Nullable String id(@Nullable PeerIdentity identity) {
        return identity == null || identity.spiffe() == null
                ? null
                : identity.spiffe().toString();
    }

    private void connected(Channel ready, @Nullable String agreed) {
        ready.pipeline().remove(PendingErrors.NAME);
        listener.onConnected(ready, agreed);
    }

    private void onDeadline() {
        if (!over) {
            cluster.counters.connectTimeouts.increment();
            fail(ConnectFailure.of(ConnectFailure.TIMEOUT, null));
        }
    }

    /// The connection is of no use after all; does nothing once it is settled.
    void reject(ProxyException failure) {
        if (!over) {
            fail(failure);
        }
    }

    private void fail(ProxyException failure) {
        settle();
        listener.onFailed(failure);
        if (channel != null) {
            channel.close();
        }
    }

    /// Until the connection has an owner, its errors are the dial's, which gets them by its futures. Unhandled, each
    /// would be a stack trace in the log, with bytes of the peer.
    @Sharable
    private static final class PendingErrors extends ChannelInboundHandlerAdapter {
        static final String NAME = "pending";
        static final PendingErrors INSTANCE = new PendingErrors();

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }

    /// Puts what begins the connection in place, before the channel connects.
    private final class Setup extends ChannelInitializer<Channel> {
        @Nullable
        SslHandler tls;

        @Override
        protected void initChannel(Channel opened) {
            if (recorder != null) {
                opened.pipeline().addLast(recorder);
            }
            if (header != null) {
                header.addTo(opened.pipeline());
            }
            UpstreamTlsContext context = cluster.tls(endpoint.spec());
            if (context != null) {
                String name = cluster.spec().serverNameTo(endpoint.spec(), host);
                tls = context.newHandler(opened.alloc(), name, endpoint.spec().port(), alpn);
                // The dial's own deadline counts.
                tls.setHandshakeTimeoutMillis(0);
                opened.pipeline().addLast(tls);
            }
            opened.pipeline().addLast(PendingErrors.NAME, PendingErrors.INSTANCE);
        }
    }
}
