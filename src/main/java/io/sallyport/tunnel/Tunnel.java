package io.sallyport.tunnel;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.sallyport.cluster.Cluster;
import io.sallyport.cluster.Endpoint;
import io.sallyport.egress.EgressPermit;
import io.sallyport.net.RegexMatch;
import io.sallyport.outcome.DestinationFacts;
import io.sallyport.outcome.EndpointFacts;
import io.sallyport.outcome.ProxyException;
import io.sallyport.outcome.RequestFacts;
import io.sallyport.outcome.ResponseFlag;
import io.sallyport.outcome.WorkloadNames;
import io.sallyport.policy.Denial;
import io.sallyport.snapshot.BindAddress;
import io.sallyport.snapshot.EndpointPolicies;
import io.sallyport.snapshot.FilterChain;
import io.sallyport.snapshot.L4Route;
import io.sallyport.snapshot.Policies;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.snapshot.Workload;
import io.sallyport.upstream.OwnTraffic;
import io.sallyport.upstream.TcpConnector;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A client's bytes on their way to an endpoint: policies are asked, a cluster is chosen, an endpoint connected, bytes
/// relayed both ways, and the end reported once. The tunnel ends as soon as a policy denies it or, on the mesh
/// listener, the egress list no longer has its host.
///
/// Else it keeps the snapshot that was current when it began.
abstract class Tunnel
        implements OpenTunnels.Member, TunnelAuthorization.Owner, TcpConnector.Callback, Relay.EndListener {
    private static final System.Logger LOG = System.getLogger(Tunnel.class.getName());
    private static final Duration IDLE_TIMEOUT = Duration.ofHours(1);

    final TunnelLoop loop;
    final Snapshot snapshot;
    final RequestFacts facts;
    final Relay relay;
    final TunnelAuthorization authorization;
    private final Origin origin;
    private final int mostTries;
    private final String idleDetails;
    private EgressPermit.@Nullable Kind listed;
    private @Nullable Cluster cluster;
    private @Nullable BytesContext context;
    private TcpConnector.@Nullable Attempt attempt;
    private @Nullable Endpoint endpoint;

    /// Where a tunnel's bytes come in.
    ///
    /// @param peer the client's end of the connection
    /// @param chain by name
    record Origin(SocketAddress peer, BindAddress listener, String chain) {}

    /// @param mostTries connections that may be tried before the tunnel fails
    /// @param idleDetails the response code details where nothing is relayed for too long
    /// @param client makes the client's end
    Tunnel(
            TunnelLoop loop,
            RequestFacts facts,
            Origin origin,
            int mostTries,
            String idleDetails,
            Function<Relay, Relay.End> client) {
        this.loop = loop;
        this.snapshot = loop.snapshots().current();
        this.facts = facts;
        this.origin = origin;
        this.mostTries = mostTries;
        this.idleDetails = idleDetails;
        this.relay = new Relay(facts, this, client);
        this.authorization = new TunnelAuthorization(loop, snapshot, facts, this);
    }

    /// The listener's filter chain, or null where it is gone.
    final @Nullable FilterChain chain(Snapshot current) {
        return current.chain(origin.listener, origin.chain);
    }

    /// What that does, or null where it is gone.
    final FilterChain.@Nullable Application application(Snapshot current) {
        FilterChain chain = chain(current);
        return chain == null ? null : chain.application();
    }

    /// The tunnel leads to a host of the egress list, and lasts only while the list has it.
    ///
    /// @param kind what the list says of the port
    final void listedAs(EgressPermit.Kind kind) {
        listed = kind;
        loop.open().add(this);
    }

    /// Leads to the route's cluster, chosen by weight, as soon as the policies of its endpoints let it.
    ///
    /// @throws ProxyException 503 where there is none, 403 where they deny it
    final void lead(L4Route route, Function<Cluster, BytesContext> by) throws ProxyException {
        facts.virtualService = route.virtualService();
        lead(route.pick(loop.random().nextInt()).clusterName(), by);
    }

    final void lead(String name, Function<Cluster, BytesContext> by) throws ProxyException {
        Cluster found = snapshot.clusters().cluster(name);
        if (found == null) {
            facts.destination = DestinationFacts.unknown(name);
            throw ProxyException.gateway(ResponseFlag.NC, "cluster_not_found");
        }
        facts.destination = found.facts();
        loop.open().add(this);
        authorization.enforce(() -> ofEndpoints(snapshot, found), () -> connect(found, by.apply(found)));
    }

    /// The policies of the endpoints that the tunnel is to lead to.
    private List<TunnelAuthorization.Judges> ofEndpoints(Snapshot of, Cluster to) {
        Policies policies = of.authorization();
        if (policies.isEmpty()) {
            return List.of();
        }
        EndpointPolicies.Judges judges = policies.ofCluster(to, policyHost(), askedPort());
        List<TunnelAuthorization.Judges> all = new ArrayList<>(judges.ports().length);
        for (int port : judges.ports()) {
            all.add(new TunnelAuthorization.Judges(
                    judges.policies().connections(), policyRequest().to(port)));
        }
        return all;
    }

    /// What the policies say now; null where they let the tunnel pass.
    private @Nullable Denial denial(Snapshot current) {
        if (current.authorization().isEmpty()) {
            return null;
        }
        Cluster to = cluster;
        Denial denial = denial(current, to != null);
        return denial != null || to == null ? denial : authorization.judge(ofEndpoints(current, to));
    }

    /// What the log calls the client's workload; null where nothing is known of it.
    final @Nullable WorkloadNames source(Workload client) {
        return client.names(facts.client.principal());
    }

    /// The client's end of the connection.
    final SocketAddress peer() {
        return origin.peer;
    }

    /// The port that the tunnel's bytes come in by.
    final int boundPort() {
        return origin.listener.port();
    }

    final void connect(Cluster to, BytesContext by) {
        cluster = to;
        context = by;
        int mine = ++facts.attempts;
        OwnTraffic.Trace trace = loop.own().trace(origin.peer, origin.listener);
        TcpConnector.Attempt begun = loop.connector().connect(to, by, trace, this);
        if (mine == facts.attempts && endpoint == null && !relay.isOver()) {
            attempt = begun;
        }
    }

    @Override
    public final void onFailure(ProxyException failure, @Nullable Endpoint tried) {
        attempt = null;
        facts.notConnected(tried == null ? null : tried.name(), failure);
        boolean another = tried != null
                && failure.retryable()
                && !relay.isOver()
                && context != null
                && context.onTried(tried) < mostTries;
        if (another && cluster != null && context != null) {
            connect(cluster, context);
        } else {
            refuse(failure);
        }
    }

    @Override
    public final void onConnected(Channel channel, Endpoint chosen) {
        attempt = null;
        endpoint = chosen;
        facts.endpoint = chosen.facts(channel);
        onConnected();
        open(channel);
    }

    /// Joins the relay to its far end.
    final void open(Channel channel) {
        recheck(loop.snapshots().current());
        if (!relay.isOver() && loop.isRepeated(origin.peer, origin.listener)) {
            refuse(OwnTraffic.loop());
        }
        if (relay.isOver()) {
            channel.close();
            release();
            return;
        }
        limitIdleTime(channel.eventLoop());
        ChannelEnd end = new ChannelEnd(relay, channel);
        channel.pipeline().addLast(end);
        join(end);
        if (!channel.isActive()) {
            relay.onGone(end, false);
        }
    }

    /// The cluster's idle time or, where it says nothing, the standard one begins.
    final void limitIdleTime(EventLoop on) {
        Duration ofCluster = cluster == null
                ? null
                : cluster.spec().resilience().connections().bytesIdle();
        relay.limitIdleTime(on, ofCluster == null ? IDLE_TIMEOUT : ofCluster, idleDetails);
    }

    @Override
    public final void onWait() {
        relay.client().setReading(false);
        loop.open().add(this);
    }

    @Override
    public final void proceed(TunnelAuthorization.Step next) {
        if (!relay.isOver()) {
            guarded(next);
        }
    }

    /// A refusal or a defect ends the tunnel: nothing else would.
    final void guarded(TunnelAuthorization.Step step) {
        RegexMatch.begin();
        try {
            step.run();
        } catch (ProxyException refused) {
            refuse(refused);
        } catch (RegexMatch.TooCostlyException refused) {
            refuse(refused.answer());
        } catch (RuntimeException defect) {
            LOG.log(System.Logger.Level.ERROR, "a connection or a CONNECT request met a defect of the gateway", defect);
            refuse(new ProxyException(
                    ResponseFlag.NR, 500, "internal_error", ProxyException.Source.GATEWAY, false, defect));
        }
    }

    /// Gives up the endpoint and what was chosen with it; another route follows.
    final void leaveEndpoint() {
        release();
        relay.leave();
        cluster = null;
        facts.virtualService = null;
        facts.destination = DestinationFacts.NONE;
        facts.endpoint = EndpointFacts.NONE;
    }

    private void release() {
        authorization.cancel();
        if (attempt != null) {
            attempt.cancel();
            attempt = null;
        }
        if (endpoint != null) {
            endpoint.released();
            endpoint = null;
        }
    }

    @Override
    public final void recheck(Snapshot current) {
        if (relay.isOver()) {
            return;
        }
        RegexMatch.begin();
        try {
            Denial denial = denial(current);
            if (denial != null) {
                facts.policy = facts.policy.denied(denial.policy());
                revoke(denial.exception());
            } else if (listed != null && !MeshAdmission.stillAdmits(application(current), facts, listed)) {
                revoke(ProxyException.denied(OpenTunnels.REVOKED, ""));
            }
        } catch (RegexMatch.TooCostlyException refused) {
            revoke(refused.answer());
        }
    }

    private void revoke(ProxyException reason) {
        if (isOpen()) {
            relay.end(reason.flag(), reason.details());
        } else {
            refuse(reason);
        }
    }

    @Override
    public final void onRelayEnd(@Nullable ResponseFlag flag, String details) {
        loop.open().remove(this);
        release();
        facts.flag = flag;
        facts.details = details;
        facts.durationNanos = System.nanoTime() - facts.startNanos;
        RegexMatch.begin();
        report();
    }

    /// Why the policies of what serves the tunnel, of that generation, deny it; null where they let it pass.
    ///
    /// @param relayed its bytes go to endpoints
    abstract @Nullable Denial denial(Snapshot current, boolean relayed);

    /// The tunnel as authorization policies see it.
    abstract TunnelRequest policyRequest();

    /// The host that is asked for, where the cluster leads to whatever host that is.
    abstract String policyHost();

    /// The port that is asked for, likewise.
    abstract int askedPort();

    /// Whether the client knows that its bytes are relayed.
    abstract boolean isOpen();

    /// There is no way for the client's bytes: the client is informed, and the relay ends.
    abstract void refuse(ProxyException reason);

    /// The endpoint's part of the facts is known.
    void onConnected() {}

    /// Joins the relay to its far end, after whatever the client has to be informed of before.
    void join(Relay.End end) {
        relay.join(end);
    }

    /// Reports the end; the facts are complete.
    abstract void report();
}
