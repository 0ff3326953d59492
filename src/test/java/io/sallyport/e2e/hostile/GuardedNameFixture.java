package io.sallyport.e2e.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.outcome.RequestFacts;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestDns;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.RegisterExtension;

/// A gateway whose upstream is a name, and something inside that must not be reached by it.
abstract class GuardedNameFixture {
    @RegisterExtension
    final LogWatch log = new LogWatch();

    final TestDns dns = new TestDns();
    final RawUpstream inside = RawUpstream.ok("secret");
    private int denied;

    /// How `up.test` is found.
    enum Way {
        DNS("shop.internal", "DNS"),
        DNS_ROUND_ROBIN("shop.internal", "DNS_ROUND_ROBIN"),
        DYNAMIC_DNS("*.test", "DYNAMIC_DNS"),
        /// The request's host is looked up.
        OF_THE_REQUEST("*.test", "DYNAMIC_DNS");

        final String host;
        final String resolution;

        Way(String host, String resolution) {
            this.host = host;
            this.resolution = resolution;
        }
    }

    @AfterEach
    void stop() {
        inside.close();
        dns.close();
    }

    TestGateway gateway(Way way, int port, String extra, String... allowed) {
        String endpoints = way.resolution.equals("DYNAMIC_DNS") ? "" : "endpoints: [{address: up.test}]";
        return TestGateway.builder()
                .dns(dns)
                .allowedCidrs(allowed)
                .start(Yaml.httpGateway("*")
                        + """
                        apiVersion: networking.istio.io/v1
                        kind: ServiceEntry
                        metadata: {name: up}
                        spec:
                          hosts: ["%s"]
                          resolution: %s
                          ports: [{number: 80, name: http, protocol: HTTP, targetPort: %d}]
                          %s
                          %s
                        ---
                        """.formatted(way.host, way.resolution, port, endpoints, extra)
                        + Yaml.forwardAll("*", way == Way.DYNAMIC_DNS ? "up.test" : "'" + way.host + "'"));
    }

    TestGateway gateway(Way way) {
        return gateway(way, inside.port(), "");
    }

    static String get(TestGateway gateway, String host) throws Exception {
        return get(gateway, host, "/");
    }

    private static String get(TestGateway gateway, String host, String path) throws Exception {
        return RawClient.exchange(
                gateway.port(80), "GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
    }

    private static Optional<RequestFacts> told(TestGateway gateway, String path) {
        return gateway.facts().stream().filter(facts -> facts.path.equals(path)).findFirst();
    }

    void isDenied(TestGateway gateway, String reason) throws Exception {
        isDenied(gateway, "up.test", reason);
    }

    void isDenied(TestGateway gateway, String host, String reason) throws Exception {
        String path = "/denied/" + denied++;
        assertThat(get(gateway, host, path))
                .startsWith("HTTP/1.1 403 Forbidden\r\n")
                .contains(reason, "ServiceEntry", "sallyport.egress.allowed-cidrs");
        // Others' may be told of only now.
        RequestFacts facts =
                await().until(() -> told(gateway, path), Optional::isPresent).orElseThrow();
        assertThat(facts.flag).hasToString("RBAC");
        assertThat(facts.details).isEqualTo("egress_address_guarded");
        assertThat(facts.attempts).isEqualTo(1);
        assertThat(facts.endpoint.address()).isNull();
        assertThat(inside.connectionCount()).isZero();
    }
}
