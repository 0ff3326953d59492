package io.sallyport.cluster;

import io.netty.handler.codec.haproxy.HAProxyProtocolVersion;
import io.sallyport.cluster.balance.BalancingSpec;
import io.sallyport.cluster.balance.LoadBalancing;
import io.sallyport.net.AddressGuard;
import io.sallyport.outcome.WorkloadNames;
import io.sallyport.tls.UpstreamTlsSpec;
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
/// @param meshTls towards those endpoints that speak it; null for none. Only without `tls`
/// @param connectTimeout until the connection can carry requests, TLS handshake included
/// @param idleTimeout after which a connection without requests is closed; zero for never
/// @param maxRequestsPerConnection 0 for no bound
/// @param keepalive null for none
/// @param targetPort of endpoints that the requests name: with [Discovery#DYNAMIC];
///     0 for the one that a request asks for
/// @param guard on the addresses of names; an endpoint that the spec itself has as an address is not asked about
/// @param tunnel through which bytes reach what lies behind the endpoints; null for none. Requests do not use it
/// @param proxyProtocol of the header that each connection begins with; null for none
/// @param resilience limits, outlier detection, health checks
/// @param balancing what else decides where requests go
/// @param placement of discovered endpoints; only with [Discovery#DISCOVERED]
/// @param service what metrics call its namespace, and those endpoints of which they know nothing else; null for a host
///     that belongs to no namespace
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
        @Nullable MeshTls meshTls,
        Duration connectTimeout,
        Duration idleTimeout,
        int maxRequestsPerConnection,
        @Nullable TcpKeepalive keepalive,
        int targetPort,
        AddressGuard guard,
        @Nullable TunnelSpec tunnel,
        @Nullable HAProxyProtocolVersion proxyProtocol,
        ResilienceSpec resilience,
        BalancingSpec balancing,
        @Nullable EndpointPlacement placement,
        @Nullable WorkloadNames service) {
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

    /// What that endpoint is spoken to by; null for plain text.
    public @Nullable UpstreamTlsSpec tlsTo(EndpointSpec endpoint) {
        return meshTls != null && meshTls.isFor(endpoint) ? meshTls.spec() : tls;
    }

    /// The server name towards that endpoint.
    ///
    /// @param host that a connection is opened for, where no setting names another
    public String serverNameTo(EndpointSpec endpoint, String host) {
        return meshTls != null && meshTls.isFor(endpoint) ? meshTls.serverName() : host;
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
                null,
                DEFAULT_CONNECT_TIMEOUT,
                DEFAULT_IDLE_TIMEOUT,
                0,
                null,
                port,
                AddressGuard.EXTERNAL,
                null,
                null,
                ResilienceSpec.DEFAULT,
                BalancingSpec.NONE,
                null,
                null);
    }

    /// A cluster that goes to whatever host and port each request asks for, by HTTP/1.1, or HTTP/2 for gRPC.
    ///
    /// @param name such as [#PASSTHROUGH] or [#MESH_SERVICES]
    public static ClusterSpec catchAll(String name, AddressGuard guard) {
        Draft draft = new Draft(of(name, 0, Discovery.DYNAMIC, List.of()));
        draft.name = name;
        draft.protocol = UpstreamProtocol.GRPC_AWARE;
        draft.guard = guard;
        return draft.spec();
    }

    /// The name that Istio gives the cluster of a host, port and subset.
    public static String name(String host, @Nullable String subset, int port) {
        return "outbound|" + port + '|' + (subset == null ? "" : subset) + '|' + host;
    }

    /// The server name that stands for such a cluster (Istio pilot, `BuildDNSSrvSubsetKey`), and the name of the
    /// one that an AUTO_PASSTHROUGH server forwards bytes to.
    public static String serverName(String host, @Nullable String subset, int port) {
        return "outbound_." + port + "_." + (subset == null ? "" : subset) + "_." + host;
    }

    /// As the target of [#serverName].
    public ClusterSpec byServerName() {
        Draft draft = new Draft(this);
        draft.name = serverName(host, subset, port);
        return draft.spec();
    }

    public ClusterSpec withSubset(@Nullable String newSubset, List<EndpointSpec> newEndpoints) {
        Draft draft = new Draft(this);
        draft.name = name(host, newSubset, port);
        draft.subset = newSubset;
        draft.endpoints = newEndpoints;
        return draft.spec();
    }

    public ClusterSpec withLoadBalancing(LoadBalancing newLoadBalancing) {
        Draft draft = new Draft(this);
        draft.loadBalancing = newLoadBalancing;
        return draft.spec();
    }

    public ClusterSpec withProtocol(UpstreamProtocol newProtocol, @Nullable UpstreamTlsSpec newTls) {
        Draft draft = new Draft(this);
        draft.protocol = newProtocol;
        draft.tls = newTls;
        return draft.spec();
    }

    public ClusterSpec withMeshTls(@Nullable MeshTls newMeshTls) {
        Draft draft = new Draft(this);
        draft.meshTls = newMeshTls;
        return draft.spec();
    }

    public ClusterSpec withConnections(
            Duration newConnectTimeout,
            Duration newIdleTimeout,
            int newMaxRequestsPerConnection,
            @Nullable TcpKeepalive newKeepalive) {
        Draft draft = new Draft(this);
        draft.connectTimeout = newConnectTimeout;
        draft.idleTimeout = newIdleTimeout;
        draft.maxRequestsPerConnection = newMaxRequestsPerConnection;
        draft.keepalive = newKeepalive;
        return draft.spec();
    }

    public ClusterSpec withGuard(AddressGuard newGuard) {
        Draft draft = new Draft(this);
        draft.guard = newGuard;
        return draft.spec();
    }

    public ClusterSpec withTargetPort(int newTargetPort) {
        Draft draft = new Draft(this);
        draft.targetPort = newTargetPort;
        return draft.spec();
    }

    public ClusterSpec withTunnel(@Nullable TunnelSpec newTunnel) {
        Draft draft = new Draft(this);
        draft.tunnel = newTunnel;
        return draft.spec();
    }

    public ClusterSpec withProxyProtocol(@Nullable HAProxyProtocolVersion newProxyProtocol) {
        Draft draft = new Draft(this);
        draft.proxyProtocol = newProxyProtocol;
        return draft.spec();
    }

    public ClusterSpec withResilience(ResilienceSpec newResilience) {
        Draft draft = new Draft(this);
        draft.resilience = newResilience;
        return draft.spec();
    }

    public ClusterSpec withBalancing(BalancingSpec newBalancing) {
        Draft draft = new Draft(this);
        draft.balancing = newBalancing;
        return draft.spec();
    }

    public ClusterSpec withPlacement(EndpointPlacement newPlacement) {
        Draft draft = new Draft(this);
        draft.placement = newPlacement;
        return draft.spec();
    }

    public ClusterSpec withService(@Nullable WorkloadNames newService) {
        Draft draft = new Draft(this);
        draft.service = newService;
        return draft.spec();
    }

    /// A spec that is being changed.
    private static final class Draft {
        private final ClusterSpec before;
        private String name;
        private @Nullable String subset;
        private List<EndpointSpec> endpoints;
        private LoadBalancing loadBalancing;
        private UpstreamProtocol protocol;
        private @Nullable UpstreamTlsSpec tls;
        private @Nullable MeshTls meshTls;
        private Duration connectTimeout;
        private Duration idleTimeout;
        private int maxRequestsPerConnection;
        private @Nullable TcpKeepalive keepalive;
        private int targetPort;
        private AddressGuard guard;
        private @Nullable TunnelSpec tunnel;
        private @Nullable HAProxyProtocolVersion proxyProtocol;
        private ResilienceSpec resilience;
        private BalancingSpec balancing;
        private @Nullable EndpointPlacement placement;
        private @Nullable WorkloadNames service;

        Draft(ClusterSpec before) {
            this.before = before;
            name = before.name;
            subset = before.subset;
            endpoints = before.endpoints;
            loadBalancing = before.loadBalancing;
            protocol = before.protocol;
            tls = before.tls;
            meshTls = before.meshTls;
            connectTimeout = before.connectTimeout;
            idleTimeout = before.idleTimeout;
            maxRequestsPerConnection = before.maxRequestsPerConnection;
            keepalive = before.keepalive;
            targetPort = before.targetPort;
            guard = before.guard;
            tunnel = before.tunnel;
            proxyProtocol = before.proxyProtocol;
            resilience = before.resilience;
            balancing = before.balancing;
            placement = before.placement;
            service = before.service;
        }

        ClusterSpec spec() {
            return new ClusterSpec(
                    name,
                    before.host,
                    subset,
                    before.port,
                    before.discovery,
                    endpoints,
                    loadBalancing,
                    protocol,
                    tls,
                    meshTls,
                    connectTimeout,
                    idleTimeout,
                    maxRequestsPerConnection,
                    keepalive,
                    targetPort,
                    guard,
                    tunnel,
                    proxyProtocol,
                    resilience,
                    balancing,
                    placement,
                    service);
        }
    }
}
