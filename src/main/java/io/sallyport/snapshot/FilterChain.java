package io.sallyport.snapshot;

import io.sallyport.tls.DownstreamTlsContext;
import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What happens to the connections of one listener that were meant for these names.
///
/// @param name unique in its listener and the same in every generation, so that a connection finds its chain again
///     after a reload
/// @param serverNames SNI patterns in lower case, `*` for any; empty on a port without TLS
/// @param tls whether the connection's TLS ends here
/// @param context terminates TLS with it; null where TLS does not end here, where a plan was made without secrets, and
///     where there is no certificate, or no authority to verify clients by: then every handshake is refused
/// @param application what the bytes are
/// @param server the Gateway server it comes from; the first, where several share one plain-text port
public record FilterChain(
        String name,
        List<String> serverNames,
        Tls tls,
        @Nullable DownstreamTlsContext context,
        Application application,
        ServerRef server) {

    /// Whether the other chain asks the same of connections, and makes the same of their bytes. Certificates, the
    /// server's own and the authorities', do not matter.
    public boolean admitsLike(FilterChain other) {
        boolean sameKind = tls == other.tls && application.getClass() == other.application.getClass();
        if (!sameKind || context == null || other.context == null) {
            return sameKind && context == null && other.context == null;
        }
        return context.spec().withoutCertificates().equals(other.context.spec().withoutCertificates());
    }

    /// Whether this chain trusts the client that was let in by that TLS; what else TLS demands does not matter.
    ///
    /// @param admission null for plain text
    /// @param chain the certificates that the client has sent
    public boolean stillTrusts(@Nullable DownstreamTlsContext admission, List<X509Certificate> chain) {
        if (context == admission) {
            return true;
        }
        return context != null && admission != null && context.stillTrusts(admission, chain);
    }

    /// Whether nobody comes in without a certificate.
    public boolean demandsClientCertificate() {
        return context != null
                && switch (context.spec().mode()) {
                    case MUTUAL, ISTIO_MUTUAL -> true;
                    case SIMPLE, OPTIONAL_MUTUAL -> false;
                };
    }

    /// The Gateways whose policies hold for its connections, `namespace/name`.
    public List<String> gateways() {
        return application instanceof Tcp tcp ? tcp.gateways : List.of(server.gateway());
    }

    public enum Tls {
        /// Plain text.
        NONE,
        TERMINATE,
        /// Forwarded as it is.
        PASSTHROUGH
    }

    /// What a filter chain does with a connection's bytes.
    public sealed interface Application {}

    /// Requests, routed by host and path.
    ///
    /// @param hosts by exact name, wildcard or `*`
    /// @param grpcWeb requests of gRPC-Web are made requests of gRPC (port protocol GRPC-WEB)
    public record Http(io.sallyport.route.HostIndex<HttpHost> hosts, boolean grpcWeb) implements Application {}

    /// Bytes, routed by address and, for passthrough TLS, by SNI.
    ///
    /// @param routes the first that matches is taken
    /// @param gateways all Gateways that share the port, `namespace/name`
    public record Tcp(List<L4Route> routes, List<String> gateways) implements Application {
        public Tcp {
            routes = List.copyOf(routes);
            gateways = List.copyOf(gateways);
        }
    }

    /// AUTO_PASSTHROUGH: the SNI itself names the cluster (`outbound_.8080_._.payments.default.svc.cluster.local`).
    ///
    /// @param unlisted the clusters of services that only DNS knows, by the pattern of their names
    public record SniCluster(io.sallyport.route.HostIndex<String> unlisted) implements Application {}

    /// The mesh listener: a forward proxy for what the egress list names. Requests and tunnels, whatever they begin
    /// with.
    public record Mesh(MeshRoutes routes) implements Application {}
}
