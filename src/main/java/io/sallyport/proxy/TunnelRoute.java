package io.sallyport.proxy;

import io.sallyport.policy.EgressPermit;
import io.sallyport.policy.NumericHost;
import io.sallyport.route.HostName;
import io.sallyport.snapshot.FilterChain;
import io.sallyport.snapshot.L4Route;
import io.sallyport.snapshot.MeshHost;
import io.sallyport.snapshot.MeshRoutes;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.snapshot.Workload;
import io.sallyport.telemetry.ProxyException;
import io.sallyport.telemetry.RequestFacts;
import io.sallyport.telemetry.ResponseFlag;
import io.sallyport.upstream.Cluster;
import io.sallyport.upstream.Endpoint;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Where a tunnel leads: the listed host that was asked for, and the cluster that its routes chose.
final class TunnelRoute implements BytesContext {
    private final HostName asked;
    private final EgressPermit permit;
    private final @Nullable Cluster cluster;
    private final CharSequence client;
    private @Nullable Endpoint firstTried;
    private @Nullable Endpoint secondTried;

    private TunnelRoute(HostName asked, EgressPermit permit, @Nullable Cluster cluster, CharSequence client) {
        this.asked = asked;
        this.permit = permit;
        this.cluster = cluster;
        this.client = client;
    }

    /// @throws ProxyException 403 where the host is not listed, 404 and 503 as for requests
    static TunnelRoute find(HttpConnection connection, Snapshot snapshot, HostName asked, RequestFacts facts)
            throws ProxyException {
        if (!(connection.application(snapshot) instanceof FilterChain.Mesh(MeshRoutes routes))) {
            throw ProxyException.gateway(ResponseFlag.NR, "filter_chain_not_found");
        }
        MeshHost host = MeshAdmission.admit(routes, MeshAdmission.Asked.tunnel(asked), facts);
        EgressPermit.Kind kind = host.permit().kind();
        if (kind == EgressPermit.Kind.HTTP) {
            return new TunnelRoute(asked, host.permit(), null, connection.peerAddress);
        }
        L4Route route = route(host, asked, kind, connection, connection.workload(snapshot, routes));
        facts.virtualService = route.virtualService();
        String name = route.pick(connection.loop.random.nextInt()).clusterName();
        facts.cluster = name;
        Cluster cluster = snapshot.clusters().cluster(name);
        if (cluster == null) {
            throw ProxyException.gateway(ResponseFlag.NC, "cluster_not_found");
        }
        facts.destinationHost = cluster.spec().host();
        facts.destinationSubset = cluster.spec().subset();
        return new TunnelRoute(asked, host.permit(), cluster, connection.peerAddress);
    }

    /// The name in the ClientHello must be the one that the tunnel was asked for, so it need not be waited for.
    private static L4Route route(
            MeshHost host, HostName asked, EgressPermit.Kind kind, HttpConnection connection, Workload client)
            throws ProxyException {
        boolean unnamed = kind == EgressPermit.Kind.TCP || NumericHost.isAddress(asked.host());
        String sni = unnamed ? null : asked.host();
        InetSocketAddress source = connection.info.remote() instanceof InetSocketAddress inet ? inet : null;
        for (L4Route route : host.bytes()) {
            if (route.matches(sni, null, source, client, asked.port())) {
                return route;
            }
        }
        throw ProxyException.gateway(ResponseFlag.NR, "route_not_found");
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
        return permit.kind();
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
        return TunnelGate.of(permit, asked.host());
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
