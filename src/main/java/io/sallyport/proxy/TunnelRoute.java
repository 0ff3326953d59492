package io.sallyport.proxy;

import io.sallyport.cluster.Cluster;
import io.sallyport.cluster.Endpoint;
import io.sallyport.egress.EgressPermit;
import io.sallyport.net.HostName;
import io.sallyport.net.NumericHost;
import io.sallyport.outcome.ProxyException;
import io.sallyport.outcome.RequestFacts;
import io.sallyport.outcome.ResponseFlag;
import io.sallyport.snapshot.FilterChain;
import io.sallyport.snapshot.L4Route;
import io.sallyport.snapshot.MeshHost;
import io.sallyport.snapshot.MeshRoutes;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.snapshot.Workload;
import io.sallyport.tunnel.BytesContext;
import io.sallyport.tunnel.MeshAdmission;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Where a tunnel leads: the listed host that was asked for, and the cluster that its routes chose.
final class TunnelRoute implements BytesContext {
    private final HostName asked;
    private final MeshHost host;
    private final List<String> names;
    private final boolean undecided;
    private final @Nullable Cluster cluster;
    private final CharSequence client;
    private @Nullable Endpoint firstTried;
    private @Nullable Endpoint secondTried;

    private TunnelRoute(
            HostName asked,
            MeshHost host,
            List<String> names,
            boolean undecided,
            @Nullable Cluster cluster,
            CharSequence client) {
        this.asked = asked;
        this.host = host;
        this.names = names;
        this.undecided = undecided;
        this.cluster = cluster;
        this.client = client;
    }

    /// @throws ProxyException 403 where the host is not listed, 404 and 503 as for requests
    static TunnelRoute find(HttpConnection connection, Snapshot snapshot, HostName asked, RequestFacts facts)
            throws ProxyException {
        MeshRoutes routes = routes(connection, snapshot);
        MeshHost host = MeshAdmission.admit(routes, MeshAdmission.Asked.tunnel(asked), facts);
        List<String> names = routes.names(asked.host(), asked.port());
        if (host.permit().kind() == EgressPermit.Kind.HTTP || dependsOnBytes(host, names)) {
            boolean undecided = host.permit().kind() != EgressPermit.Kind.HTTP;
            return new TunnelRoute(asked, host, names, undecided, null, connection.peerAddress);
        }
        String sni = NumericHost.isAddress(asked.host()) ? null : asked.host();
        return of(host, asked, names, sni, connection, snapshot, facts);
    }

    /// Whether there are several ways to go, among which the client's first bytes decide: requests are routed as those
    /// without a tunnel, and of an address that stands for services a server name says which is meant.
    private static boolean dependsOnBytes(MeshHost host, List<String> names) {
        return switch (host.permit().kind()) {
            case HTTP, TCP -> false;
            case TLS -> !names.isEmpty();
            case ANY ->
                host.routesRequests()
                        || names.size() > 1
                        || (!names.isEmpty() && host.bytes().size() > 1);
        };
    }

    /// What an undecided tunnel's first bytes lead to.
    ///
    /// @param bytes null where the client waits for the server to speak
    /// @throws ProxyException 404 and 503 as for requests
    TunnelRoute decide(HttpConnection connection, Snapshot snapshot, @Nullable TunnelGate bytes, RequestFacts facts)
            throws ProxyException {
        if (bytes != null && bytes.isRequest()) {
            return new TunnelRoute(asked, host, names, false, null, client);
        }
        String said = bytes == null ? null : bytes.serverName();
        boolean address = NumericHost.isAddress(asked.host());
        MeshHost meant = address ? routes(connection, snapshot).find(asked.host(), asked.port(), said) : host;
        return of(
                meant == null ? host : meant, asked, names, address ? said : asked.host(), connection, snapshot, facts);
    }

    /// Whether [#decide] goes by these bytes.
    boolean dependsOn(TunnelGate bytes) {
        return bytes.isRequest() || NumericHost.isAddress(asked.host()) && bytes.serverName() != null;
    }

    private static MeshRoutes routes(HttpConnection connection, Snapshot snapshot) throws ProxyException {
        if (connection.isDistrusted(snapshot)) {
            throw Routing.misdirected();
        }
        if (connection.application(snapshot) instanceof FilterChain.Mesh(MeshRoutes routes)) {
            return routes;
        }
        throw ProxyException.gateway(ResponseFlag.NR, "filter_chain_not_found");
    }

    private static TunnelRoute of(
            MeshHost host,
            HostName asked,
            List<String> names,
            @Nullable String sni,
            HttpConnection connection,
            Snapshot snapshot,
            RequestFacts facts)
            throws ProxyException {
        Workload workload = connection.workload(snapshot, routes(connection, snapshot));
        InetSocketAddress source = connection.info.remote() instanceof InetSocketAddress inet ? inet : null;
        L4Route route = MeshAdmission.route(host, sni, null, source, workload, asked.port());
        facts.virtualService = route.virtualService();
        String name = route.pick(connection.loop.random.nextInt()).clusterName();
        facts.cluster = name;
        Cluster cluster = snapshot.clusters().cluster(name);
        if (cluster == null) {
            throw ProxyException.gateway(ResponseFlag.NC, "cluster_not_found");
        }
        facts.destinationHost = cluster.spec().host();
        facts.destinationSubset = cluster.spec().subset();
        return new TunnelRoute(asked, host, names, false, cluster, connection.peerAddress);
    }

    /// Whether the client's first bytes have to be seen before there is a way to go: see [#decide].
    boolean isUndecided() {
        return undecided;
    }

    HostName asked() {
        return asked;
    }

    /// Null where the tunnel ends in the gateway, because what it carries are requests.
    @Nullable
    Cluster cluster() {
        return cluster;
    }

    Cluster requireCluster() {
        return Objects.requireNonNull(cluster);
    }

    /// What the list said of the port when it was asked.
    EgressPermit.Kind kind() {
        return host.permit().kind();
    }

    /// Without a byte in either direction, after which the tunnel is ended; zero for never.
    ///
    /// @param standard where the cluster leaves it open
    Duration idleTimeout(Duration standard) {
        Duration ofCluster = cluster == null
                ? null
                : cluster.spec().resilience().connections().bytesIdle();
        return ofCluster == null ? standard : ofCluster;
    }

    /// What watches over the client's first bytes.
    TunnelGate gate() {
        return TunnelGate.of(
                host.permit(), new TunnelGate.Named(asked.host(), names), undecided && host.routesRequests());
    }

    /// Remembers an endpoint that could not be connected.
    ///
    /// @return whether another may be tried: twice at most, and not where policy was against it
    boolean mayTryAnother(Endpoint tried, ProxyException failure) {
        if (!failure.retryable() || secondTried != null) {
            return false;
        }
        if (firstTried == null) {
            firstTried = tried;
        } else {
            secondTried = tried;
        }
        return true;
    }

    @Override
    public String host() {
        return asked.host();
    }

    @Override
    public int port() {
        return asked.port();
    }

    @Override
    public CharSequence clientAddress() {
        return client;
    }

    @Override
    public boolean excludes(Endpoint endpoint) {
        return endpoint == firstTried || endpoint == secondTried;
    }
}
