package io.sallyport.e2e.discovery;

import static io.sallyport.e2e.discovery.MeshApi.pod;
import static io.sallyport.e2e.discovery.MeshApi.service;
import static io.sallyport.e2e.discovery.MeshApi.slice;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.discovery.kubernetes.KubernetesDiscovery;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import io.sallyport.upstream.Endpoint;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// From what the API server says to the endpoint that answers.
class KubernetesDiscoveryTest {
    private static final Duration SOON = Duration.ofSeconds(1);
    private static final String HOST = "payments.default.svc.cluster.local";
    private static final String TO_PAYMENTS = Yaml.httpGateway("*") + Yaml.forwardAll("shop.example", "payments");

    private final RawUpstream one = RawUpstream.ok("#1");
    private final RawUpstream two = RawUpstream.ok("#2");
    private MeshApi api;
    private KubernetesDiscovery discovery;
    private TestGateway gateway;

    @BeforeEach
    void open() {
        api = new MeshApi();
        api.put(service("payments", "http", "10.96.0.7"));
        api.put(pod("payments-1", "10.0.0.1", Map.of("app", "payments", "version", "v1")));
        api.put(pod("payments-2", "10.0.0.2", Map.of("app", "payments", "version", "v2")));
        api.put(slice("payments", "http", one.port(), "payments-1", true));
    }

    @AfterEach
    void close() {
        if (gateway != null) {
            gateway.close();
        }
        discovery.close();
        api.close();
        one.close();
        two.close();
    }

    private void serve(String yaml) throws Exception {
        serve(TestGateway.builder(), yaml);
    }

    private void serve(TestGateway.Builder builder, String yaml) throws Exception {
        discovery = new KubernetesDiscovery(api.client(), true, null);
        discovery.start(() -> {
            if (gateway != null) {
                gateway.reload();
            }
        });
        assertThat(discovery.awaitSync(Duration.ofSeconds(20))).isTrue();
        gateway = builder.catalog(discovery.catalog()).start(yaml);
    }

    private String get() throws IOException {
        try (RawClient client = new RawClient(gateway.port(80))) {
            return client.send("GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n").readResponse();
        }
    }

    private List<Endpoint> endpoints() {
        return gateway.dataPlane()
                .current()
                .clusters()
                .cluster("outbound|80||" + HOST)
                .endpoints()
                .asList();
    }

    @Test
    void aRequestReachesAnEndpointOfTheService() throws Exception {
        api.put(MeshApi.node("node-1", "north"));
        serve(TO_PAYMENTS);

        assertThat(get()).startsWith("HTTP/1.1 200 ").endsWith("#1");
        assertThat(endpoints()).singleElement().satisfies(endpoint -> {
            assertThat(endpoint.spec().labels()).containsEntry("version", "v1");
            assertThat(endpoint.spec().locality()).isEqualTo("north/zone-a");
            assertThat(endpoint.spec().serviceAccount()).isEqualTo("payments-1-account");
        });
    }

    @Test
    void readinessIsFollowedWithinASecondAndTheClusterStays() throws Exception {
        serve(TO_PAYMENTS);
        long generation = gateway.dataPlane().current().generation();
        Endpoint first = endpoints().getFirst();

        api.put(slice("payments", "http", two.port(), "payments-2", true));
        await().atMost(SOON).untilAsserted(() -> assertThat(MeshApi.answers(8, this::get))
                .anyMatch(answer -> answer.endsWith("#1"))
                .anyMatch(answer -> answer.endsWith("#2")));
        assertThat(endpoints()).contains(first);

        api.put(slice("payments", "http", one.port(), "payments-1", false));
        await().atMost(SOON)
                .untilAsserted(
                        () -> assertThat(MeshApi.answers(8, this::get)).allMatch(answer -> answer.endsWith("#2")));

        api.delete(slice("payments", "http", two.port(), "payments-2", true));
        await().atMost(SOON).untilAsserted(() -> assertThat(get()).startsWith("HTTP/1.1 503 "));
        assertThat(gateway.facts().getLast().flag).hasToString("UH");
        assertThat(gateway.dataPlane().current().generation()).isEqualTo(generation);
    }
}
