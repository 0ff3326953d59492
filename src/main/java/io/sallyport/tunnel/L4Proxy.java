package io.sallyport.tunnel;

import io.netty.channel.Channel;
import io.netty.util.NetUtil;
import io.sallyport.cluster.Cluster;
import io.sallyport.cluster.Discovery;
import io.sallyport.cluster.Endpoint;
import io.sallyport.egress.EgressPermit;
import io.sallyport.outcome.ProxyException;
import io.sallyport.outcome.RequestFacts;
import io.sallyport.outcome.RequestObserver;
import io.sallyport.outcome.ResponseFlag;
import io.sallyport.route.WeightedCluster;
import io.sallyport.snapshot.BindAddress;
import io.sallyport.snapshot.FilterChain;
import io.sallyport.snapshot.L4Route;
import io.sallyport.snapshot.MeshHost;
import io.sallyport.snapshot.MeshRoutes;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.snapshot.SnapshotHolder;
import io.sallyport.snapshot.SniClusterNames;
import io.sallyport.snapshot.Workload;
import io.sallyport.upstream.OwnTraffic;
import io.sallyport.upstream.TcpConnector;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Finds the way of a connection whose bytes are forwarded as they are: route, cluster, endpoint. One an event loop.
public final class L4Proxy {
    private static final int LOOP = 508;

    private final SnapshotHolder snapshots;
    private final TcpConnector connector;
    private final RequestObserver observer;
    private final LongSupplier clockMillis;
    private final SplittableRandom random;
    private final OpenTunnels tunnels = new OpenTunnels();

    /// @param clockMillis wall clock, milliseconds since 1970
    public L4Proxy(
            SnapshotHolder snapshots,
            TcpConnector connector,
            RequestObserver observer,
            LongSupplier clockMillis,
            long seed) {
        this.snapshots = snapshots;
        this.connector = connector;
        this.observer = observer;
        this.clockMillis = clockMillis;
        this.random = new SplittableRandom(seed);
    }

    /// What is known of a downstream connection before its bytes are forwarded.
    ///
    /// @param peer the other end of the socket, whatever address somebody in front has stated
    /// @param port the Gateway's port number
    /// @param sni in lower case, or null
    /// @param principal the client's verified identity, or null
    /// @param encryptedHello the ClientHello's server name may be a decoy
    public record Downstream(
            SocketAddress peer,
            SocketAddress remote,
            SocketAddress local,
            int port,
            @Nullable String sni,
            @Nullable String principal,
            boolean encryptedHello) {}

    /// Hears whether there is an endpoint to talk to; once.
    public interface Callback {
        /// The channel does not read by itself yet; the session must be ended when the relay has ended.
        void onConnected(Channel upstream, Session session);

        void onRefused(ProxyException reason);
    }

    /// Ends what the egress list no longer lets out. To be called on the event loop, after each swap of the snapshot.
    public void recheckTunnels() {
        tunnels.recheck(snapshots.current());
    }

    /// Begins to connect. The callback may be called before this returns.
    ///
    /// @return gives up, or does nothing where it is over
    public Runnable connect(BindAddress bind, String chainName, Downstream downstream, Callback callback) {
        Session session = new Session(downstream, bind, chainName);
        Snapshot snapshot = snapshots.current();
        Cluster cluster;
        try {
            cluster = choose(snapshot, downstream, session);
        } catch (ProxyException refused) {
            session.end(0, 0, refused.flag(), refused.details());
            callback.onRefused(refused);
            return () -> {};
        }
        TcpConnector.Attempt attempt = connector.connect(
                cluster,
                ByteContext.of(cluster, downstream, session),
                connector.own().trace(downstream.peer(), bind),
                new TcpConnector.Callback() {
                    @Override
                    public void onConnected(Channel channel, Endpoint endpoint) {
                        session.idle = cluster.spec().resilience().connections().bytesIdle();
                        session.connected(channel, endpoint);
                        if (connector.own().isRepeated(downstream.peer(), bind)) {
                            channel.close();
                            session.end(0, 0, ResponseFlag.DPE, OwnTraffic.LOOP);
                            callback.onRefused(ProxyException.downstream(ResponseFlag.DPE, LOOP, OwnTraffic.LOOP));
                            return;
                        }
                        if (!session.isListed(snapshots.current())) {
                            channel.close();
                            session.end(0, 0, ResponseFlag.RBAC, OpenTunnels.REVOKED);
                            callback.onRefused(ProxyException.denied(OpenTunnels.REVOKED, ""));
                            return;
                        }
                        callback.onConnected(channel, session);
                    }

                    @Override
                    public void onFailure(ProxyException failure, @Nullable Endpoint endpoint) {
                        session.end(0, 0, failure.flag(), failure.details());
                        callback.onRefused(failure);
                    }
                });
        return () -> {
            if (attempt != null && !session.isConnected()) {
                attempt.cancel();
                session.end(0, 0, ResponseFlag.DC, "downstream_remote_disconnect");
            }
        };
    }

    private Cluster choose(Snapshot snapshot, Downstream downstream, Session session) throws ProxyException {
        RequestFacts facts = session.facts;
        String name =
                switch (session.application(snapshot)) {
                    case FilterChain.Tcp tcp -> route(tcp.routes(), downstream, facts);
                    case FilterChain.Mesh mesh -> listed(mesh.routes(), downstream, session);
                    case FilterChain.SniCluster sni
                    when downstream.sni() != null -> {
                        session.target = SniClusterNames.target(
                                downstream.sni(), cluster -> snapshot.clusters().cluster(cluster) != null, sni);
                        yield session.target.cluster();
                    }
                    case null, default -> throw ProxyException.gateway(ResponseFlag.NR, "filter_chain_not_found");
                };
        facts.cluster = name;
        Cluster cluster = snapshot.clusters().cluster(name);
        if (cluster == null) {
            throw ProxyException.gateway(ResponseFlag.NC, "cluster_not_found");
        }
        facts.destinationHost = cluster.spec().host();
        facts.destinationSubset = cluster.spec().subset();
        return cluster;
    }

    private String listed(MeshRoutes mesh, Downstream downstream, Session session) throws ProxyException {
        MeshHost host =
                MeshAdmission.admitServerName(mesh, downstream.sni(), downstream.encryptedHello(), session.facts);
        session.listed = host.permit().kind();
        InetSocketAddress source = downstream.remote() instanceof InetSocketAddress inet ? inet : null;
        InetSocketAddress destination = downstream.local() instanceof InetSocketAddress inet ? inet : null;
        InetAddress address = source == null ? null : source.getAddress();
        Workload client = mesh.workloads().of(address, downstream.principal());
        L4Route route = MeshAdmission.route(host, downstream.sni(), destination, source, client, downstream.port());
        session.facts.virtualService = route.virtualService();
        return route.pick(random.nextInt()).clusterName();
    }

    private String route(List<L4Route> routes, Downstream downstream, RequestFacts facts) throws ProxyException {
        InetSocketAddress destination = downstream.local() instanceof InetSocketAddress inet ? inet : null;
        InetSocketAddress source = downstream.remote() instanceof InetSocketAddress inet ? inet : null;
        for (L4Route route : routes) {
            if (route.matches(downstream.sni(), destination, source, Workload.UNKNOWN, downstream.port())) {
                facts.virtualService = route.virtualService();
                WeightedCluster picked = route.pick(random.nextInt());
                return picked.clusterName();
            }
        }
        throw ProxyException.gateway(ResponseFlag.NR, "route_not_found");
    }

    /// One forwarded connection, from its route to its end.
    public final class Session implements OpenTunnels.Tunnel {
        private final RequestFacts facts = new RequestFacts();
        private final BindAddress bind;
        private final String chainName;
        private EgressPermit.@Nullable Kind listed;
        private SniClusterNames.@Nullable Target target;
        private @Nullable Runnable revoked;
        private @Nullable Endpoint endpoint;
        private @Nullable Duration idle;
        private boolean ended;

        private Session(Downstream downstream, BindAddress bind, String chainName) {
            this.bind = bind;
            this.chainName = chainName;
            facts.startMillis = clockMillis.getAsLong();
            facts.startNanos = System.nanoTime();
            facts.downstreamRemote = downstream.remote();
            facts.downstreamLocal = downstream.local();
            facts.requestedServerName = downstream.sni();
            facts.downstreamPrincipal = downstream.principal();
            facts.port = downstream.port();
        }

        /// Without a byte in either direction, after which the relay is to be ended; zero for never. Null where the
        /// cluster leaves it open.
        public @Nullable Duration idleTimeout() {
            return idle;
        }

        private void connected(Channel channel, Endpoint to) {
            endpoint = to;
            facts.upstreamHost = to.name();
            facts.upstreamLocal = channel.localAddress();
            observer.onConnectionStart(facts);
        }

        private FilterChain.@Nullable Application application(Snapshot snapshot) {
            FilterChain chain = snapshot.chain(bind, chainName);
            return chain == null ? null : chain.application();
        }

        private boolean isListed(Snapshot current) {
            return listed == null || MeshAdmission.stillAdmits(application(current), facts, listed);
        }

        /// Says how to cut the relay, where the egress list stops letting it out. The session must be ended then.
        ///
        /// @param cut gets the response code details
        public void onRevoked(Consumer<String> cut) {
            if (listed != null && !ended) {
                revoked = () -> cut.accept(OpenTunnels.REVOKED);
                tunnels.add(this);
            }
        }

        @Override
        public void recheck(Snapshot current) {
            if (revoked != null && !isListed(current)) {
                revoked.run();
            }
        }

        private boolean isConnected() {
            return endpoint != null;
        }

        /// Reports the end, once.
        ///
        /// @param received bytes from the client
        /// @param sent bytes to the client
        /// @param flag null where both sides ended in order
        public void end(long received, long sent, @Nullable ResponseFlag flag, String details) {
            if (ended) {
                return;
            }
            ended = true;
            tunnels.remove(this);
            if (endpoint != null) {
                endpoint.released();
            }
            facts.bytesReceived = received;
            facts.bytesSent = sent;
            facts.flag = flag;
            facts.details = details;
            facts.durationNanos = System.nanoTime() - facts.startNanos;
            observer.onConnectionEnd(facts);
        }
    }

    private record ByteContext(String host, int port, SocketAddress client) implements BytesContext {
        /// A cluster of no host in particular leaves it to the client which one is meant; by TLS it says so.
        static ByteContext of(Cluster cluster, Downstream downstream, Session session) {
            SniClusterNames.Target target = session.target;
            if (target != null && target.host() != null) {
                return new ByteContext(target.host(), target.port(), downstream.remote());
            }
            String sni = cluster.spec().discovery() == Discovery.DYNAMIC ? downstream.sni() : null;
            String host = sni == null ? cluster.spec().host() : sni;
            int port = session.facts.egressPort != 0 ? session.facts.egressPort : downstream.port();
            return new ByteContext(host, port, downstream.remote());
        }

        @Override
        public @Nullable CharSequence clientAddress() {
            return client instanceof InetSocketAddress inet && inet.getAddress() != null
                    ? NetUtil.toAddressString(inet.getAddress())
                    : null;
        }

        @Override
        public boolean excludes(Endpoint tried) {
            return false;
        }
    }
}
