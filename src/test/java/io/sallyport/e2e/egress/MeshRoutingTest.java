package io.sallyport.e2e.egress;

import static io.sallyport.testing.TestGateway.MESH_PORT;
import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.egress.EgressMode;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestGateway;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// VirtualServices of the gateway `mesh` govern what mesh clients ask for, as they do at a sidecar.
class MeshRoutingTest {
    private static TestGateway gateway(String yaml) {
        return TestGateway.builder().mesh(EgressMode.REGISTRY_ONLY).start(yaml);
    }

    private static String get(TestGateway gateway, String url) throws IOException {
        String host = url.substring("http://".length()).replaceFirst("/.*", "");
        return RawClient.exchange(
                gateway.port(MESH_PORT), "GET " + url + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
    }

    private static String virtualService(String host, String rest) {
        return """
                apiVersion: networking.istio.io/v1
                kind: VirtualService
                metadata: {name: routes}
                spec:
                  hosts: ["%s"]
                %s
                ---
                """.formatted(host, rest.indent(2).stripTrailing());
    }

    @Test
    void theSeedsCanarySplitsForAClientThatSetsHttpProxy() throws Exception {
        String canary;
        try (InputStream in = MeshRoutingTest.class.getResourceAsStream("/seed/payments-canary.yaml")) {
            canary = new String(in.readAllBytes(), StandardCharsets.UTF_8) + "\n---\n";
        }
        try (RawUpstream v1 = RawUpstream.ok("v1");
                RawUpstream v2 = RawUpstream.ok("v2");
                TestGateway gateway = gateway(canary + payments(v1.port(), v2.port()))) {
            Map<String, Integer> answers = new HashMap<>();
            for (int i = 0; i < 200; i++) {
                String answer = get(gateway, "http://payments.myapp.com/charge");
                answers.merge(answer.substring(answer.length() - 2), 1, Integer::sum);
            }
            assertThat(answers).containsOnlyKeys("v1", "v2");
            assertThat(answers.get("v1")).isBetween(150, 198);
        }
    }

    private static String payments(int v1, int v2) {
        return """
                apiVersion: networking.istio.io/v1
                kind: ServiceEntry
                metadata: {name: payments}
                spec:
                  hosts: [payments.default.svc.cluster.local]
                  location: MESH_INTERNAL
                  resolution: STATIC
                  ports: [{number: 80, name: http, protocol: HTTP}]
                  endpoints:
                  - {address: 127.0.0.1, ports: {http: %d}, labels: {version: v1}}
                  - {address: 127.0.0.1, ports: {http: %d}, labels: {version: v2}}
                ---
                apiVersion: networking.istio.io/v1
                kind: DestinationRule
                metadata: {name: payments}
                spec:
                  host: payments
                  subsets:
                  - {name: v1, labels: {version: v1}}
                  - {name: v2, labels: {version: v2}}
                ---
                """.formatted(v1, v2);
    }

    @Test
    void aServiceOfTheMeshIsReachedByItsShortNames() throws Exception {
        try (RawUpstream v1 = RawUpstream.ok("v1");
                TestGateway gateway = gateway(payments(v1.port(), v1.port()))) {
            for (String name : new String[] {
                "payments", "payments.default", "payments.default.svc", "payments.default.svc.cluster.local"
            }) {
                assertThat(get(gateway, "http://" + name + "/")).as(name).startsWith("HTTP/1.1 200 ");
            }
            assertThat(get(gateway, "http://payments.prod/")).startsWith("HTTP/1.1 403 ");
        }
    }

    @Test
    void whatIsAskedForByHttpsIsNotSentInPlainText() throws Exception {
        try (RawUpstream api = RawUpstream.ok("hello");
                TestGateway gateway = gateway(Listed.host("api.example.com", 80, "HTTP", api.port()))) {
            String answer = RawClient.exchange(
                    gateway.port(MESH_PORT),
                    "GET https://api.example.com:80/ HTTP/1.1\r\nHost: api.example.com:80\r\nConnection: close\r\n\r\n");
            assertThat(answer).startsWith("HTTP/1.1 403 ").doesNotContain("hello");
            // What no ServiceEntry would allow is a comment of YAML.
            String body = answer.substring(answer.indexOf("\r\n\r\n") + 4);
            assertThat(body.lines()).isNotEmpty().allMatch(line -> line.startsWith("#"));
            assertThat(api.connectionCount()).isZero();
        }
    }

    @Test
    void aListedHostHasOnlyTheRoutesOfItsVirtualService() throws Exception {
        String routes = virtualService("api.example.com", """
                http:
                - match: [{uri: {prefix: /v1/}}]
                  headers: {request: {set: {x-team: shop}}}
                  route: [{destination: {host: api.example.com}}]
                """);
        try (RawUpstream api = RawUpstream.ok("hello");
                TestGateway gateway = gateway(Listed.host("api.example.com", 80, "HTTP", api.port()) + routes)) {
            assertThat(get(gateway, "http://api.example.com/v1/users")).startsWith("HTTP/1.1 200 ");
            assertThat(api.received()).contains("x-team: shop");
            assertThat(get(gateway, "http://api.example.com/v1/../admin")).startsWith("HTTP/1.1 404 ");
            assertThat(get(gateway, "http://api.example.com/v1/%2e%2e/admin")).startsWith("HTTP/1.1 404 ");
        }
    }

    @Test
    void aNameWithinAWildcardMayHaveItsOwnRoutes() throws Exception {
        String routes = virtualService("blocked.example.com", """
                http:
                - directResponse: {status: 451}
                """);
        try (RawUpstream api = RawUpstream.ok("hello");
                TestGateway gateway = gateway(Listed.host("*.example.com", 8080, "HTTP", api.port()) + routes)) {
            assertThat(get(gateway, "http://any.example.com:8080/")).startsWith("HTTP/1.1 200 ");
            assertThat(get(gateway, "http://blocked.example.com:8080/")).startsWith("HTTP/1.1 451 ");
            assertThat(get(gateway, "http://example.com:8080/")).startsWith("HTTP/1.1 403 ");
        }
    }

    @Test
    void aRouteMayBeForClientsOfOneNamespaceOrLabelKnownByTheirAddress() throws Exception {
        String routes = virtualService("api.example.com", """
                http:
                - match: [{sourceNamespace: shop, sourceLabels: {app: cart}}]
                  route: [{destination: {host: api.example.com}}]
                - directResponse: {status: 403}
                """);
        try (RawUpstream api = RawUpstream.ok("hello");
                TestGateway gateway = gateway(Listed.host("api.example.com", 80, "HTTP", api.port()) + routes)) {
            assertThat(get(gateway, "http://api.example.com/")).startsWith("HTTP/1.1 403 ");
            gateway.apply(Listed.host("api.example.com", 80, "HTTP", api.port()) + routes + """
                    apiVersion: networking.istio.io/v1
                    kind: ServiceEntry
                    metadata: {name: cart, namespace: shop}
                    spec:
                      hosts: [cart.shop.svc.cluster.local]
                      location: MESH_INTERNAL
                      resolution: STATIC
                      ports: [{number: 80, name: http, protocol: HTTP}]
                      endpoints: [{address: 127.0.0.1, labels: {app: cart}}]
                    """);
            assertThat(get(gateway, "http://api.example.com/")).startsWith("HTTP/1.1 200 ");
        }
    }

    @Test
    void anAddressOfAServiceEntryStandsForItsService() throws Exception {
        String entry = Listed.host("db.example.com", 80, "HTTP", 1);
        try (RawUpstream api = RawUpstream.ok("hello");
                TestGateway gateway = gateway(Listed.host("api.example.com", 80, "HTTP", api.port())
                                .replace("  location:", "  addresses: [192.0.2.7]\n  location:")
                        + entry)) {
            assertThat(get(gateway, "http://192.0.2.7/")).startsWith("HTTP/1.1 200 ");
            assertThat(get(gateway, "http://192.0.2.8/")).startsWith("HTTP/1.1 403 ");
            assertThat(get(gateway, "http://127.0.0.1:" + api.port() + "/")).startsWith("HTTP/1.1 200 ");
            assertThat(get(gateway, "http://127.0.0.1:22/")).startsWith("HTTP/1.1 403 ");
        }
    }

    @Test
    void allowAnyLetsUnlistedHostsOutAndSaysSo() throws Exception {
        try (RawUpstream api = RawUpstream.ok("hello");
                TestGateway gateway =
                        TestGateway.builder().mesh(EgressMode.ALLOW_ANY).start(payments(1, 2))) {
            assertThat(get(gateway, "http://localhost:" + api.port() + "/")).startsWith("HTTP/1.1 200 ");
            assertThat(gateway.firstFacts().egress.permit()).isEqualTo("egress mode");
            assertThat(get(gateway, "http://2130706433:" + api.port() + "/")).startsWith("HTTP/1.1 403 ");
            assertThat(get(gateway, "http://0x7f.1:" + api.port() + "/")).startsWith("HTTP/1.1 403 ");
        }
    }
}
