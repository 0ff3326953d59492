package io.sallyport.workload;

import io.netty.util.NetUtil;
import io.sallyport.cluster.Cluster;
import io.sallyport.cluster.ClusterRegistry;
import io.sallyport.cluster.ClusterSpec;
import io.sallyport.cluster.ConnectionLife;
import io.sallyport.cluster.Discovery;
import io.sallyport.cluster.EndpointSpec;
import io.sallyport.cluster.ResilienceSpec;
import io.sallyport.cluster.UpstreamProtocol;
import io.sallyport.http.h2.KeepAlive;
import io.sallyport.identity.CredentialException;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Where a Workload API is served: the value of `SPIFFE_ENDPOINT_SOCKET` (SPIFFE Workload Endpoint section 4).
///
/// @param address `unix://` and an absolute path, or an IP address without brackets
/// @param port 0 for a Unix socket
public record EndpointSocket(String address, int port) {
    /// gRPC's servers put up with a ping in five minutes and close the connection for more of them.
    static final KeepAlive KEEP_ALIVE = new KeepAlive(Duration.ofMinutes(6), Duration.ofSeconds(20));

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

    /// @return null where it is neither `unix:///path` nor `tcp://<IP address>:<port>`, and nothing else
    public static @Nullable EndpointSocket parse(String text) {
        URI uri;
        try {
            uri = new URI(text);
        } catch (URISyntaxException e) {
            return null;
        }
        if (uri.getRawQuery() != null || uri.getRawFragment() != null || uri.isOpaque()) {
            return null;
        }
        if ("unix".equals(uri.getScheme())) {
            String path = uri.getPath();
            boolean usable = uri.getRawAuthority() == null && path.length() > 1 && path.startsWith("/");
            return usable ? new EndpointSocket("unix://" + path, 0) : null;
        }
        if (!"tcp".equals(uri.getScheme()) || uri.getHost() == null || uri.getRawUserInfo() != null) {
            return null;
        }
        String host = uri.getHost().replace("[", "").replace("]", "");
        byte[] address = NetUtil.createByteArrayFromIpAddressString(host);
        boolean usable = address != null && uri.getRawPath().isEmpty() && uri.getPort() > 0 && uri.getPort() <= 65535;
        return usable ? new EndpointSocket(NetUtil.bytesToIpAddress(address), uri.getPort()) : null;
    }

    /// The one endpoint, as what calls are made to.
    ///
    /// @param keepAlive finds out that the agent is gone where no packet says so
    Cluster cluster(ClusterRegistry.Maker clusters, KeepAlive keepAlive) {
        try {
            return clusters.create(spec(keepAlive), null);
        } catch (CredentialException impossible) {
            throw new IllegalStateException("there is no TLS", impossible);
        }
    }

    private ClusterSpec spec(KeepAlive keepAlive) {
        ConnectionLife life = new ConnectionLife(Duration.ZERO, null, Integer.MAX_VALUE, keepAlive);
        ResilienceSpec usual = ResilienceSpec.DEFAULT;
        return ClusterSpec.of("workload-api", port, Discovery.STATIC, List.of(new EndpointSpec(address, port)))
                .withProtocol(UpstreamProtocol.HTTP2, null)
                .withConnections(CONNECT_TIMEOUT, ClusterSpec.DEFAULT_IDLE_TIMEOUT, 0, null)
                .withResilience(new ResilienceSpec(
                        usual.limits(), usual.retries(), life, usual.outliers(), usual.healthCheck()));
    }

    @Override
    public String toString() {
        return port == 0 ? address : "tcp://" + (address.indexOf(':') < 0 ? address : '[' + address + ']') + ':' + port;
    }
}
