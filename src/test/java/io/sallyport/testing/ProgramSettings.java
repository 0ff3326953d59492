package io.sallyport.testing;

import io.netty.resolver.dns.DnsServerAddressStream;
import io.sallyport.cluster.dns.DnsSettings;
import io.sallyport.compile.EgressOptions;
import io.sallyport.http.HttpLimits;
import io.sallyport.listener.ListenerSettings;
import io.sallyport.net.AddressRange;
import io.sallyport.proxy.ProxySettings;
import io.sallyport.tunnel.TunnelSettings;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.opentest4j.TestAbortedException;

/// A test's set-up as the environment of the program. What no setting can say skips the test.
final class ProgramSettings {
    private final GatewayBuilder builder;
    private final Map<String, String> environment = new HashMap<>();

    ProgramSettings(GatewayBuilder builder) {
        this.builder = builder;
    }

    Map<String, String> environment(TestGateway gateway) {
        put("CONFIG_DIR", gateway.config());
        put("CONFIG_ON_ERROR", builder.onError.name().toLowerCase(Locale.ROOT));
        put("SECRETS_DIR", gateway.secrets());
        put("IDENTITY_DIR", gateway.identity(builder));
        gateway.ports.forEach((named, bound) -> put("PORT_MAP_" + named, bound));
        put("HEALTH_PORT", gateway.healthPort);
        put("ADMIN_PORT", gateway.adminPort);
        put("LABELS", "istio=ingressgateway");
        put("ACCESS_LOG_FORMAT", "json");
        put("DRAIN_DELAY", "0s");
        put("EVENT_LOOPS", builder.eventLoops);
        if (!builder.trustDomainAliases.isEmpty()) {
            put("TRUST_DOMAIN_ALIASES", String.join(",", builder.trustDomainAliases));
        }
        if (!builder.locality.isEmpty()) {
            put("LOCALITY", builder.locality);
        }
        builder.tracing.forEach((key, value) -> put("TRACING_" + variable(key), value));
        builder.metricExport.forEach((key, value) -> put("METRICS_OTLP_" + variable(key), value));
        egress(builder.egress(gateway.port(TestGateway.MESH_PORT)));
        limits(builder.listeners.limits());
        listeners(builder.listeners);
        proxy(builder.proxy);
        dns(builder.dns);
        return environment;
    }

    private void egress(EgressOptions egress) {
        put("MESH_ENABLED", egress.hasMeshListener());
        if (egress.hasMeshListener()) {
            put("MESH_PORT", egress.port());
        }
        put("EGRESS_MODE", setting(egress.mode()));
        list("EGRESS_ALLOWED_CIDRS", egress.allowedCidrs());
        list("EGRESS_OWN_ADDRESSES", egress.ownAddresses());
        EgressOptions.MeshTls tls = egress.tls();
        if (tls != null) {
            put("MESH_TLS_MODE", setting(tls.mode()));
            list(
                    "MESH_TLS_CREDENTIAL_NAME",
                    tls.credentialName().isEmpty() ? List.of() : List.of(tls.credentialName()));
            list("MESH_TLS_HOSTS", tls.names());
            put("MESH_TLS_REQUIRED", tls.required());
        }
    }

    private void limits(HttpLimits limits) {
        put("LIMITS_TARGET_BYTES", limits.targetBytes());
        put("LIMITS_HEAD_BYTES", limits.headBytes());
        put("LIMITS_HEADER_FIELDS", limits.headerFields());
        put("LIMITS_BODY_BYTES", limits.bodyBytes());
        put("LIMITS_HEAD_TIMEOUT", millis(limits.headTimeout()));
        put("LIMITS_BODY_TIMEOUT", millis(limits.bodyTimeout()));
        put("LIMITS_IDLE_TIMEOUT", millis(limits.idleTimeout()));
        put("LIMITS_WRITE_TIMEOUT", millis(limits.writeTimeout()));
        put("LIMITS_CONCURRENT_STREAMS", limits.concurrentStreams());
        put("LIMITS_STREAM_WINDOW_BYTES", limits.streamWindowBytes());
        put("LIMITS_CONNECTION_WINDOW_BYTES", limits.connectionWindowBytes());
        put("LIMITS_REQUESTS_PER_CONNECTION", limits.requestsPerConnection());
    }

    private void listeners(ListenerSettings listeners) {
        put("LIMITS_CONNECTIONS", listeners.connectionsPerListener());
        put("LIMITS_TLS_HANDSHAKE_TIMEOUT", millis(listeners.tlsHandshakeTimeout()));
        put("REJECT_UNDERSCORES", listeners.rejectUnderscores());
        put("PROXY_PROTOCOL_ENABLED", listeners.proxyProtocol().enabled());
        list(
                "PROXY_PROTOCOL_ALLOWED_CIDRS",
                listeners.proxyProtocol().allowed().stream()
                        .map(AddressRange::toString)
                        .toList());
    }

    private void proxy(ProxySettings proxy) {
        TunnelSettings tunnels = proxy.tunnels();
        put("PATH_NORMALIZATION", setting(proxy.paths().mode()));
        put("ENCODED_SLASHES", setting(proxy.paths().encodedSlashes()));
        sayable(proxy.serverHeader() != null, "the upstream's server header");
        put("TRUSTED_HOPS", proxy.trustedHops());
        put("SERVER_HEADER", proxy.serverHeader());
        if (proxy.via() != null) {
            put("VIA", proxy.via());
        }
        if (proxy.flagHeader() != null) {
            put("FLAG_HEADER", proxy.flagHeader());
        }
        if (!tunnels.helloTimeout().equals(TunnelSettings.DEFAULT.helloTimeout())) {
            put("LIMITS_TLS_HANDSHAKE_TIMEOUT", millis(tunnels.helloTimeout()));
        }
        put("LIMITS_RETRY_BODY_BYTES", proxy.retryBodyBytes());
        put("CLIENT_CERT_FORWARD", setting(proxy.clientCert().mode()));
        list(
                "CLIENT_CERT_FIELDS",
                proxy.clientCert().fields().stream()
                        .map(field -> field.name().toLowerCase(Locale.ROOT))
                        .toList());
    }

    private void dns(DnsSettings dns) {
        DnsSettings defaults = DnsSettings.DEFAULT;
        sayable(
                List.of(dns.shortest(), dns.longest(), dns.hostsFile(), dns.negative(), dns.firstRetry())
                        .equals(List.of(
                                defaults.shortest(),
                                defaults.longest(),
                                defaults.hostsFile(),
                                defaults.negative(),
                                defaults.firstRetry())),
                "times between look-ups");
        put("DNS_QUERY_TIMEOUT", millis(dns.queryTimeout()));
        if (dns.families() != null) {
            put("DNS_LOOKUP_FAMILY", setting(dns.families()).replace("ip", ""));
        }
        if (dns.servers() != null) {
            DnsServerAddressStream all = dns.servers().nameServerAddressStream("any.example");
            Set<InetSocketAddress> servers = new LinkedHashSet<>();
            for (int i = 0; i < all.size(); i++) {
                servers.add(all.next());
            }
            list(
                    "DNS_SERVERS",
                    servers.stream()
                            .map(server -> server.getAddress().getHostAddress() + ':' + server.getPort())
                            .toList());
        }
    }

    private static void sayable(boolean is, String what) {
        if (!is) {
            throw new TestAbortedException("there is no setting for " + what);
        }
    }

    private static String setting(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static String variable(String key) {
        return key.toUpperCase(Locale.ROOT).replace('-', '_');
    }

    private static String millis(Duration duration) {
        return duration.toMillis() + "ms";
    }

    private void list(String name, List<String> values) {
        if (!values.isEmpty()) {
            put(name, values.stream().collect(Collectors.joining(",")));
        }
    }

    private void put(String name, Object value) {
        environment.put("SALLYPORT_" + name, value.toString());
    }
}
