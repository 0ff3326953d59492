package io.sallyport.e2e.discovery;

import static io.sallyport.e2e.discovery.MeshApi.pod;
import static io.sallyport.e2e.discovery.MeshApi.service;
import static io.sallyport.e2e.discovery.MeshApi.slice;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.cluster.Endpoint;
import io.sallyport.discovery.kubernetes.KubernetesDiscovery;
import io.sallyport.testing.GatewayBuilder;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// From what the API server says to the endpoint that answers.
class KubernetesDiscoveryTest {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration SOON = Duration.ofSeconds(5);
    private static final String HOST = "payments.default.svc.cluster.local";
    private static final String TO_PAYMENTS = Yaml.httpGateway("*") + Yaml.forwardAll("shop.example", "payments");

    private static final String SUBSETS = Yaml.httpGateway("*")
            + """
            apiVersion: networking.istio.io/v1
            kind: DestinationRule
            metadata: {name: payments}
            spec: {host: payments, subsets: [{name: v2, labels: {version: v2}}]}
            ---
            """
            + Yaml.virtualService(
                    "shop.example", "- route: [{destination: {host: payments, subset: v2, port: {number: 80}}}]");
    private static final String IN_TURN = TO_PAYMENTS + """
            ---
            apiVersion: networking.istio.io/v1
            kind: DestinationRule
            metadata: {name: payments}
            spec: {host: payments, trafficPolicy: {loadBalancer: {simple: ROUND_ROBIN}}}
            """;
    private static final String EJECTING = TO_PAYMENTS + """
            ---
            apiVersion: networking.istio.io/v1
            kind: DestinationRule
            metadata: {name: payments}
            spec:
              host: payments
              trafficPolicy:
                outlierDetection: {consecutive5xxErrors: 3, baseEjectionTime: 60s, maxEjectionPercent: 100}
            """;

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

    private void serve(GatewayBuilder builder, String yaml) throws Exception {
        discovery = new KubernetesDiscovery(api.client(), true, null, Set.of(), false);
        builder.catalog(discovery.catalog());
        discovery.start(() -> {
            if (gateway != null) {
                gateway.reload();
            }
        });
        assertThat(discovery.awaitSync(Duration.ofSeconds(20))).isTrue();
        gateway = builder.start(yaml);
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
            assertThat(endpoint.spec().serviceAccount()).isEqualTo("default/payments-1-account");
        });
    }

    @Test
    void readinessIsFollowedWithinASecondAndTheClusterStays() throws Exception {
        serve(IN_TURN);
        long generation = gateway.generation();
        Endpoint first = endpoints().getFirst();

        api.put(slice("payments", "http", two.port(), "payments-2", true));
        await().atMost(SECOND).untilAsserted(() -> assertThat(MeshApi.answers(8, this::get))
                .anyMatch(answer -> answer.endsWith("#1"))
                .anyMatch(answer -> answer.endsWith("#2")));
        assertThat(endpoints()).contains(first);

        api.put(slice("payments", "http", one.port(), "payments-1", false));
        await().atMost(SECOND).untilAsserted(() -> assertThat(MeshApi.answers(8, this::get))
                .allMatch(answer -> answer.endsWith("#2")));

        api.delete(slice("payments", "http", two.port(), "payments-2", true));
        await().atMost(SECOND).untilAsserted(() -> assertThat(get()).startsWith("HTTP/1.1 503 "));
        await().untilAsserted(() -> assertThat(gateway.facts().getLast().flag).hasToString("UH"));
        assertThat(gateway.generation()).isEqualTo(generation);
    }

    @Test
    void aSubsetIsChosenByTheLabelsOfPods() throws Exception {
        api.put(slice("payments", "http", two.port(), "payments-2", true));
        serve(SUBSETS);

        assertThat(MeshApi.answers(6, this::get)).allMatch(answer -> answer.endsWith("#2"));

        api.put(pod("payments-1", "10.0.0.1", Map.of("version", "v2")));
        api.put(pod("payments-2", "10.0.0.2", Map.of("version", "v3")));
        await().atMost(SOON).untilAsserted(() -> assertThat(MeshApi.answers(6, this::get))
                .allMatch(answer -> answer.endsWith("#1")));
    }

    @Test
    void whatIsKnownOfAnEndpointsHealthOutlivesOthersChanges() throws Exception {
        try (RawUpstream failing = RawUpstream.answering("HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n")) {
            api.put(slice("payments", "http", failing.port(), "payments-1", true));
            serve(EJECTING);
            for (int i = 0; i < 3; i++) {
                get();
            }
            assertThat(endpoints()).singleElement().matches(endpoint -> !endpoint.isAvailable());

            api.put(slice("payments", "http", two.port(), "payments-2", true));
            await().atMost(SOON).until(() -> endpoints().size() == 2);
            assertThat(MeshApi.answers(8, this::get)).allMatch(answer -> answer.endsWith("#2"));

            api.put(pod("payments-1", "10.0.0.1", Map.of("another", "label")));
            await().atMost(SOON).until(() -> endpoints().stream()
                    .anyMatch(endpoint -> endpoint.spec().labels().containsKey("another")));
            assertThat(MeshApi.answers(8, this::get)).allMatch(answer -> answer.endsWith("#2"));
        }
    }

    @Test
    void aServiceThatComesAndGoesTakesItsHostAlong() throws Exception {
        serve(Yaml.httpGateway("*") + Yaml.forwardAll("shop.example", "orders"));
        assertThat(get()).startsWith("HTTP/1.1 503 ");

        api.put(slice("orders", "http", two.port(), "orders-1", true));
        api.put(service("orders", "http", "10.96.0.8"));
        await().atMost(Duration.ofSeconds(3))
                .untilAsserted(() -> assertThat(get()).endsWith("#2"));

        api.delete(service("orders", "http", "10.96.0.8"));
        await().atMost(Duration.ofSeconds(3))
                .untilAsserted(() -> assertThat(get()).startsWith("HTTP/1.1 503 "));
    }

    @Test
    void theLastEndpointsStayWhileTheApiServerIsAwayAndChangesAreCaughtUpWith() throws Exception {
        serve(TO_PAYMENTS);
        api.stop();
        await().atMost(Duration.ofSeconds(10)).until(() -> !discovery.status().connected());
        assertThat(discovery.status().lostSince()).isNotNull();
        assertThat(discovery.status().synced()).isTrue();
        assertThat(get()).endsWith("#1");

        api.start();
        api.put(slice("payments", "http", two.port(), "payments-1", true));
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(get()).endsWith("#2"));
        await().atMost(Duration.ofSeconds(20)).until(() -> discovery.status().connected());
    }

    @Test
    void anEndpointAtAGuardedAddressIsNotDialled() throws Exception {
        serve(TestGateway.builder().allowedCidrs("10.0.0.0/8"), TO_PAYMENTS);

        assertThat(get()).startsWith("HTTP/1.1 403 ");
        assertThat(gateway.firstFacts().details).isEqualTo("egress_address_guarded");
    }

    @Test
    void aServiceEntryOutweighsTheServiceOfItsName() throws Exception {
        serve(TO_PAYMENTS + Yaml.service(HOST, two.port()));

        assertThat(get()).endsWith("#2");
    }
}
