package io.sallyport.e2e.balance;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

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
}
