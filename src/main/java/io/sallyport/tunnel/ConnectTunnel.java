package io.sallyport.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.util.concurrent.ScheduledFuture;
import io.sallyport.egress.EgressPermit;
import io.sallyport.http.Headers;
import io.sallyport.http.RequestHead;
import io.sallyport.http.RequestReceiver;
import io.sallyport.http.ResponseHead;
import io.sallyport.http.ServerStream;
import io.sallyport.http.StreamError;
import io.sallyport.http.StreamListener;
import io.sallyport.net.HostName;
import io.sallyport.net.NumericHost;
import io.sallyport.outcome.ProxyException;
import io.sallyport.outcome.RequestFacts;
import io.sallyport.outcome.ResponseFlag;
import io.sallyport.policy.AppliedPolicies;
import io.sallyport.policy.Caller;
import io.sallyport.policy.Denial;
import io.sallyport.policy.PolicySet;
import io.sallyport.snapshot.BindAddress;
import io.sallyport.snapshot.FilterChain;
import io.sallyport.snapshot.MeshHost;
import io.sallyport.snapshot.MeshRoutes;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.snapshot.Workload;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A CONNECT request and the tunnel that it opens (RFC 9110, 9.3.6). The egress list is checked, the endpoint is
/// connected, and only then is the client answered 200; what it sends before that is held, and never read as a request.
/// After any other answer an HTTP/1.1 connection ends, and of an HTTP/2 connection that stream.
///
/// Where the route depends on what the tunnel carries, the client is answered first.
public final class ConnectTunnel extends Tunnel implements StreamListener {
    private static final int TRIES = 3;

    /// The HTTP connection that the request came on.
    public interface Connection {
        /// @throws ProxyException where it may open no tunnel, whatever its host
        void checkMayTunnel(Snapshot snapshot) throws ProxyException;

        /// Takes the requests within a tunnel.
        ///
        /// @param to the host and port that the tunnel was asked for: the requests must name no other
        RequestReceiver within(HostName to);

        /// The client as authorization policies see it.
        Caller caller();

        /// Completes the facts, and answers; where the client has been answered 200, cuts the stream.
        void refuse(ServerStream stream, RequestHead head, RequestFacts facts, ProxyException reason);
    }

    private final Connection connection;
    private final ServerStream downstream;
    private final StreamEnd client;
    private final RequestHead head;
    private final HostName asked;
    private @Nullable Entry entry;
    /// Holds the client's first bytes back until they are known to be for the host; null where they may pass.
    private @Nullable TunnelGate gate;
    private @Nullable ScheduledFuture<?> firstBytes;
    /// The first bytes decide where the tunnel leads.
    private boolean undecided;
    /// The endpoint is connected although the first bytes are still awaited: it may be the server that speaks first.
    private boolean waited;
    private boolean clientEnded;

    /// What the egress list has for the host.
    ///
    /// @param names of the services that the host stands for, where it is an address
    private record Entry(MeshRoutes routes, MeshHost host, List<String> names) {
        /// Whether there are several ways to go, among which the client's first bytes decide: requests are
        /// routed like those without a tunnel, and of an address that stands for services a server name says
        /// which is meant.
        boolean dependsOnBytes() {
            return switch (host.permit().kind()) {
                case HTTP, TCP -> false;
                case TLS -> !names.isEmpty();
                case ANY ->
                    host.routesRequests()
                            || names.size() > 1
                            || (!names.isEmpty() && host.bytes().size() > 1);
            };
        }
    }

    private ConnectTunnel(
            TunnelLoop loop,
            Connection connection,
            StreamEnd client,
            ServerStream downstream,
            RequestHead head,
            RequestFacts facts,
            Origin origin) {
        super(loop, facts, origin, TRIES, "tunnel_idle_timeout", _ -> client);
        this.connection = connection;
        this.downstream = downstream;
        this.client = client;
        this.head = head;
        this.asked = HostName.parse(head.authority);
    }

    /// Serves a CONNECT request of the mesh listener.
    ///
    /// @param facts of the request, as far as its head tells them
    /// @param chain the filter chain that took the connection, by name
    /// @return to be notified of what the client sends
    public static StreamListener serve(
            TunnelLoop loop,
            Connection connection,
            ServerStream downstream,
            RequestHead head,
            RequestFacts facts,
            BindAddress listener,
            String chain) {
        Origin origin = new Origin(downstream.connection().remote(), listener, chain);
        ConnectTunnel tunnel =
                new ConnectTunnel(loop, connection, new StreamEnd(downstream), downstream, head, facts, origin);
        downstream.pauseReading();
        tunnel.guarded(tunnel::begin);
        return tunnel;
    }

    private void begin() throws ProxyException {
        if (asked.isRejected() || asked.port() == 0) {
            throw ProxyException.downstream(ResponseFlag.DPE, 400, "invalid_host");
        }
        connection.checkMayTunnel(snapshot);
        authorization.enforce(() -> judges(snapshot, AppliedPolicies::meshRequests), this::admit);
    }

    private void admit() throws ProxyException {
        if (!(application(snapshot) instanceof FilterChain.Mesh(MeshRoutes routes))) {
            throw ProxyException.gateway(ResponseFlag.NR, "filter_chain_not_found");
        }
        MeshHost host = MeshAdmission.admit(routes, MeshAdmission.Asked.tunnel(asked), facts);
        listedAs(host.permit().kind());
        entry = new Entry(routes, host, routes.names(asked.host(), asked.port()));
        undecided = entry.dependsOnBytes();
        if (undecided) {
            gate = gate(entry, host.routesRequests());
            awaitFirstBytes(this::onSilence);
            answer();
            limitIdleTime(downstream.eventLoop());
        } else if (host.permit().kind() == EgressPermit.Kind.HTTP) {
            openWithin();
        } else {
            connect(entry, null);
        }
    }

    // Where it leads.

    private TunnelGate gate(Entry of, boolean looksForRequests) {
        return TunnelGate.of(of.host.permit(), new TunnelGate.Named(asked.host(), of.names), looksForRequests);
    }

    private void awaitFirstBytes(TunnelAuthorization.Step onSilence) {
        long nanos = loop.settings().helloTimeout().toNanos();
        firstBytes = downstream.eventLoop().schedule(() -> guarded(onSilence), nanos, TimeUnit.NANOSECONDS);
    }

    /// A client that waits for the server to speak does neither TLS nor HTTP, as far as is known: what it says later
    /// still decides.
    private void onSilence() throws ProxyException {
        if (gate != null && gate.needsHello()) {
            forbid("tunnel_without_hello");
        } else if (entry != null) {
            waited = true;
            downstream.pauseReading();
            connect(entry, null);
        }
    }

    private void onFirstBytes(TunnelGate by, ByteBuf data) throws ProxyException {
        String forbidden = by.check(data);
        if (clientEnded) {
            by.end();
        }
        if (forbidden != null) {
            forbid(forbidden);
        } else if (clientEnded && !by.isOpen() && by.needsHello()) {
            forbid("tunnel_without_hello");
        } else if (waited && facts.bytesSent > 0 && isDecisive(by)) {
            // The client has had bytes of another service, which no answer can follow.
            forbid("tunnel_way_differs");
        } else if (by.isOpen() || clientEnded) {
            decide(by);
        }
    }

    private void decide(TunnelGate by) throws ProxyException {
        undecided = false;
        if (waited && !isDecisive(by)) {
            pass(by);
            endOutput();
            return;
        }
        downstream.pauseReading();
        leaveEndpoint();
        pass(by);
        if (by.isRequest()) {
            openWithin();
        } else if (entry != null) {
            connect(entry, by.serverName());
        }
    }

    /// Whether the way differs from that of a client that says nothing.
    private boolean isDecisive(TunnelGate by) {
        return by.isRequest() || (NumericHost.isAddress(asked.host()) && by.serverName() != null);
    }

    /// @param said the server name that the client's TLS is for; null where there is none, or it is not known yet
    private void connect(Entry to, @Nullable String said) throws ProxyException {
        authorization.enforce(() -> judges(snapshot, AppliedPolicies::tunnels), () -> lead(to, said));
    }

    /// @param which those that judge the request for the tunnel, or the tunnel where its bytes are relayed
    private List<TunnelAuthorization.Judges> judges(Snapshot of, Function<AppliedPolicies, PolicySet> which) {
        return of.authorization().isEmpty()
                ? List.of()
                : List.of(new TunnelAuthorization.Judges(
                        which.apply(of.authorization().instance()), policyRequest()));
    }

    private void lead(Entry to, @Nullable String said) throws ProxyException {
        boolean address = NumericHost.isAddress(asked.host());
        MeshHost named = address && said != null ? to.routes.find(asked.host(), asked.port(), said) : null;
        MeshHost host = named == null ? to.host : named;
        listedAs(host.permit().kind());
        Workload workload = to.routes.workloads().of(downstream.connection());
        facts.source = source(workload);
        InetSocketAddress source = facts.client.remote() instanceof InetSocketAddress inet ? inet : null;
        String sni = address ? said : asked.host();
        lead(
                MeshAdmission.route(host, sni, null, source, workload),
                _ -> new BytesContext(
                        asked.host(),
                        asked.port(),
                        source,
                        downstream.connection().local()));
    }

    @Override
    @Nullable
    Denial denial(Snapshot current, boolean relayed) {
        Denial denial = authorization.judge(judges(current, AppliedPolicies::meshRequests));
        return denial == null && relayed ? authorization.judge(judges(current, AppliedPolicies::tunnels)) : denial;
    }

    /// What the tunnel carries are requests, so it ends in the gateway.
    private void openWithin() {
        InnerHttp.open(
                downstream.eventLoop(),
                connection.within(asked),
                downstream.connection(),
                loop.settings().limits(),
                inner -> guarded(() -> onInner(inner)));
    }

    private void onInner(@Nullable Channel inner) throws ProxyException {
        if (inner == null) {
            throw ProxyException.gateway(ResponseFlag.UF, "tunnel_end_failed");
        }
        open(inner);
    }

    @Override
    TunnelRequest policyRequest() {
        return new TunnelRequest(connection.caller(), boundPort(), head);
    }

    @Override
    int askedPort() {
        return asked.port();
    }

    @Override
    String policyHost() {
        return asked.host();
    }

    @Override
    void join(Relay.End end) {
        if (facts.tunnel) {
            super.join(end);
        } else {
            joinFirst(end);
        }
        if (clientEnded && !undecided) {
            endOutput();
        }
    }

    /// The client is answered, and what it has sent so far is checked as what follows will be.
    private void joinFirst(Relay.End end) {
        answer();
        TunnelGate first = entry == null ? null : gate(entry, false);
        if (first == null || first.isOpen()) {
            relay.join(end);
            return;
        }
        gate = first;
        awaitFirstBytes(() -> forbid("tunnel_without_hello"));
        List<ByteBuf> early = new ArrayList<>(2);
        relay.drainTo(early::add);
        relay.join(end);
        early.forEach(data -> check(first, data));
    }

    private void answer() {
        facts.status = 200;
        facts.details = "tunnel";
        facts.tunnel = true;
        loop.observer().onTunnelStart(facts);
        downstream.resumeReading();
        downstream.writeHead(new ResponseHead(200, new Headers(0)), false);
        downstream.flush();
    }

    // What the client sends.

    @Override
    public void onData(ByteBuf data, boolean end) {
        if (relay.isOver()) {
            data.release();
            return;
        }
        relay.onBytes(client, data.readableBytes());
        clientEnded |= end;
        TunnelGate by = gate;
        if (by != null && undecided) {
            guarded(() -> onFirstBytes(by, data));
            return;
        }
        if (by != null) {
            check(by, data);
        } else {
            relay.pass(client, data);
        }
        if (end) {
            endOutput();
        }
    }

    private void check(TunnelGate by, ByteBuf data) {
        if (relay.isOver() || gate != by) {
            relay.pass(client, data);
            return;
        }
        String forbidden = by.check(data);
        if (forbidden != null) {
            forbid(forbidden);
        } else if (by.isOpen()) {
            pass(by);
        }
    }

    /// From now on the client's bytes go on as they are.
    private void pass(TunnelGate by) {
        gate = null;
        if (firstBytes != null) {
            firstBytes.cancel(false);
        }
        by.drainTo(data -> relay.pass(client, data));
    }

    /// Where there is no endpoint yet, [#join] does it.
    private void endOutput() {
        if (!clientEnded || !relay.isJoined() || relay.isOver()) {
            return;
        }
        if (gate == null) {
            relay.onEndOfInput(client);
        } else {
            forbid("tunnel_without_hello");
        }
    }

    @Override
    public void onTrailers(Headers trailers) {
        onData(Unpooled.EMPTY_BUFFER, true);
    }

    @Override
    public void onReset(StreamError error, String details) {
        client.onEnded();
        relay.end(StreamEnd.flagOf(error), details);
    }

    @Override
    public void onWritable() {
        relay.onWritable(client);
    }

    @Override
    public void onReadComplete() {
        relay.onReadComplete(client);
    }

    // How it ends.

    /// What the client sends in the tunnel is not what it asked for.
    private void forbid(String details) {
        relay.end(ResponseFlag.RBAC, details);
    }

    @Override
    boolean isOpen() {
        return facts.tunnel;
    }

    @Override
    void refuse(ProxyException reason) {
        if (!relay.isOver()) {
            client.onEnded();
            connection.refuse(downstream, head, facts, reason);
            relay.end(reason.flag(), reason.details());
        }
    }

    @Override
    void report() {
        if (firstBytes != null) {
            firstBytes.cancel(false);
        }
        if (gate != null) {
            gate.release();
        }
        loop.observer().onRequestEnd(facts);
    }
}
