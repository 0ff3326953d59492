package io.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.explain.ExplainedRequest;
import io.sallyport.explain.Explainer;
import io.sallyport.proxy.ProxySettings;
import io.sallyport.testing.Issued;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawHttp2Client;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.TlsUpstream;
import io.sallyport.testing.Yaml;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The name in the authority that is sent upstream is the one that TLS sends and verifies, whatever the route makes of
/// the client's.
class UpstreamNameTest {
    private static final int HTTP1_PORT = 80;
    private static final int HTTP2_PORT = 8080;
    private static final String EDGE = """
            apiVersion: networking.istio.io/v1
            kind: Gateway
            metadata: {name: edge}
            spec:
              servers:
              - port: {number: 80, name: http, protocol: HTTP}
                hosts: ["*"]
              - port: {number: 8080, name: http2, protocol: HTTP2}
                hosts: ["*"]
            ---
            """;
    private static final String TO_UP = "{host: up.internal, port: {number: 80}}";

    private final TestCertificates authority = TestCertificates.authority("test root");
    private final Issued shop = issued("shop.example");
    private final Issued api = issued("api.test");
    private final Issued both =
            authority.leaf("both").dns("shop.example", "api.test").issue();

    private Issued issued(String name) {
        return authority.leaf(name).dns(name).issue();
    }

    private TestGateway start(TlsUpstream upstream, String tls, String routes) {
        return start(upstream, tls, routes, "");
    }

    private TestGateway start(TlsUpstream upstream, String tls, String routes, String more) {
        return TestGateway.builder()
                .eventLoops(1)
                .secret("ca", shop)
                .start(EDGE
                        + Yaml.service("up.internal", upstream.port())
                        + rule("up.internal", tls)
                        + Yaml.virtualService("shop.example", routes)
                        + more);
    }

    private static String rule(String host, String tls) {
        return """
                apiVersion: networking.istio.io/v1
                kind: DestinationRule
                metadata: {name: "%s"}
                spec:
                  host: %s
                  trafficPolicy: {tls: {mode: SIMPLE, credentialName: ca%s}}
                ---
                """.formatted(host, host, tls);
    }

    private static String http1(TestGateway gateway, String path) throws IOException {
        return RawClient.exchange(
                        gateway.port(HTTP1_PORT),
                        "GET " + path + " HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n")
                .substring(9, 12);
    }

    private static String http2(TestGateway gateway, String path) throws IOException {
        try (RawHttp2Client client = new RawHttp2Client(gateway.port(HTTP2_PORT))) {
            return client.get("http", "shop.example", path).status().toString();
        }
    }

    private static JsonObject explained(TestGateway gateway, String path) {
        ExplainedRequest request =
                new ExplainedRequest(80, false, null, "shop.example", "GET", path, Map.of(), null, "127.0.0.1", null);
        return new JsonObject(new Explainer(gateway.read().plan(), ProxySettings.DEFAULT)
                        .explain(request)
                        .json())
                .getJsonObject("upstreamRequest")
                .getJsonObject("tls");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{rewrite: {authority: api.test}, route: [{destination: UP}]}",
                "{rewrite: {authority: ' API.Test.:8443 '}, route: [{destination: UP}]}",
                "{headers: {request: {set: {Host: api.test}}}, route: [{destination: UP}]}",
                "{headers: {request: {set: {':authority': 'api.test:80'}}}, route: [{destination: UP}]}",
                "{headers: {request: {add: {host: api.test}}}, route: [{destination: UP}]}",
                "{route: [{destination: UP, headers: {request: {set: {host: API.test}}}}]}",
                "{route: [{destination: UP, headers: {request: {add: {':Authority': api.test}}}}]}",
                "{route: [{destination: UP, weight: 1, headers: {request: {set: {host: api.test}}}},"
                        + " {destination: UP, weight: 0}]}"
            })
    void everyWayOfSettingTheAuthoritySetsTheName(String route) throws Exception {
        String rewritten = "- " + route.replace("UP", TO_UP);
        try (TlsUpstream upstream = TlsUpstream.start("hello", api);
                TestGateway gateway = start(upstream, "", rewritten)) {
            assertThat(http1(gateway, "/")).isEqualTo("200");
            assertThat(http2(gateway, "/")).isEqualTo("200");
            assertThat(upstream.serverNames()).containsOnly("api.test");
            assertThat(upstream.requests()).hasSize(2).allSatisfy(head -> assertThat(head.toLowerCase(Locale.ROOT))
                    .contains("host: api.test"));
            assertThat(explained(gateway, "/"))
                    .isEqualTo(
                            new JsonObject().put("name", "api.test").put("expects", new JsonArray().add("api.test")));
        }
        try (TlsUpstream other = TlsUpstream.start("hello", shop);
                TestGateway gateway = start(other, "", rewritten)) {
            assertThat(http1(gateway, "/")).isEqualTo("503");
            assertThat(http2(gateway, "/")).isEqualTo("503");
            assertThat(other.requests()).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1,127.0.0.1", "'[::1]:8443',::1"})
    void anAddressIsVerifiedAndNotSent(String rewritten, String address) throws Exception {
        Issued addressed = authority.leaf("address").ip(address).issue();
        String route = "- {rewrite: {authority: '%s'}, route: [{destination: %s}]}".formatted(rewritten, TO_UP);
        try (TlsUpstream upstream = TlsUpstream.start("hello", addressed);
                TestGateway gateway = start(upstream, "", route)) {
            assertThat(http1(gateway, "/")).isEqualTo("200");
            assertThat(upstream.serverNames()).isEmpty();
        }
    }

    private static final String TWO_NAMES = """
            - match: [{uri: {prefix: /api}}]
              rewrite: {authority: api.test}
              route: [{destination: %s}]
            - route: [{destination: %s}]
            """.formatted(TO_UP, TO_UP);

    /// Both names would do for the certificate: it is the connection's own that counts.
    @Test
    void aConnectionForOneNameCarriesNoOther() throws Exception {
        try (TlsUpstream upstream = TlsUpstream.start("hello", both);
                TestGateway gateway = start(upstream, "", TWO_NAMES)) {
            for (String path : List.of("/", "/api", "/", "/api", "/api", "/")) {
                assertThat(http1(gateway, path)).isEqualTo("200");
                assertThat(http2(gateway, path)).isEqualTo("200");
            }
            assertThat(upstream.serverNames()).containsExactly("shop.example", "api.test");
        }
    }

    @Test
    void plainTextHasNoName() {
        try (TestGateway gateway = TestGateway.serving(
                EDGE + Yaml.service("up.internal", 9) + Yaml.virtualService("shop.example", TWO_NAMES))) {
            assertThat(explained(gateway, "/api")).isNull();
        }
    }

    @Test
    void theRulesServerNameWins() throws Exception {
        try (TlsUpstream upstream = TlsUpstream.start("hello", issued("ruled.test"));
                TestGateway gateway = start(upstream, ", sni: ruled.test", TWO_NAMES)) {
            assertThat(http1(gateway, "/api")).isEqualTo("200");
            assertThat(http1(gateway, "/")).isEqualTo("200");
            assertThat(upstream.serverNames()).containsExactly("ruled.test");
            assertThat(explained(gateway, "/api").getString("name")).isEqualTo("ruled.test");
        }
    }

    @Test
    void theRulesSubjectAltNamesAreExpectedAndTheSentNameIsSent() throws Exception {
        try (TlsUpstream upstream = TlsUpstream.start("hello", issued("ruled.test"));
                TestGateway gateway = start(upstream, ", subjectAltNames: [ruled.test]", TWO_NAMES)) {
            assertThat(http1(gateway, "/api")).isEqualTo("200");
            assertThat(http1(gateway, "/")).isEqualTo("200");
            assertThat(upstream.serverNames()).containsExactly("api.test", "shop.example");
            assertThat(explained(gateway, "/api"))
                    .isEqualTo(
                            new JsonObject().put("name", "api.test").put("expects", new JsonArray().add("ruled.test")));
        }
        try (TlsUpstream upstream = TlsUpstream.start("hello", api);
                TestGateway gateway = start(upstream, ", subjectAltNames: [ruled.test]", TWO_NAMES)) {
            assertThat(http1(gateway, "/api")).isEqualTo("503");
        }
    }

    /// The mark `-shadow` is for the mirror's logs: no certificate holds it.
    @Test
    void aMirrorIsVerifiedByTheNameThatWasSentWithoutItsMark() throws Exception {
        String routes = """
                - rewrite: {authority: api.test}
                  route: [{destination: %s}]
                  mirrors: [{destination: {host: audit.internal, port: {number: 80}}}]
                """.formatted(TO_UP);
        try (TlsUpstream upstream = TlsUpstream.start("hello", api);
                TlsUpstream audit = TlsUpstream.start("hello", api);
                TestGateway gateway = start(
                        upstream,
                        "",
                        routes,
                        Yaml.service("audit.internal", audit.port()) + rule("audit.internal", ""))) {
            assertThat(http1(gateway, "/")).isEqualTo("200");
            await().untilAsserted(() -> assertThat(audit.requests()).hasSize(1));
            assertThat(audit.requests().getFirst()).contains("api.test-shadow");
            assertThat(audit.serverNames()).containsExactly("api.test");
        }
    }
}
