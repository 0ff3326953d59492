package io.sallyport.e2e.discovery;

import static io.sallyport.testing.TestGateway.MESH_PORT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.discovery.EndpointSlice;
import io.sallyport.discovery.MeshPod;
import io.sallyport.discovery.MeshService;
import io.sallyport.discovery.ServiceName;
import io.sallyport.discovery.ServiceRegistry;
import io.sallyport.egress.EgressMode;
import io.sallyport.outcome.RequestFacts;
import io.sallyport.outcome.WorkloadNames;
import io.sallyport.testing.Issued;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Discovered services and pods as the mesh listener and mesh TLS have them.
class DiscoveredMeshTest {
    private static final ServiceName PAYMENTS = new ServiceName("default", "payments");

    private final ServiceRegistry usage = new ServiceRegistry();

    private void payments(int port, String account) {
        usage.put(new MeshService(
                PAYMENTS,
                List.of(new MeshService.Port(8080, "http-web", null)),
                List.of("10.96.0.7"),
                null,
                "IPv4",
                false,
                List.of()));
        usage.put(new MeshPod("default", "payments-1", Map.of("app", "payments"), account, List.of("10.0.0.1")));
        usage.put(new EndpointSlice(
                "default/payments-x",
                PAYMENTS,
                "IPv4",
                Map.of("http-web", port),
                List.of(new EndpointSlice.Member("127.0.0.1", true, false, "payments-1", null, null))));
        usage.publish();
    }

    private static String ask(TestGateway gateway, String target, String host) throws IOException {
        return RawClient.exchange(
                gateway.port(MESH_PORT),
                "GET " + target + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
    }

    private TestGateway mesh(String yaml) {
        return TestGateway.builder()
                .mesh(EgressMode.REGISTRY_ONLY)
                .catalog(usage)
                .start(yaml);
    }

    @Test
    void clientsReachAServiceByEachOfItsNamesAndByItsAddress() throws Exception {
        try (RawUpstream upstream = RawUpstream.ok("hello")) {
            payments(upstream.port(), "payments");
            try (TestGateway gateway = mesh(Yaml.service("other.example", 1))) {
                List<String> hosts = List.of(
                        "payments",
                        "payments.default",
                        "payments.default.svc",
                        "payments.default.svc.cluster.local",
                        "10.96.0.7");
                for (String host : hosts) {
                    assertThat(ask(gateway, "/", host + ":8080")).as(host).endsWith("hello");
                }
                await().until(() -> gateway.facts().size() == hosts.size());
                assertThat(gateway.facts())
                        .allSatisfy(facts -> assertThat(facts.egress.permit()).isEqualTo("Service default/payments"));
                assertThat(ask(gateway, "/", "10.96.0.8:8080")).startsWith("HTTP/1.1 403 ");
            }
        }
    }

    @Test
    void aClientIsKnownByThePodOfItsAddress() throws Exception {
        String rules = """
                apiVersion: networking.istio.io/v1
                kind: VirtualService
                metadata: {name: payments}
                spec:
                  hosts: [payments]
                  http:
                  - match: [{sourceLabels: {app: shop}, sourceNamespace: web}]
                    directResponse: {status: 200, body: {string: "from the shop"}}
                  - directResponse: {status: 200, body: {string: "from somebody"}}
                """;
        payments(1, "payments");
        try (TestGateway gateway = mesh(rules)) {
            assertThat(ask(gateway, "/", "payments:8080")).endsWith("from somebody");

            usage.put(new MeshPod("web", "shop-1", Map.of("app", "shop"), "shop", List.of("127.0.0.1")));
            assertThat(ask(gateway, "/", "payments:8080")).endsWith("from the shop");

            usage.removePod("web", "shop-1");
            assertThat(ask(gateway, "/", "payments:8080")).endsWith("from somebody");
        }
    }

    @Test
    void metricsCallBothSidesByWhatRunsThem() throws Exception {
        try (RawUpstream upstream = RawUpstream.ok("hello")) {
            usage.put(new MeshPod(
                    "web",
                    "shop-5d9c8-x2x7k",
                    Map.of("app", "shop-app", "pod-template-hash", "5d9c8"),
                    "shop-account",
                    List.of("127.0.0.1")));
            payments(upstream.port(), "payments-account");
            usage.put(new MeshPod(
                    "default",
                    "payments-1",
                    Map.of("version", "v7", "statefulset.kubernetes.io/pod-name", "payments-1"),
                    "payments-account",
                    List.of("10.0.0.1")));
            usage.publish();
            try (TestGateway gateway = mesh(Yaml.answering("outside"))) {
                assertThat(ask(gateway, "/", "payments:8080")).endsWith("hello");

                RequestFacts facts = gateway.firstFacts();
                gateway.assumeSeen("all names of a workload");
                assertThat(facts.source)
                        .isEqualTo(new WorkloadNames("shop", "web", "shop-app", "unknown", "shop-app", "latest", null));
                assertThat(facts.endpoint.workload())
                        .isEqualTo(new WorkloadNames("payments", "default", "unknown", "v7", "payments", "v7", null));
                assertThat(facts.destination.service()).isNotNull().satisfies(service -> assertThat(service.namespace())
                        .isEqualTo("default"));
            }
        }
    }

    @Test
    void meshTlsExpectsTheServiceAccountOfThePod(@TempDir Path svid) throws Exception {
        TestCertificates authority = TestCertificates.authority("mesh root");
        authority
                .leaf("gateway")
                .uri("spiffe://cluster.local/ns/edge/sa/gateway")
                .issue()
                .writeSecret(svid);
        Files.writeString(svid.resolve("ca.crt"), authority.pem());
        Issued own = authority
                .leaf("payments")
                .uri("spiffe://cluster.local/ns/default/sa/payments")
                .issue();
        String yaml = Yaml.httpGateway("*")
                + Yaml.virtualService(
                        "shop.example", "- route: [{destination: {host: payments, port: {number: 8080}}}]")
                + """
                apiVersion: networking.istio.io/v1
                kind: DestinationRule
                metadata: {name: payments}
                spec: {host: payments, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}
                """;
        try (RawUpstream upstream =
                RawUpstream.startTls(own, RawUpstream.sending("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello"))) {
            payments(upstream.port(), "payments");
            try (TestGateway gateway =
                    TestGateway.builder().identity(svid).catalog(usage).start(yaml)) {
                assertThat(get(gateway)).endsWith("hello");

                payments(upstream.port(), "somebody-else");
                await().untilAsserted(() -> assertThat(get(gateway)).startsWith("HTTP/1.1 503 "));
                await().untilAsserted(() ->
                        assertThat(gateway.facts().getLast().details).contains("identity"));
            }
        }
    }

    private static String get(TestGateway gateway) throws IOException {
        try (RawClient client = new RawClient(gateway.port(80))) {
            return client.send("GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n").readResponse();
        }
    }
}
