package io.sallyport.upstream;

import io.sallyport.identity.UpstreamTlsSpec;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a cluster is. Over a reload, a running cluster whose spec is equal is kept with its connections and its health.
///
/// @param name `outbound|80|v1|payments.default.svc.cluster.local`
/// @param host the service's host
/// @param subset null for the whole service
/// @param port the service's port; 0 for whichever a request asks for
/// @param endpoints in the order of configuration; empty with [Discovery#DYNAMIC]; exactly one with
///     [Discovery#LOGICAL_DNS]
/// @param tls null for plain text
/// @param connectTimeout until the connection can carry requests, TLS handshake included
/// @param idleTimeout after which a connection without requests is closed; zero for never
/// @param maxRequestsPerConnection 0 for no bound
/// @param keepalive null for none
/// @param targetPort of endpoints that the requests name: with [Discovery#DYNAMIC] and [LoadBalancing#PASSTHROUGH];
///     0 for the one that a request asks for
/// @param guard on the addresses of names; an endpoint that the spec itself has as an address is not asked about
/// @param tunnel through which bytes reach what lies behind the endpoints; null for none. Requests do not use it
/// @param resilience limits, outlier detection, health checks
/// @param balancing what else decides where requests go
public record ClusterSpec(
        String name,
        String host,
        @Nullable String subset,
        int port,
        Discovery discovery,
        List<EndpointSpec> endpoints,
        LoadBalancing loadBalancing,
        UpstreamProtocol protocol,
        @Nullable UpstreamTlsSpec tls,
        Duration connectTimeout,
        Duration idleTimeout,
        int maxRequestsPerConnection,
        @Nullable TcpKeepalive keepalive,
        int targetPort,
        AddressGuard guard,
        @Nullable TunnelSpec tunnel,
        ResilienceSpec resilience,
        Balancing balancing) {
    /// `TCPSettings.connectTimeout`.
    public static final Duration DEFAULT_CONNECT_TIMEOUT = Duration.ofSeconds(10);
    /// `HTTPSettings.idleTimeout`.
    public static final Duration DEFAULT_IDLE_TIMEOUT = Duration.ofHours(1);

    /// The catch-all of what is on no list, by Istio's name for it.
    public static final String PASSTHROUGH = "PassthroughCluster";
    /// The catch-all of mesh services that no resource names.
    public static final String MESH_SERVICES = "MeshServices";

    public ClusterSpec {
        endpoints = List.copyOf(endpoints);
        if (discovery == Discovery.LOGICAL_DNS && endpoints.size() != 1) {
            throw new IllegalArgumentException(name + ": " + endpoints.size() + " endpoints with LOGICAL_DNS");
        }
        if (protocol == UpstreamProtocol.ALPN && tls == null) {
            throw new IllegalArgumentException(name + ": ALPN without TLS");
        }
    }

    /// A plain-text HTTP/1.1 cluster with Istio's defaults, guarded as [AddressGuard#EXTERNAL]; the `with` methods
    /// change the rest.
    public static ClusterSpec of(String host, int port, Discovery discovery, List<EndpointSpec> endpoints) {
        return new ClusterSpec(
                name(host, null, port),
                host,
                null,
                port,
                discovery,
                endpoints,
                LoadBalancing.LEAST_REQUEST,
                UpstreamProtocol.HTTP1,
                null,
                DEFAULT_CONNECT_TIMEOUT,
                DEFAULT_IDLE_TIMEOUT,
                0,
                null,
                port,
                AddressGuard.EXTERNAL,
                null,
                ResilienceSpec.DEFAULT,
                Balancing.NONE);
    }

    /// A cluster that goes to whatever host and port each request asks for, by HTTP/1.1, or HTTP/2 for gRPC.
    ///
    /// @param name such as [#PASSTHROUGH] or [#MESH_SERVICES]
    public static ClusterSpec catchAll(String name, AddressGuard guard) {
        return new ClusterSpec(
                name,
                name,
                null,
                0,
                Discovery.DYNAMIC,
                List.of(),
                LoadBalancing.LEAST_REQUEST,
                UpstreamProtocol.GRPC_AWARE,
                null,
                DEFAULT_CONNECT_TIMEOUT,
                DEFAULT_IDLE_TIMEOUT,
                0,
                null,
                0,
                guard,
                null,
                ResilienceSpec.DEFAULT,
                Balancing.NONE);
    }

    /// The name that Istio gives the cluster of a host, port and subset.
    public static String name(String host, @Nullable String subset, int port) {
        return "outbound|" + port + '|' + (subset == null ? "" : subset) + '|' + host;
    }

    public ClusterSpec withSubset(@Nullable String newSubset, List<EndpointSpec> newEndpoints) {
        return new ClusterSpec(
                name(host, newSubset, port),
                host,
                newSubset,
                port,
                discovery,
                newEndpoints,
                loadBalancing,
                protocol,
                tls,
                connectTimeout,
                idleTimeout,
                maxRequestsPerConnection,
                keepalive,
                targetPort,
                guard,
                tunnel,
                resilience,
                balancing);
    }

    public ClusterSpec withLoadBalancing(LoadBalancing newLoadBalancing) {
        return new ClusterSpec(
                name,
                host,
                subset,
                port,
                discovery,
                endpoints,
                newLoadBalancing,
                protocol,
                tls,
                connectTimeout,
                idleTimeout,
                maxRequestsPerConnection,
                keepalive,
                targetPort,
                guard,
                tunnel,
                resilience,
                balancing);
    }

    public ClusterSpec withProtocol(UpstreamProtocol newProtocol, @Nullable UpstreamTlsSpec newTls) {
        return new ClusterSpec(
                name,
                host,
                subset,
                port,
                discovery,
                endpoints,
                loadBalancing,
                newProtocol,
                newTls,
                connectTimeout,
                idleTimeout,
                maxRequestsPerConnection,
                keepalive,
                targetPort,
                guard,
                tunnel,
                resilience,
                balancing);
    }

    public ClusterSpec withConnections(
            Duration newConnectTimeout,
            Duration newIdleTimeout,
            int newMaxRequestsPerConnection,
            @Nullable TcpKeepalive newKeepalive) {
        return new ClusterSpec(
                name,
                host,
                subset,
                port,
                discovery,
                endpoints,
                loadBalancing,
                protocol,
                tls,
                newConnectTimeout,
                newIdleTimeout,
                newMaxRequestsPerConnection,
                newKeepalive,
                targetPort,
                guard,
                tunnel,
                resilience,
                balancing);
    }

    public ClusterSpec withGuard(AddressGuard newGuard) {
        return with(targetPort, newGuard, tunnel, resilience, balancing);
    }

    public ClusterSpec withTargetPort(int newTargetPort) {
        return with(newTargetPort, guard, tunnel, resilience, balancing);
    }

    public ClusterSpec withTunnel(@Nullable TunnelSpec newTunnel) {
        return with(targetPort, guard, newTunnel, resilience, balancing);
    }

    public ClusterSpec withResilience(ResilienceSpec newResilience) {
        return with(targetPort, guard, tunnel, newResilience, balancing);
    }

    public ClusterSpec withBalancing(Balancing newBalancing) {
        return with(targetPort, guard, tunnel, resilience, newBalancing);
    }

    private ClusterSpec with(
            int newTargetPort,
            AddressGuard newGuard,
            @Nullable TunnelSpec newTunnel,
            ResilienceSpec newResilience,
            Balancing newBalancing) {
        return new ClusterSpec(
                name,
                host,
                subset,
                port,
                discovery,
                endpoints,
                loadBalancing,
                protocol,
                tls,
                connectTimeout,
                idleTimeout,
                maxRequestsPerConnection,
                keepalive,
                newTargetPort,
                newGuard,
                newTunnel,
                newResilience,
                newBalancing);
    }
}
