package io.sallyport.explain.egress;

import io.netty.handler.codec.haproxy.HAProxyProtocolVersion;
import io.sallyport.cluster.ClusterSpec;
import io.sallyport.cluster.Discovery;
import io.sallyport.cluster.EndpointSpec;
import io.sallyport.cluster.TunnelSpec;
import io.sallyport.net.AddressGuard;
import io.sallyport.tls.UpstreamTlsSpec;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// How a cluster's endpoints are reached, in a few words.
public final class ClusterReach {
    private static final int MOST_ENDPOINTS = 3;

    private ClusterReach() {}

    static String text(ClusterSpec cluster) {
        String endpoints =
                switch (cluster.discovery()) {
                    case STATIC -> "static " + endpoints(cluster.endpoints());
                    case STRICT_DNS, LOGICAL_DNS -> "DNS " + endpoints(cluster.endpoints());
                    case DYNAMIC -> "the host asked for";
                    case ASKED_PORT -> "DNS " + cluster.host() + " at the port asked for";
                    case DISCOVERED -> "discovered " + endpoints(cluster.endpoints());
                };
        return endpoints + tls(cluster.tls()) + tunnel(cluster.tunnel()) + header(cluster.proxyProtocol());
    }

    private static String endpoints(List<EndpointSpec> endpoints) {
        if (endpoints.isEmpty()) {
            return "(no endpoints)";
        }
        String first = endpoints.stream()
                .limit(MOST_ENDPOINTS)
                .map(ClusterReach::endpoint)
                .collect(Collectors.joining(", "));
        int more = endpoints.size() - MOST_ENDPOINTS;
        return more > 0 ? first + " and " + more + " more" : first;
    }

    private static String endpoint(EndpointSpec endpoint) {
        String address = endpoint.address();
        if (endpoint.isUnixSocket()) {
            return address;
        }
        return (address.indexOf(':') >= 0 ? "[" + address + "]" : address) + ":" + endpoint.port();
    }

    private static String tls(@Nullable UpstreamTlsSpec tls) {
        if (tls == null) {
            return "";
        }
        String sni = tls.sni() == null ? "the host" : tls.sni();
        return ", TLS origination " + tls.mode() + " with SNI " + sni
                + (tls.insecureSkipVerify() ? ", not verified" : "");
    }

    private static String tunnel(@Nullable TunnelSpec tunnel) {
        return tunnel == null ? "" : ", and from there by " + tunnel.method() + " to " + tunnel.target();
    }

    private static String header(@Nullable HAProxyProtocolVersion version) {
        return version == null ? "" : ", with a PROXY protocol header, " + version;
    }

    /// Which addresses may be dialled: `public` or `public and private`, and the ranges that are excepted from the
    /// guard; `as listed` where the configuration itself has the addresses.
    public static String guard(ClusterSpec cluster) {
        if (cluster.discovery() == Discovery.STATIC) {
            return "as listed";
        }
        AddressGuard guard = cluster.guard();
        String text = guard.level() == AddressGuard.Level.EXTERNAL ? "public" : "public and private";
        String exceptions = guard.exceptions().stream().map(Object::toString).collect(Collectors.joining(", "));
        return exceptions.isEmpty() ? text : text + ", and " + exceptions;
    }
}
