package io.sallyport.tunnel;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.sallyport.cluster.Cluster;
import io.sallyport.cluster.Discovery;
import io.sallyport.format.LogPlan;
import io.sallyport.outcome.ClientFacts;
import io.sallyport.outcome.LoggedFields;
import io.sallyport.outcome.ProxyException;
import io.sallyport.outcome.ReportedBytes;
import io.sallyport.outcome.RequestFacts;
import io.sallyport.outcome.RequestTrace;
import io.sallyport.outcome.ResponseFlag;
import io.sallyport.policy.Caller;
import io.sallyport.policy.Denial;
import io.sallyport.snapshot.BindAddress;
import io.sallyport.snapshot.ByGateway;
import io.sallyport.snapshot.FilterChain;
import io.sallyport.snapshot.L4Route;
import io.sallyport.snapshot.MeshHost;
import io.sallyport.snapshot.MeshRoutes;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.snapshot.SniClusterNames;
import io.sallyport.snapshot.Workload;
import io.sallyport.trace.Tracing;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A connection whose bytes are forwarded as they are: TCP routes, TLS passthrough, and mesh clients that speak TLS to
/// the host that they want.
public final class TcpTunnel extends Tunnel {
    /// As Envoy's `max_connect_attempts` is by default.
    private static final int TRIES = 1;

    private final Client client;
    private final @Nullable InetSocketAddress source;
    private final @Nullable InetSocketAddress destination;
    private final SocketAddress local;
    private final EventLoop eventLoop;
    /// Reports what was relayed so far; null where nobody wants to know that before the end.
    private @Nullable ScheduledFuture<?> progress;

    private @Nullable Caller caller;
    private SniClusterNames.@Nullable Target target;

    /// What is known of a connection before its bytes are forwarded.
    ///
    /// @param remote the client's address, as a PROXY protocol header may state it
    /// @param local the address that the client connected to, as that header may
    /// @param port the Gateway's port number
    /// @param sni in lower case, or null
    /// @param principal the client's verified identity, or null
    /// @param certificate the client's, verified, or null
    /// @param terminated the client's TLS ends here
    /// @param encryptedHello the ClientHello's server name may be a decoy
    public record Client(
            SocketAddress remote,
            SocketAddress local,
            int port,
            @Nullable String sni,
            @Nullable String principal,
            @Nullable X509Certificate certificate,
            boolean terminated,
            boolean encryptedHello) {}

    private TcpTunnel(TunnelLoop loop, Channel channel, Client client, Origin origin) {
        super(loop, new RequestFacts(), origin, TRIES, "tcp_idle_timeout", relay -> {
            ChannelEnd end = new ChannelEnd(relay, channel);
            channel.pipeline().addLast(end);
            return end;
        });
        this.client = client;
        this.source = client.remote instanceof InetSocketAddress inet ? inet : null;
        this.local = client.local;
        this.eventLoop = channel.eventLoop();
        this.destination = local instanceof InetSocketAddress inet ? inet : null;
        facts.startMillis = loop.clockMillis().getAsLong();
        facts.startNanos = System.nanoTime();
        facts.client = new ClientFacts(
                client.remote,
                null,
                local,
                client.sni,
                client.principal,
                client.terminated,
                client.certificate != null,
                client.port);
        facts.metrics = plan(snapshot.metrics());
        beginTrace();
        LogPlan plan = plan(snapshot.log().requests());
        if (plan != null || wantsDetails()) {
            facts.log = new LoggedFields(plan);
            facts.log.peer = channel.remoteAddress();
            facts.log.filterChain = origin.chain();
            facts.log.peerCertificate = client.certificate;
        }
    }

    private <P> @Nullable P plan(ByGateway<P> plans) {
        FilterChain chain = plans.hasGateways() ? chain(snapshot) : null;
        return chain == null ? plans.instance() : plans.at(chain.gateways());
    }

    /// Whether metrics' labels or spans' tags say what the log's formats do.
    private boolean wantsDetails() {
        RequestTrace trace = facts.trace;
        return facts.metrics != null && facts.metrics.hasExpressions() || trace != null && trace.hasLateTags();
    }

    private void beginTrace() {
        FilterChain chain = snapshot.traces().isEmpty() ? null : chain(snapshot);
        Tracing tracing = chain == null ? null : snapshot.traces().at(chain.gateways());
        if (tracing != null) {
            facts.trace = tracing.begin(loop.random());
        }
    }

    /// Begins a tunnel; called on the channel's event loop. The channel's further bytes belong to it, among them any
    /// that an earlier handler still holds.
    ///
    /// @param chain the filter chain that took the connection, by name
    public static void start(TunnelLoop loop, Channel channel, Client client, BindAddress listener, String chain) {
        TcpTunnel tunnel = new TcpTunnel(loop, channel, client, new Origin(channel.remoteAddress(), listener, chain));
        tunnel.guarded(tunnel::begin);
    }

    private void begin() throws ProxyException {
        authorization.enforce(() -> onArrival(snapshot), this::choose);
    }

    @Override
    @Nullable
    Denial denial(Snapshot current, boolean relayed) {
        return authorization.judge(onArrival(current));
    }

    /// The policies of this instance, or of the Gateways that have the filter chain.
    private List<TunnelAuthorization.Judges> onArrival(Snapshot of) {
        if (of.authorization().isEmpty()) {
            return List.of();
        }
        FilterChain chain = chain(of);
        return of.authorization().at(chain == null ? List.of() : chain.gateways()).stream()
                .map(applied -> new TunnelAuthorization.Judges(applied.connections(), policyRequest()))
                .toList();
    }

    private void choose() throws ProxyException {
        switch (application(snapshot)) {
            case FilterChain.Tcp tcp ->
                lead(
                        MeshAdmission.required(
                                L4Route.choose(tcp.routes(), client.sni, null, destination, source, Workload.UNKNOWN)),
                        this::context);
            case FilterChain.Mesh(MeshRoutes routes) -> {
                MeshHost host = MeshAdmission.admitServerName(routes, client.sni, client.encryptedHello, facts);
                listedAs(host.permit().kind());
                Workload workload =
                        routes.workloads().of(source == null ? null : source.getAddress(), client.principal);
                facts.source = source(workload);
                lead(MeshAdmission.route(host, client.sni, destination, source, workload), this::context);
            }
            case FilterChain.SniCluster byName
            when client.sni != null -> {
                target = SniClusterNames.target(
                        client.sni, name -> snapshot.clusters().cluster(name) != null, byName);
                lead(target.cluster(), this::context);
            }
            case null, default -> throw ProxyException.gateway(ResponseFlag.NR, "filter_chain_not_found");
        }
    }

    /// A cluster of no host in particular leaves it to the client which one is meant; by TLS it says so.
    private BytesContext context(Cluster cluster) {
        if (target != null && target.host() != null) {
            return new BytesContext(target.host(), target.port(), client.remote, local);
        }
        String sni = cluster.spec().discovery() == Discovery.DYNAMIC ? client.sni : null;
        String host = sni == null ? cluster.spec().host() : sni;
        int port = facts.egress.port() != 0 ? facts.egress.port() : client.port;
        return new BytesContext(host, port, client.remote, local);
    }

    @Override
    TunnelRequest policyRequest() {
        if (caller == null) {
            caller = Caller.of(client.certificate, peer(), client.remote, local, client.sni);
        }
        return new TunnelRequest(caller, boundPort(), null);
    }

    @Override
    int askedPort() {
        if (target != null && target.host() != null) {
            return target.port();
        }
        return facts.egress.port() != 0 ? facts.egress.port() : client.port;
    }

    @Override
    String policyHost() {
        if (target != null && target.host() != null) {
            return target.host();
        }
        return client.sni == null ? "" : client.sni;
    }

    @Override
    void onConnected() {
        loop.observer().onConnectionStart(facts);
        Duration interval = facts.metrics == null ? null : facts.metrics.reportingInterval();
        if (interval != null && !relay.isOver()) {
            long nanos = interval.toNanos();
            progress = eventLoop.scheduleAtFixedRate(this::onProgress, nanos, nanos, TimeUnit.NANOSECONDS);
        }
    }

    private void onProgress() {
        var all = new ReportedBytes(facts.bytesReceived, facts.bytesSent);
        if (!all.equals(facts.reported)) {
            loop.observer().onConnectionProgress(facts);
            facts.reported = all;
        }
    }

    @Override
    boolean isOpen() {
        return relay.isJoined();
    }

    @Override
    void refuse(ProxyException reason) {
        relay.client().close(null);
        relay.end(reason.flag(), reason.details());
    }

    @Override
    void report() {
        if (progress != null) {
            progress.cancel(false);
        }
        if (!relay.isJoined()) {
            // What was read ahead has reached nobody.
            facts.bytesReceived = 0;
        }
        loop.observer().onConnectionEnd(facts);
    }
}
