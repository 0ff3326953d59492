package io.sallyport.e2e.balance;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Where requests go, by where the gateway stands.
class LocalityTest {
    @Test
    void requestsStayNearTheGateway() throws Exception {
        try (Fleet fleet = new Fleet(3);
                TestGateway gateway = TestGateway.builder()
                        .locality("eu/a")
                        .start(fleet.yaml("outlierDetection: {}", "us/a", "eu/a", "eu/b"))) {
            for (int i = 0; i < 20; i++) {
                assertThat(Fleet.who(Fleet.get(gateway, "/"))).isEqualTo("#1");
            }
        }
    }

    @Test
    void requestsGoToTheNextRegionWhenTheNearOneIsEjected() throws Exception {
        try (RawUpstream ill = RawUpstream.answering("HTTP/1.1 500 Ill\r\ncontent-length: 0\r\n\r\n");
                Fleet fleet = new Fleet(2);
                TestGateway gateway = TestGateway.builder()
                        .locality("eu/a")
                        .start(Yaml.httpGateway("*")
                                + fleet.entry("HTTP", "us/a", "asia/a")
                                        .replace(
                                                "---",
                                                "  - {address: 127.0.0.1, ports: {port: %d}, locality: eu/a}\n---"
                                                        .formatted(ill.port()))
                                + Fleet.rule("""
                                outlierDetection: {consecutive5xxErrors: 2, baseEjectionTime: 600s, maxEjectionPercent: 50}
                                loadBalancer: {localityLbSetting: {failover: [{from: eu, to: asia}]}}
                                """)
                                + Yaml.forwardAll("shop.example", "shop.example"))) {
            assertThat(Fleet.get(gateway, "/")).startsWith("HTTP/1.1 500");
            assertThat(Fleet.get(gateway, "/")).startsWith("HTTP/1.1 500");
            for (int i = 0; i < 20; i++) {
                assertThat(Fleet.who(Fleet.get(gateway, "/"))).isEqualTo("#1");
            }
        }
    }

    @Test
    void distributeSharesTheTrafficOut() throws Exception {
        try (Fleet fleet = new Fleet(3);
                TestGateway gateway = TestGateway.builder()
                        .locality("eu/a")
                        .start(fleet.yaml(
                                "loadBalancer: {localityLbSetting: {distribute: [{from: eu/*, to: {eu/*: 75, us/*: 25}}]}}",
                                "us/a",
                                "eu/a",
                                "asia/a"))) {
            Map<String, Integer> counts = new HashMap<>();
            for (int i = 0; i < 400; i++) {
                counts.merge(Fleet.who(Fleet.get(gateway, "/")), 1, Integer::sum);
            }
            assertThat(counts).containsOnlyKeys("#0", "#1");
            // Six standard deviations of 400 draws.
            assertThat(counts.get("#1")).isBetween(248, 352);
        }
    }

    /// What stands in a locality has its labels (Istio: `topology.kubernetes.io/region` and so on), whatever else it is
    /// labelled with.
    @ParameterizedTest
    @CsvSource({
        "topology.kubernetes.io/region: eu,                                        #1",
        "topology.kubernetes.io/zone: a,                                           #0",
        "topology.istio.io/subzone: s,                                             #1",
        "'topology.kubernetes.io/region: eu, topology.kubernetes.io/zone: b',      #1",
        "'topology.kubernetes.io/region: us, tier: one',                           #0",
        "topology.istio.io/network: far,                                           #2",
        "topology.kubernetes.io/region: written,                                   #3",
    })
    void aSubsetIsChosenByLocality(String labels, String expected) throws Exception {
        try (Fleet fleet = new Fleet(4)) {
            String endpoints = fleet.entry("HTTP", "us/a", "eu/b/s", "asia/c", "asia/c")
                    .replaceFirst(
                            "locality: us/a", "locality: us/a, labels: {tier: one, topology.kubernetes.io/region: eu}")
                    .replaceFirst("locality: asia/c", "network: far, locality: asia/c")
                    .replaceFirst(
                            ", locality: asia/c}\n---", ", labels: {topology.kubernetes.io/region: written}}\n---");
            try (TestGateway gateway = TestGateway.serving(Yaml.httpGateway("*")
                    + endpoints
                    + """
                    apiVersion: networking.istio.io/v1
                    kind: DestinationRule
                    metadata: {name: shop}
                    spec:
                      host: shop.example
                      subsets: [{name: near, labels: {%s}}]
                    ---
                    """.formatted(labels)
                    + Yaml.virtualService(
                            "shop.example",
                            "- route: [{destination: {host: shop.example, port: {number: 80}, subset: near}}]"))) {
                for (int i = 0; i < 8; i++) {
                    assertThat(Fleet.who(Fleet.get(gateway, "/"))).isEqualTo(expected);
                }
            }
        }
    }
}
