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
/// @param port the service's port; with [Discovery#DYNAMIC] also the one that is connected to
/// @param endpoints in the order of configuration; empty with [Discovery#DYNAMIC]; exactly one with
///     [Discovery#LOGICAL_DNS]
/// @param tls null for plain text
/// @param connectTimeout until the connection can carry requests, TLS handshake included
/// @param idleTimeout after which a connection without requests is closed; zero for never
/// @param maxRequestsPerConnection 0 for no bound
/// @param keepalive null for none
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
        @Nullable TcpKeepalive keepalive) {
    /// `TCPSettings.connectTimeout`.
    public static final Duration DEFAULT_CONNECT_TIMEOUT = Duration.ofSeconds(10);
    /// `HTTPSettings.idleTimeout`.
    public static final Duration DEFAULT_IDLE_TIMEOUT = Duration.ofHours(1);

    public ClusterSpec {
        endpoints = List.copyOf(endpoints);
        if (discovery == Discovery.LOGICAL_DNS && endpoints.size() != 1) {
            throw new IllegalArgumentException(name + ": " + endpoints.size() + " endpoints with LOGICAL_DNS");
        }
        if (protocol == UpstreamProtocol.ALPN && tls == null) {
            throw new IllegalArgumentException(name + ": ALPN without TLS");
        }
    }

    /// A plain-text HTTP/1.1 cluster with Istio's defaults; the `with` methods change the rest.
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
                null);
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
                keepalive);
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
                keepalive);
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
                keepalive);
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
                newKeepalive);
    }
}
