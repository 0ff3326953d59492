package io.sallyport.runtime.settings;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.resolver.ResolvedAddressTypes;
import io.netty.resolver.dns.DnsServerAddressStream;
import io.sallyport.cluster.dns.DnsSettings;
import io.sallyport.compile.EgressOptions;
import io.sallyport.config.index.InstanceScope;
import io.sallyport.config.model.ServerTlsSettings;
import io.sallyport.egress.EgressMode;
import io.sallyport.http.HttpLimits;
import io.sallyport.identity.SpiffeId;
import io.sallyport.route.PathNormalization;
import io.sallyport.workload.IstioAuthority;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SettingsTest {

    @Test
    void defaults() throws SettingsException {
        Settings settings = load(Map.of(), Map.of());

        assertThat(settings.config().dir()).isEqualTo(Path.of("/etc/sallyport/config"));
        assertThat(settings.secrets().dir()).isEqualTo(Path.of("/etc/sallyport/secrets"));
        assertThat(settings.identity().dir()).isEqualTo(Path.of("/etc/sallyport/identity"));
        assertThat(SettingsView.scope(settings)).isEqualTo(InstanceScope.defaults());
        assertThat(SettingsView.portMap(settings)).isEmpty();
        assertThat(settings.trustDomain()).isEqualTo("cluster.local");
        assertThat(settings.mesh().enabled()).isFalse();
        assertThat(settings.mesh().port()).isEqualTo(15001);
        assertThat(settings.egress().mode()).isEqualTo(EgressMode.REGISTRY_ONLY);
        assertThat(settings.egress().usageFile()).isEmpty();
        assertThat(settings.egress().maxDeniedHosts()).isEqualTo(200);
        assertThat(SettingsView.egress(settings))
                .isEqualTo(new EgressOptions(
                        0, null, EgressMode.REGISTRY_ONLY, List.of(), List.of(), List.of(15_000, 15_021)));
        assertThat(settings.discovery().kubernetes()).isFalse();
        assertThat(settings.discovery().configMap()).isEmpty();
        assertThat(settings.discovery().syncTimeout()).isEqualTo(Duration.ofSeconds(10));
        assertThat(settings.admin().port()).isEqualTo(15000);
        assertThat(settings.health().port()).isEqualTo(15021);
        assertThat(settings.drain().grace()).isEqualTo(Duration.ofSeconds(30));
        assertThat(settings.drain().delay()).isEqualTo(Duration.ofSeconds(5));
        assertThat(SettingsView.httpLimits(settings.limits())).isEqualTo(HttpLimits.DEFAULT);
        assertThat(settings.limits().connections()).isEqualTo(10_000);
        assertThat(settings.limits().tlsHandshakeTimeout()).isEqualTo(Duration.ofSeconds(10));
        assertThat(settings.accessLog().enabled()).isTrue();
        assertThat(settings.accessLog().format()).isEqualTo(AccessLogFormat.TEXT);
        assertThat(settings.accessLog().queue()).isEqualTo(8192);
        assertThat(settings.metrics().maxSeries()).isEqualTo(2000);
        assertThat(settings.trustedHops()).isZero();
        assertThat(settings.via()).isEmpty();
        assertThat(settings.serverHeader()).isEqualTo("sallyport");
        assertThat(settings.flagHeader()).isEmpty();
        assertThat(settings.pathNormalization()).isEqualTo(PathNormalization.MERGE_SLASHES);
        assertThat(settings.rejectUnderscores()).isTrue();
        assertThat(settings.proxyProtocol().enabled()).isFalse();
        assertThat(settings.eventLoops()).isZero();
        assertThat(SettingsView.dns(settings)).isEqualTo(DnsSettings.DEFAULT);
        assertThat(settings.reload().pollInterval()).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void fullMappingFromProperties() throws SettingsException {
        Settings settings = load(
                Map.ofEntries(
                        Map.entry("sallyport.config.dir", "/c"),
                        Map.entry("sallyport.secrets.dir", "/s"),
                        Map.entry("sallyport.identity.dir", "/i"),
                        Map.entry("sallyport.labels", "istio=ingressgateway, app=edge"),
                        Map.entry("sallyport.namespace", "edge"),
                        Map.entry("sallyport.root-namespace", "root"),
                        Map.entry("sallyport.port-map.80", "8080"),
                        Map.entry("sallyport.port-map.443", "8443"),
                        Map.entry("sallyport.cluster-domain", "mesh.internal"),
                        Map.entry("sallyport.trust-domain", "td.example"),
                        Map.entry("sallyport.mesh.enabled", "true"),
                        Map.entry("sallyport.mesh.port", "3128"),
                        Map.entry("sallyport.mesh.tls.credential-name", "proxy"),
                        Map.entry("sallyport.mesh.tls.mode", "optional-mutual"),
                        Map.entry("sallyport.mesh.tls.hosts", "Proxy.example, sallyport.egress.svc"),
                        Map.entry("sallyport.mesh.tls.required", "true"),
                        Map.entry("sallyport.egress.mode", "learn"),
                        Map.entry("sallyport.egress.allowed-cidrs", "10.1.0.0/16, fd00::/8, 192.0.2.1"),
                        Map.entry("sallyport.egress.own-addresses", "10.9.8.7, fd00::7"),
                        Map.entry("sallyport.egress.usage-file", "/u.json"),
                        Map.entry("sallyport.egress.max-denied-hosts", "7"),
                        Map.entry("sallyport.discovery.kubernetes", "true"),
                        Map.entry("sallyport.discovery.config-map", "edge/routes.v1"),
                        Map.entry("sallyport.discovery.sync-timeout", "3s"),
                        Map.entry("sallyport.admin.port", "1"),
                        Map.entry("sallyport.health.port", "2"),
                        Map.entry("sallyport.drain.grace", "5s"),
                        Map.entry("sallyport.drain.delay", "1s"),
                        Map.entry("sallyport.limits.connections", "3"),
                        Map.entry("sallyport.limits.tls-handshake-timeout", "500ms"),
                        Map.entry("sallyport.limits.target-bytes", "4K"),
                        Map.entry("sallyport.limits.head-bytes", "16384"),
                        Map.entry("sallyport.limits.header-fields", "50"),
                        Map.entry("sallyport.limits.body-bytes", "3G"),
                        Map.entry("sallyport.limits.head-timeout", "1s"),
                        Map.entry("sallyport.limits.body-timeout", "2s"),
                        Map.entry("sallyport.limits.idle-timeout", "1m"),
                        Map.entry("sallyport.limits.write-timeout", "PT4S"),
                        Map.entry("sallyport.limits.concurrent-streams", "7"),
                        Map.entry("sallyport.limits.stream-window-bytes", "32K"),
                        Map.entry("sallyport.limits.connection-window-bytes", "2M"),
                        Map.entry("sallyport.limits.requests-per-connection", "9"),
                        Map.entry("sallyport.access-log.enabled", "false"),
                        Map.entry("sallyport.access-log.format", "json"),
                        Map.entry("sallyport.access-log.queue", "16"),
                        Map.entry("sallyport.metrics.max-series", "10"),
                        Map.entry("sallyport.trusted-hops", "2"),
                        Map.entry("sallyport.via", "edge-1"),
                        Map.entry("sallyport.server-header", "edge"),
                        Map.entry("sallyport.flag-header", "x-flag"),
                        Map.entry("sallyport.path-normalization", "DECODE_AND_MERGE_SLASHES"),
                        Map.entry("sallyport.reject-underscores", "false"),
                        Map.entry("sallyport.proxy-protocol.enabled", "true"),
                        Map.entry("sallyport.proxy-protocol.allowed-cidrs", "10.0.0.0/8,fd00::/8,192.0.2.1"),
                        Map.entry("sallyport.dns.servers", "10.96.0.10, 127.0.0.1:5353,fd00::10,[fd00::11]:54"),
                        Map.entry("sallyport.dns.query-timeout", "700ms"),
                        Map.entry("sallyport.dns.lookup-family", "V4_PREFERRED"),
                        Map.entry("sallyport.event-loops", "4"),
                        Map.entry("sallyport.reload.poll-interval", "250ms")),
                Map.of());

        assertThat(SettingsView.scope(settings))
                .isEqualTo(new InstanceScope(
                        "edge", "root", "mesh.internal", Map.of("istio", "ingressgateway", "app", "edge")));
        assertThat(SettingsView.portMap(settings)).containsOnly(Map.entry(80, 8080), Map.entry(443, 8443));
        assertThat(settings.config().dir()).isEqualTo(Path.of("/c"));
        assertThat(settings.secrets().dir()).isEqualTo(Path.of("/s"));
        assertThat(settings.identity().dir()).isEqualTo(Path.of("/i"));
        assertThat(settings.trustDomain()).isEqualTo("td.example");
        assertThat(SettingsView.egress(settings))
                .isEqualTo(new EgressOptions(
                        3128,
                        new EgressOptions.MeshTls(
                                "proxy",
                                ServerTlsSettings.Mode.OPTIONAL_MUTUAL,
                                List.of("proxy.example", "sallyport.egress.svc"),
                                true),
                        EgressMode.LEARN,
                        List.of("10.1.0.0/16", "fd00::/8", "192.0.2.1"),
                        List.of("10.9.8.7", "fd00::7"),
                        List.of(1, 2)));
        assertThat(settings.discovery().kubernetes()).isTrue();
        assertThat(settings.discovery().configMap()).contains("edge/routes.v1");
        assertThat(settings.discovery().syncTimeout()).isEqualTo(Duration.ofSeconds(3));
        assertThat(settings.egress().usageFile()).contains(Path.of("/u.json"));
        assertThat(settings.egress().maxDeniedHosts()).isEqualTo(7);
        assertThat(settings.admin().port()).isEqualTo(1);
        assertThat(settings.health().port()).isEqualTo(2);
        assertThat(settings.drain().grace()).isEqualTo(Duration.ofSeconds(5));
        assertThat(settings.drain().delay()).isEqualTo(Duration.ofSeconds(1));
        assertThat(settings.limits().connections()).isEqualTo(3);
        assertThat(settings.limits().tlsHandshakeTimeout()).isEqualTo(Duration.ofMillis(500));
        assertThat(SettingsView.httpLimits(settings.limits()))
                .isEqualTo(new HttpLimits(
                        4096,
                        16384,
                        50,
                        3L << 30,
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(2),
                        Duration.ofMinutes(1),
                        Duration.ofSeconds(4),
                        7,
                        32 << 10,
                        2 << 20,
                        9));
        assertThat(settings.accessLog().enabled()).isFalse();
        assertThat(settings.accessLog().format()).isEqualTo(AccessLogFormat.JSON);
        assertThat(settings.accessLog().queue()).isEqualTo(16);
        assertThat(settings.metrics().maxSeries()).isEqualTo(10);
        assertThat(settings.trustedHops()).isEqualTo(2);
        assertThat(settings.via()).contains("edge-1");
        assertThat(settings.serverHeader()).isEqualTo("edge");
        assertThat(settings.flagHeader()).contains("x-flag");
        assertThat(settings.pathNormalization()).isEqualTo(PathNormalization.DECODE_AND_MERGE_SLASHES);
        assertThat(settings.rejectUnderscores()).isFalse();
        assertThat(settings.proxyProtocol().enabled()).isTrue();
        assertThat(settings.proxyProtocol().allowedCidrs()).contains(List.of("10.0.0.0/8", "fd00::/8", "192.0.2.1"));
        DnsSettings dns = SettingsView.dns(settings);
        assertThat(dns.queryTimeout()).isEqualTo(Duration.ofMillis(700));
        assertThat(dns.families()).isEqualTo(ResolvedAddressTypes.IPV4_PREFERRED);
        DnsServerAddressStream servers = dns.servers().nameServerAddressStream("any.example");
        assertThat(List.of(servers.next(), servers.next(), servers.next(), servers.next()))
                .extracting(server -> server.getAddress().getHostAddress() + " " + server.getPort())
                .containsExactly("10.96.0.10 53", "127.0.0.1 5353", "fd00:0:0:0:0:0:0:10 53", "fd00:0:0:0:0:0:0:11 54");
        assertThat(settings.eventLoops()).isEqualTo(4);
        assertThat(settings.reload().pollInterval()).isEqualTo(Duration.ofMillis(250));
    }

    @Test
    void environmentHasEverySettingInCapitals() throws SettingsException {
        Settings settings = load(
                Map.of(),
                Map.of(
                        "SALLYPORT_CONFIG_DIR", "/env",
                        "SALLYPORT_PORT_MAP_443", "8443",
                        "SALLYPORT_LABELS", "istio=edge",
                        "SALLYPORT_LIMITS_TLS_HANDSHAKE_TIMEOUT", "3s",
                        "SALLYPORT_PATH_NORMALIZATION", "BASE",
                        "SALLYPORT_ACCESS_LOG_FORMAT", "json"));

        assertThat(settings.config().dir()).isEqualTo(Path.of("/env"));
        assertThat(SettingsView.portMap(settings)).containsExactly(Map.entry(443, 8443));
        assertThat(SettingsView.labels(settings)).containsExactly(Map.entry("istio", "edge"));
        assertThat(settings.limits().tlsHandshakeTimeout()).isEqualTo(Duration.ofSeconds(3));
        assertThat(settings.pathNormalization()).isEqualTo(PathNormalization.BASE);
        assertThat(settings.accessLog().format()).isEqualTo(AccessLogFormat.JSON);
    }

    @Test
    void theMeshListenersOwnTlsByTheIdentityNeedsNoCredential() throws SettingsException {
        Settings settings = load(Map.of(), Map.of("SALLYPORT_MESH_TLS_MODE", "ISTIO_MUTUAL"));

        assertThat(SettingsView.egress(settings).tls())
                .isEqualTo(new EgressOptions.MeshTls("", ServerTlsSettings.Mode.ISTIO_MUTUAL, List.of(), false));
    }

    @Test
    void systemPropertiesWinOverTheEnvironment() throws SettingsException {
        Settings settings = load(Map.of("sallyport.admin.port", "1"), Map.of("SALLYPORT_ADMIN_PORT", "2"));

        assertThat(settings.admin().port()).isEqualTo(1);
    }

    private static Settings load(Map<String, String> properties, Map<String, String> environment)
            throws SettingsException {
        return SettingsLoader.load(properties, environment, List.of());
    }

    @Test
    void theWorkloadApisSocketIsWhereItsEnvironmentSays() throws Exception {
        Map<String, String> environment = Map.of("SPIFFE_ENDPOINT_SOCKET", "unix:///run/agent.sock");
        assertThat(SettingsLoader.load(Map.of(), environment, List.of())
                        .identity()
                        .endpointSocket())
                .contains("unix:///run/agent.sock");
        assertThat(SettingsLoader.load(
                                Map.of("sallyport.identity.endpoint-socket", "tcp://127.0.0.1:8081"),
                                environment,
                                List.of())
                        .identity()
                        .endpointSocket())
                .contains("tcp://127.0.0.1:8081");
        assertThat(SettingsLoader.load(Map.of(), Map.of(), List.of()).identity().endpointSocket())
                .isEmpty();
    }

    @Test
    void istiosAuthoritySignsForTheInstancesServiceAccount() throws Exception {
        Settings settings = SettingsLoader.load(
                Map.of(
                        "sallyport.identity.ca-address", "istiod.istio-system.svc:15012",
                        "sallyport.identity.service-account", "gateway",
                        "sallyport.namespace", "edge"),
                Map.of(),
                List.of());
        assertThat(SettingsView.istioAuthority(settings))
                .isEqualTo(new IstioAuthority.Settings(
                        "istiod.istio-system.svc",
                        15012,
                        SpiffeId.parse("spiffe://cluster.local/ns/edge/sa/gateway"),
                        Path.of("/var/run/secrets/tokens/istio-token"),
                        Path.of("/var/run/secrets/istio/root-cert.pem")));
    }
}
