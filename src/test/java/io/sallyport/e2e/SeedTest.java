package io.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.config.problem.Problem;
import io.sallyport.reload.Reloader;
import io.sallyport.testing.Issued;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.TlsClients;
import io.sallyport.testing.Yaml;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;

/// The examples that the product was asked to serve, each as it is.
class SeedTest {
    private static String seed(String name) throws IOException {
        try (InputStream in = SeedTest.class.getResourceAsStream("/seed/" + name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8) + "\n---\n";
        }
    }

    @Test
    void theIngressLoadsAndItsRouteAnswers503UntilTheSubsetIsDefined() throws Exception {
        try (TestGateway gateway = TestGateway.serving(seed("api-ingress.yaml"))) {
            assertThat(ask(gateway, "/v1/users")).startsWith("HTTP/1.1 503 ");
            assertThat(gateway.firstFacts().flag).hasToString("NC");
            assertThat(ask(gateway, "/v2")).startsWith("HTTP/1.1 404 ");
            assertThat(gateway.dataPlane().current().listeners()).hasSize(1);
        }
    }

    private static String ask(TestGateway gateway, String path) throws IOException {
        return RawClient.exchange(
                gateway.port(80), "GET " + path + " HTTP/1.1\r\nHost: api.myapp.com\r\nConnection: close\r\n\r\n");
    }

    @Test
    void theIngressServesOnceTheSubsetIsThere() throws Exception {
        String completed = seed("api-ingress.yaml")
                .replace("      mode: ISTIO_MUTUAL", "      mode: DISABLE\n  subsets:\n  - name: stable");
        try (RawUpstream upstream = RawUpstream.ok("users");
                TestGateway gateway = TestGateway.serving(
                        completed + Yaml.service("api-service.default.svc.cluster.local", upstream.port()))) {
            assertThat(ask(gateway, "/v1/users")).startsWith("HTTP/1.1 200 ").endsWith("users");
        }
    }

    @Test
    void theCanaryIsForMeshClientsAndOpensNoPort() throws Exception {
        try (TestGateway gateway = TestGateway.serving(seed("payments-canary.yaml"))) {
            assertThat(gateway.dataPlane().current().listeners()).isEmpty();
        }
    }

    @Test
    void theCanarySplitsOnceAGatewayTakesIt() throws Exception {
        String canary = seed("payments-canary.yaml").replace("  http:", "  gateways: [edge]\n  http:");
        try (RawUpstream v1 = RawUpstream.ok("v1");
                RawUpstream v2 = RawUpstream.ok("v2");
                TestGateway gateway =
                        TestGateway.serving(Yaml.httpGateway("*") + canary + """
                        apiVersion: networking.istio.io/v1
                        kind: DestinationRule
                        metadata: {name: payments}
                        spec:
                          host: payments
                          subsets:
                          - {name: v1, labels: {version: v1}}
                          - {name: v2, labels: {version: v2}}
                        ---
                        apiVersion: networking.istio.io/v1
                        kind: ServiceEntry
                        metadata: {name: payments}
                        spec:
                          hosts: [payments.default.svc.cluster.local]
                          resolution: STATIC
                          location: MESH_INTERNAL
                          ports: [{number: 80, name: http, protocol: HTTP}]
                          endpoints:
                          - {address: 127.0.0.1, ports: {http: %d}, labels: {version: v1}}
                          - {address: 127.0.0.1, ports: {http: %d}, labels: {version: v2}}
                        """.formatted(v1.port(), v2.port()));
                RawClient client = new RawClient(gateway.port(80))) {
            int second = 0;
            for (int i = 0; i < 1000; i++) {
                String response = client.send("GET / HTTP/1.1\r\nHost: payments.myapp.com\r\n\r\n")
                        .readResponse();
                second += response.endsWith("v2") ? 1 : 0;
            }
            // Six standard deviations of a binomial with n = 1000 and p = 0.1.
            assertThat(second).isBetween(100 - 57, 100 + 57);
        }
    }

    @Test
    void thePolicyLoads() throws Exception {
        try (TestGateway gateway = TestGateway.serving(seed("payments-canary.yaml"))) {
            Reloader.Outcome outcome = gateway.apply(seed("payments-canary.yaml") + seed("payments-to-billing.yaml"));

            assertThat(outcome.applied()).isTrue();
            assertThat(outcome.problems()).noneMatch(Problem::isError);
        }
    }

    /// The literal identity of the rule passes, and nobody else: at a Gateway that asks for client certificates.
    @Test
    void onlyBillingCallsPayments() throws Exception {
        TestCertificates authority = TestCertificates.authority("mesh");
        Issued server = authority.leaf("payments").dns("payments.myapp.com").issue();
        Issued billing = authority
                .leaf("billing")
                .uri("spiffe://billing.myapp.com")
                .clientUse()
                .issue();
        Issued web = authority
                .leaf("web")
                .uri("spiffe://cluster.local/ns/default/sa/web")
                .clientUse()
                .issue();
        try (RawUpstream payments = RawUpstream.ok("paid");
                TestGateway gateway = TestGateway.builder()
                        .secret("payments", server)
                        .start("""
                        apiVersion: networking.istio.io/v1
                        kind: Gateway
                        metadata: {name: edge}
                        spec:
                          selector: {istio: ingressgateway}
                          servers:
                          - port: {number: 443, name: https, protocol: HTTPS}
                            hosts: [payments.myapp.com]
                            tls: {mode: OPTIONAL_MUTUAL, credentialName: payments}
                        ---
                        apiVersion: networking.istio.io/v1
                        kind: VirtualService
                        metadata: {name: edge}
                        spec:
                          hosts: [payments.myapp.com]
                          gateways: [edge]
                          http:
                          - route: [{destination: {host: payments, port: {number: 80}}}]
                        ---
                        apiVersion: networking.istio.io/v1
                        kind: ServiceEntry
                        metadata: {name: payments}
                        spec:
                          hosts: [payments.default.svc.cluster.local]
                          resolution: STATIC
                          location: MESH_INTERNAL
                          ports: [{number: 80, name: http, protocol: HTTP}]
                          endpoints: [{address: 127.0.0.1, ports: {http: %d}, labels: {app: payments}}]
                        ---
                        """.formatted(payments.port()) + seed("payments-to-billing.yaml"))) {
            assertThat(pay(gateway, authority, billing))
                    .startsWith("HTTP/1.1 200 ")
                    .endsWith("paid");
            assertThat(pay(gateway, authority, web)).startsWith("HTTP/1.1 403 ").endsWith("RBAC: access denied");
            assertThat(pay(gateway, authority, null)).startsWith("HTTP/1.1 403 ");

            await().until(() -> gateway.facts().size() == 3);
            assertThat(gateway.facts())
                    .filteredOn(facts -> facts.status == 403)
                    .hasSize(2)
                    .allSatisfy(
                            facts -> assertThat(facts.details).isEqualTo("rbac_access_denied_matched_policy[none]"));
        }
    }

    private static String pay(TestGateway gateway, TestCertificates authority, Issued identity) throws IOException {
        Socket plain = new Socket(InetAddress.getLoopbackAddress(), gateway.port(443));
        SSLSocket socket = (SSLSocket) TlsClients.of(identity, authority)
                .getSocketFactory()
                .createSocket(plain, "payments.myapp.com", gateway.port(443), true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setServerNames(List.of(new SNIHostName("payments.myapp.com")));
        socket.setSSLParameters(parameters);
        try (RawClient client = new RawClient(socket)) {
            return client.send("GET / HTTP/1.1\r\nHost: payments.myapp.com\r\n\r\n")
                    .readResponse();
        }
    }

    @Test
    void theCircuitBreakerOfTheSeedIsEnforced() throws Exception {
        try (TestGateway gateway = TestGateway.serving(seed("payments-canary.yaml"))) {
            Reloader.Outcome outcome = gateway.apply(seed("resilience.yaml"));

            assertThat(outcome.applied()).isTrue();
            assertThat(outcome.problems())
                    .extracting(Problem::field)
                    .doesNotContain(
                            "spec.trafficPolicy.connectionPool",
                            "spec.trafficPolicy.outlierDetection",
                            "spec.http[0].retries");
        }
    }
}
