package io.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.outcome.RequestFacts;
import io.sallyport.testing.ClosedPort;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/// Retries against a cluster that fails as a whole add at most the budget to its load: a fifth of the requests, however
/// fast or slowly they fail.
class RetryStormTest {
    private static final int CLIENTS = 40;
    private static final int REQUESTS_EACH = 10;
    private static final int ALWAYS = 3;
    private static final int PERCENT = 20;
    private static final String GET = "GET / HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n";

    private static TestGateway gateway(int port, String retries) {
        return TestGateway.builder()
                .eventLoops(2)
                .start(Yaml.httpGateway("*")
                        + Yaml.service("shop.internal", port)
                        + Yaml.virtualService(
                                "shop.example",
                                "- route: [{destination: {host: shop.internal}}]\n  retries: " + retries));
    }

    /// @return what the gateway tells of each request
    private static List<RequestFacts> storm(TestGateway gateway, String answer) throws Exception {
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                all.add(clients.submit(() -> {
                    for (int j = 0; j < REQUESTS_EACH; j++) {
                        assertThat(RawClient.exchange(gateway.port(80), GET)).startsWith(answer);
                    }
                    return null;
                }));
            }
            for (Future<?> client : all) {
                client.get();
            }
        }
        await().until(() -> gateway.facts().size() == CLIENTS * REQUESTS_EACH);
        return gateway.facts();
    }

    /// Of five retries that the route allows for each request. As the storm ends there are so few requests a second
    /// that the few retries count which are always allowed.
    private static void addsAtMostTheBudget(List<RequestFacts> facts) {
        int retries = facts.stream().mapToInt(each -> each.attempts - 1).sum();
        assertThat(retries).isBetween(ALWAYS, CLIENTS * REQUESTS_EACH * PERCENT / 100 + ALWAYS);
        assertThat(facts).anySatisfy(each -> assertThat(each.retryFlag).hasToString("UO"));
    }

    @Test
    void aClusterThatRefusesConnections() throws Exception {
        try (TestGateway gateway = gateway(ClosedPort.number(), "{attempts: 5}")) {
            addsAtMostTheBudget(storm(gateway, "HTTP/1.1 503 "));
        }
    }

    @Test
    void aClusterThatAnswers503() throws Exception {
        try (RawUpstream upstream = RawUpstream.answering("HTTP/1.1 503 No\r\ncontent-length: 0\r\n\r\n");
                TestGateway gateway = gateway(upstream.port(), "{attempts: 5, retryOn: 5xx}")) {
            addsAtMostTheBudget(storm(gateway, "HTTP/1.1 503 "));
        }
    }

    @Test
    void aClusterThatAnswersNothing() throws Exception {
        try (RawUpstream upstream = RawUpstream.start(connection -> {
                    while (connection.read() >= 0) {
                        // Takes everything, says nothing.
                    }
                });
                TestGateway gateway = gateway(upstream.port(), "{attempts: 5, perTryTimeout: 100ms, retryOn: reset}")) {
            addsAtMostTheBudget(storm(gateway, "HTTP/1.1 504 "));
        }
    }

    /// A retry that is answered adds no load: the failing endpoint had none of it.
    @Test
    void oneFailingEndpointOfTwoCostsNoClientAnAnswer() throws Exception {
        try (RawUpstream failing = RawUpstream.answering("HTTP/1.1 503 No\r\ncontent-length: 0\r\n\r\n");
                RawUpstream good = RawUpstream.ok("ok");
                TestGateway gateway = TestGateway.builder()
                        .eventLoops(1)
                        .start(Yaml.httpGateway("*")
                                + """
                                apiVersion: networking.istio.io/v1
                                kind: ServiceEntry
                                metadata: {name: shop}
                                spec:
                                  hosts: [shop.internal]
                                  location: MESH_INTERNAL
                                  resolution: STATIC
                                  ports: [{number: 80, name: http, protocol: HTTP}]
                                  endpoints:
                                    - {address: 127.0.0.1, ports: {http: %d}}
                                    - {address: 127.0.0.1, ports: {http: %d}}
                                ---
                                """.formatted(failing.port(), good.port())
                                + Yaml.virtualService(
                                        "shop.example",
                                        "- route: [{destination: {host: shop.internal}}]\n"
                                                + "  retries: {attempts: 2, retryOn: 5xx}"))) {
            for (int i = 0; i < 100; i++) {
                assertThat(RawClient.exchange(gateway.port(80), GET)).startsWith("HTTP/1.1 200 ");
            }
            await().until(() -> gateway.facts().size() == 100);
            assertThat(gateway.facts())
                    .anySatisfy(each -> assertThat(each.attempts).isEqualTo(2));
        }
    }

    @Test
    void theBudgetIsWholeAgainWhenTheStormIsOver() throws Exception {
        try (RawUpstream upstream = RawUpstream.answering("HTTP/1.1 503 No\r\ncontent-length: 0\r\n\r\n");
                TestGateway gateway = gateway(upstream.port(), "{attempts: 2, retryOn: 5xx}")) {
            storm(gateway, "HTTP/1.1 503 ");
            // The retries that are allowed in every second are there again after one without any.
            await().pollDelay(Duration.ofSeconds(1))
                    .pollInterval(Duration.ofSeconds(1))
                    .untilAsserted(() -> {
                        int before = gateway.facts().size();
                        RawClient.exchange(gateway.port(80), GET);
                        await().until(() -> gateway.facts().size() == before + 1);
                        assertThat(gateway.facts().getLast().attempts).isEqualTo(3);
                    });
        }
    }
}
