package io.sallyport.reload;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.cluster.ClusterSpec;
import io.sallyport.cluster.Discovery;
import io.sallyport.cluster.EndpointSpec;
import io.sallyport.cluster.UpstreamProtocol;
import io.sallyport.compile.CompileOptions;
import io.sallyport.compile.EgressOptions;
import io.sallyport.config.ConfigurationLoader;
import io.sallyport.config.LoadOptions;
import io.sallyport.config.SourceFile;
import io.sallyport.config.analysis.AnalysisOptions;
import io.sallyport.config.analysis.SecretLookup;
import io.sallyport.config.index.InstanceScope;
import io.sallyport.config.problem.Problem;
import io.sallyport.config.problem.Severity;
import io.sallyport.discovery.MeshService;
import io.sallyport.discovery.ServiceName;
import io.sallyport.discovery.ServiceRegistry;
import io.sallyport.testing.Yaml;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What discovered services do to checks and clusters.
class DiscoveredConfigurationTest {
    private static final InstanceScope SCOPE =
            new InstanceScope("default", "istio-system", "cluster.local", Map.of(), "north/zone-a");
    private static final String HOST = "payments.default.svc.cluster.local";
    private static final String RULE = """
            apiVersion: networking.istio.io/v1
            kind: DestinationRule
            metadata: {name: payments}
            spec:
              host: payments
              trafficPolicy:
                outlierDetection: {}
                loadBalancer: {localityLbSetting: {failover: [{from: north, to: south}]}}
              subsets: [{name: v2, labels: {version: v2}}]
            """;

    private final ServiceRegistry usage = new ServiceRegistry();

    @BeforeEach
    void discover() {
        usage.put(service(
                "payments",
                new MeshService.Port(80, "http", null),
                new MeshService.Port(9000, "grpc-admin", null),
                new MeshService.Port(9100, "metrics", null)));
        usage.publish();
    }

    private static MeshService service(String name, MeshService.Port... ports) {
        return new MeshService(
                new ServiceName("default", name), List.of(ports), List.of("10.96.0.7"), null, null, false, List.of());
    }

    private ConfigurationSource.Read read(String yaml) {
        List<SourceFile> files = List.of(new SourceFile("a.yaml", yaml.getBytes(StandardCharsets.UTF_8)));
        return new ConfigurationSource(
                        _ -> ConfigurationLoader.load("memory", files, LoadOptions.DEFAULT),
                        new AnalysisOptions(SCOPE, Map.of(), Map.of(), SecretLookup.UNCHECKED),
                        new CompileOptions(SCOPE, Map.of(), null, null, "cluster.local", EgressOptions.NO_MESH, usage),
                        Clock.systemUTC())
                .read();
    }

    private static String route(String destination) {
        return Yaml.httpGateway("*")
                + Yaml.virtualService("shop.example", "- route: [{destination: " + destination + "}]");
    }

    private ClusterSpec cluster(String yaml, String name) {
        ConfigurationSource.Read read = read(yaml);
        assertThat(read.hasErrors()).as("%s", read.problems()).isFalse();
        return read.plan().clusters().get(name);
    }

    @Test
    void aServicesPortSaysWhatToSpeak() {
        assertThat(cluster(route("{host: payments, port: {number: 80}}"), "outbound|80||" + HOST))
                .satisfies(spec -> {
                    assertThat(spec.discovery()).isEqualTo(Discovery.DISCOVERED);
                    assertThat(spec.protocol()).isEqualTo(UpstreamProtocol.HTTP1);
                });
        assertThat(cluster(route("{host: payments, port: {number: 9000}}"), "outbound|9000||" + HOST)
                        .protocol())
                .isEqualTo(UpstreamProtocol.HTTP2);
        assertThat(cluster(route("{host: payments, port: {number: 9100}}"), "outbound|9100||" + HOST)
                        .protocol())
                .isEqualTo(UpstreamProtocol.GRPC_AWARE);
    }

    @Test
    void whatDiscoveryDoesNotKnowIsLookedUpInDns() {
        assertThat(cluster(route("{host: orders, port: {number: 80}}"), "outbound|80||orders.default.svc.cluster.local")
                        .discovery())
                .isEqualTo(Discovery.STRICT_DNS);
    }

    @Test
    void aClusterOutlivesAMoveOfItsRuleWithinTheFile() {
        String route = route("{host: payments, subset: v2, port: {number: 80}}");
        String name = "outbound|80|v2|" + HOST;
        ClusterSpec before = cluster(route + RULE, name);

        assertThat(cluster(route + "# moved\n\n" + RULE, name)).isEqualTo(before);
        assertThat(cluster(route + RULE.replace("to: south", "to: east"), name)).isNotEqualTo(before);
    }

    @Test
    void endpointsArePlacedBySubsetAndLocalityAsTheyAreFound() {
        ClusterSpec spec =
                cluster(route("{host: payments, subset: v2, port: {number: 80}}") + RULE, "outbound|80|v2|" + HOST);

        assertThat(spec.placement()
                        .place(List.of(
                                endpoint("10.0.0.1", "v1", "north/zone-a"),
                                endpoint("10.0.0.2", "v2", "east/zone-c"),
                                endpoint("10.0.0.3", "v2", "south/zone-b"),
                                endpoint("10.0.0.4", "v2", "north/zone-a")))
                        .endpoints())
                .extracting(each -> each.address() + " " + each.priority())
                .containsExactly("10.0.0.2 2", "10.0.0.3 1", "10.0.0.4 0");
    }

    private static EndpointSpec endpoint(String address, String version, String locality) {
        return new EndpointSpec(address, 80, Map.of("version", version), 1, locality, null, null);
    }

    @Test
    void whatTheClusterLacksIsAWarningForItMayComeAnyTime() {
        assertThat(read(route("{host: payments, port: {number: 81}}")).problems())
                .extracting(Problem::toString, Problem::severity)
                .singleElement()
                .satisfies(problem -> {
                    assertThat(problem.toList().get(0).toString()).contains("SAL3011", "Service default/payments");
                    assertThat(problem.toList().get(1)).isEqualTo(Severity.WARNING);
                });
        assertThat(read(route("{host: payments}")).problems())
                .singleElement()
                .satisfies(problem -> assertThat(problem.toString()).contains("warning SAL3012"));
    }

    @Test
    void aSubsetOfADiscoveredServiceHasLabels() {
        assertThat(read(route("{host: payments, subset: v2, port: {number: 80}}") + RULE)
                        .problems())
                .isEmpty();
        assertThat(read(route("{host: orders, port: {number: 80}}") + RULE.replace("payments", "orders"))
                        .problems())
                .singleElement()
                .satisfies(problem -> assertThat(problem.toString()).contains("SAL3014"));
    }

    @Test
    void otherServicesAreAnotherContentAndOtherEndpointsAreNot() {
        String yaml = route("{host: payments, port: {number: 80}}");
        String before = read(yaml).contentHash();
        usage.publish();
        assertThat(read(yaml).contentHash()).isEqualTo(before);

        usage.put(service("orders", new MeshService.Port(80, "http", null)));
        usage.publish();
        assertThat(read(yaml).contentHash()).isNotEqualTo(before);
    }
}
