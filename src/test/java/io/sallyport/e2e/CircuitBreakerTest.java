package io.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.cluster.Cluster;
import io.sallyport.cluster.ClusterSpec;
import io.sallyport.cluster.ClusterStatus;
import io.sallyport.cluster.OutlierSpec;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/// Limits and ejections as clients meet them.
class CircuitBreakerTest {
    private static final String GET =
            "GET / HTTP/1.1\r\nHost: my-service.default.svc.cluster.local\r\nConnection: close\r\n\r\n";
    private static final String OK = "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ngood";
    private static final String BROKEN = "HTTP/1.1 500 Internal Server Error\r\ncontent-length: 3\r\n\r\nbad";

    private static String service(int... ports) {
        StringBuilder endpoints = new StringBuilder();
        for (int port : ports) {
            endpoints.append("  - {address: 127.0.0.1, ports: {http: %d}}\n".formatted(port));
        }
        return """
                apiVersion: networking.istio.io/v1
                kind: ServiceEntry
                metadata: {name: my-service}
                spec:
                  hosts: [my-service.default.svc.cluster.local]
                  location: MESH_INTERNAL
                  resolution: STATIC
                  ports: [{number: 80, name: http, protocol: HTTP}]
                  endpoints:
                %s---
                """.formatted(endpoints);
    }

    private static String rule(String trafficPolicy) {
        return """
                apiVersion: networking.istio.io/v1
                kind: DestinationRule
                metadata: {name: my-service}
                spec:
                  host: my-service
                  trafficPolicy: %s
                ---
                """.formatted(trafficPolicy);
    }

    private static String limited(String trafficPolicy, int... ports) {
        return Yaml.httpGateway("*")
                + service(ports)
                + rule(trafficPolicy)
                + Yaml.forwardAll("my-service", "my-service");
    }

    /// The seed's file, for the test's gateway.
    private static String seed() throws IOException {
        try (InputStream in = CircuitBreakerTest.class.getResourceAsStream("/seed/resilience.yaml")) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return text.replace("  http:\n  - route", "  gateways: [edge]\n  http:\n  - route");
        }
    }

    private static void hold(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static Cluster cluster(TestGateway gateway) {
        return gateway.dataPlane()
                .current()
                .clusters()
                .cluster(ClusterSpec.name("my-service.default.svc.cluster.local", null, 80));
    }

    private static String get(TestGateway gateway) throws IOException {
        return RawClient.exchange(gateway.port(80), GET);
    }

    private static int errors(TestGateway gateway, int requests) throws IOException {
        int errors = 0;
        for (int i = 0; i < requests; i++) {
            errors += get(gateway).startsWith("HTTP/1.1 200 ") ? 0 : 1;
        }
        return errors;
    }

    @Test
    void theSeedEjectsAnEndpointAfterTwoErrors() throws Exception {
        try (RawUpstream bad = RawUpstream.answering(BROKEN);
                RawUpstream good = RawUpstream.answering(OK);
                TestGateway gateway =
                        TestGateway.serving(Yaml.httpGateway("*") + service(bad.port(), good.port()) + seed())) {
            assertThat(errors(gateway, 60)).isEqualTo(2);
            assertThat(errors(gateway, 30)).isZero();

            ClusterStatus status = cluster(gateway).status();
            assertThat(status.outliers().ejected()).isEqualTo(1);
            assertThat(status.endpoints().getFirst().available()).isFalse();
            assertThat(status.endpoints().getFirst().health().ejectedFor())
                    .isBetween(Duration.ofSeconds(20), Duration.ofSeconds(30));
            assertThat(status.spec().resilience().outliers())
                    .isEqualTo(new OutlierSpec(
                            2, 0, false, 5, Duration.ofSeconds(10), Duration.ofSeconds(30), 50, 0, Set.of()));
            assertThat(status.circuit().connections().most()).isEqualTo(100);
            assertThat(status.circuit().pendingRequests().most()).isEqualTo(50);
        }
    }

    @Test
    void anEjectedEndpointIsBackAfterItsTime() throws Exception {
        String fast = seed().replace("interval: 10s", "interval: 10ms")
                .replace("baseEjectionTime: 30s", "baseEjectionTime: 100ms");
        try (RawUpstream bad = RawUpstream.answering(BROKEN);
                RawUpstream good = RawUpstream.answering(OK);
                TestGateway gateway =
                        TestGateway.serving(Yaml.httpGateway("*") + service(bad.port(), good.port()) + fast)) {
            await().until(() -> {
                get(gateway);
                return cluster(gateway).status().outliers().ejected() == 1;
            });
            await().until(() -> cluster(gateway).status().outliers().ejected() == 0);

            int before = bad.connectionCount() + bad.received().length();
            await().until(() -> {
                get(gateway);
                return bad.connectionCount() + bad.received().length() > before;
            });
        }
    }

    @Test
    void anEjectionOutlivesAReloadThatChangesThePolicy() throws Exception {
        try (RawUpstream bad = RawUpstream.answering(BROKEN);
                RawUpstream good = RawUpstream.answering(OK);
                TestGateway gateway =
                        TestGateway.serving(Yaml.httpGateway("*") + service(bad.port(), good.port()) + seed())) {
            assertThat(errors(gateway, 60)).isEqualTo(2);
            Cluster before = cluster(gateway);
            String changed = seed().replace("maxConnections: 100", "maxConnections: 99");
            gateway.apply(Yaml.httpGateway("*") + service(bad.port(), good.port()) + changed);

            assertThat(cluster(gateway)).isNotSameAs(before);
            assertThat(errors(gateway, 60)).isZero();
        }
    }

    @Test
    void aRequestBeyondTheQueueIs503UoAndSaysThatItIsOverloaded() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        try (RawUpstream slow = RawUpstream.start(connection -> {
                    while (connection.readRequest() != null) {
                        hold(release);
                        connection.write(OK);
                    }
                });
                TestGateway gateway = TestGateway.serving(limited(
                        "{connectionPool: {tcp: {maxConnections: 1}, http: {http1MaxPendingRequests: 1}}}",
                        slow.port()));
                RawClient first = new RawClient(gateway.port(80));
                RawClient second = new RawClient(gateway.port(80))) {
            first.send(GET);
            await().until(() -> slow.received().contains("GET"));
            second.send(GET);
            await().until(() ->
                    cluster(gateway).status().circuit().pendingRequests().used() == 1);

            String refused = get(gateway);

            assertThat(refused)
                    .startsWith("HTTP/1.1 503 Service Unavailable\r\n")
                    .contains("x-envoy-overloaded: true");
            assertThat(gateway.firstFacts().flag).hasToString("UO");
            assertThat(gateway.firstFacts().attempts).isEqualTo(1);
            release.countDown();
            assertThat(first.readToEnd()).endsWith("good");
            assertThat(second.readToEnd()).endsWith("good");
            assertThat(slow.connectionCount()).isEqualTo(1);
        }
    }

    @Test
    void aRequestBeyondTheNumberOfRequestsIs503Uo() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        try (RawUpstream slow = RawUpstream.start(connection -> {
                    while (connection.readRequest() != null) {
                        hold(release);
                        connection.write(OK);
                    }
                });
                TestGateway gateway =
                        TestGateway.serving(limited("{connectionPool: {http: {http2MaxRequests: 1}}}", slow.port()));
                RawClient first = new RawClient(gateway.port(80))) {
            first.send(GET);
            await().until(() -> slow.received().contains("GET"));
            assertThat(get(gateway)).startsWith("HTTP/1.1 503 ").contains("x-envoy-overloaded: true");
            release.countDown();
            assertThat(first.readToEnd()).endsWith("good");
            assertThat(get(gateway)).startsWith("HTTP/1.1 200 ");
        }
    }

    @Test
    void connectionsAreLimitedOverAllEventLoops() throws Exception {
        try (RawUpstream upstream = RawUpstream.answering(OK);
                TestGateway gateway = TestGateway.builder()
                        .eventLoops(4)
                        .start(limited("{connectionPool: {tcp: {maxConnections: 2}}}", upstream.port()))) {
            Thread[] clients = new Thread[8];
            int[] errors = new int[clients.length];
            for (int i = 0; i < clients.length; i++) {
                int client = i;
                clients[i] = Thread.ofVirtual().start(() -> {
                    try {
                        errors[client] = errors(gateway, 25);
                    } catch (IOException failed) {
                        errors[client] = -1;
                    }
                });
            }
            for (Thread client : clients) {
                while (client.isAlive()) {
                    assertThat(cluster(gateway).status().circuit().connections().used())
                            .isLessThanOrEqualTo(2);
                }
            }
            assertThat(errors).containsOnly(0);
        }
    }

    @Test
    void whereEveryEndpointIsEjectedTheAnswerIs503Uh() throws Exception {
        try (RawUpstream bad = RawUpstream.answering(BROKEN);
                TestGateway gateway = TestGateway.serving(limited(
                        "{outlierDetection: {consecutive5xxErrors: 1, maxEjectionPercent: 100}}", bad.port()))) {
            assertThat(get(gateway)).startsWith("HTTP/1.1 500 ");
            assertThat(get(gateway)).startsWith("HTTP/1.1 503 ").endsWith("no healthy upstream");
        }
    }
}
