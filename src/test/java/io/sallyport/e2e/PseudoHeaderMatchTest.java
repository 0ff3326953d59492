package io.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.e2e.hostile.H2Client;
import io.sallyport.explain.ExplainedRequest;
import io.sallyport.explain.Explainer;
import io.sallyport.http.h2.Frames;
import io.sallyport.proxy.ProxySettings;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.TestGateway;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Header conditions on what HTTP/2 has as pseudo-headers, and on `host`, hold for the request's own values, whichever
/// version of HTTP it came by.
class PseudoHeaderMatchTest {
    /// @param name of the header in the condition
    /// @param condition its value
    /// @param holds whether it holds for the request
    private record Case(String name, String condition, String method, String target, String host, boolean holds) {}

    private static final List<Case> CASES = List.of(
            new Case(":method", "{exact: GET}", "GET", "/", "shop.example", true),
            new Case(":method", "{exact: POST}", "GET", "/", "shop.example", false),
            new Case(":method", "{exact: get}", "GET", "/", "shop.example", false),
            new Case(":method", "{prefix: PA}", "PATCH", "/", "shop.example", true),
            new Case(":Method", "{regex: GET|DELETE}", "DELETE", "/", "shop.example", true),
            new Case(":method", "{}", "GET", "/", "shop.example", true),
            new Case(":path", "{exact: /admin}", "GET", "/admin", "shop.example", true),
            new Case(":path", "{exact: /admin}", "GET", "/x/../%61dmin", "shop.example", true),
            new Case(":path", "{exact: /admin}", "GET", "/admin?a=1", "shop.example", false),
            new Case(":path", "{exact: /x/..//admin}", "GET", "/admin", "shop.example", true),
            new Case(":path", "{prefix: '/a%7Eb?x'}", "GET", "/a~b?x=/../y", "shop.example", true),
            new Case(":path", "{exact: '/admin?a=%7e'}", "GET", "//admin?a=%7e", "shop.example", true),
            new Case(":path", "{prefix: /admin}", "GET", "/admin?a=1", "shop.example", true),
            new Case(":PATH", "{regex: '.*[?]a=1'}", "GET", "/admin?a=1", "shop.example", true),
            new Case(":path", "{regex: /admin}", "GET", "/administrator", "shop.example", false),
            new Case(":path", "{}", "GET", "/", "shop.example", true),
            new Case(":authority", "{exact: shop.example}", "GET", "/", "shop.example", true),
            new Case(":authority", "{exact: Shop.Example}", "GET", "/", "shop.EXAMPLE", true),
            new Case(":authority", "{exact: shop.example}", "GET", "/", "shop.example:80", true),
            new Case(":authority", "{exact: shop.example}", "GET", "/", "Shop.example.", true),
            new Case(":authority", "{exact: shop.example}", "GET", "/", "shop.example.:80", true),
            new Case(":authority", "{exact: shop.example}", "GET", "/", "shop.example:81", false),
            new Case(":authority", "{exact: 'shop.example.:81'}", "GET", "/", "shop.example.:81", true),
            new Case(":authority", "{exact: 'shop.example:80'}", "GET", "/", "shop.example.", true),
            new Case(":authority", "{exact: 'shop.example:81'}", "GET", "/", "shop.example", false),
            new Case(":authority", "{exact: shop.example.}", "GET", "/", "shop.example", true),
            new Case(":authority", "{regex: 'shop[.]example'}", "GET", "/", "shop.example.:80", true),
            new Case(":authority", "{regex: 'shop[.]example:80'}", "GET", "/", "shop.example.:80", true),
            new Case(":authority", "{prefix: 'shop.example:8'}", "GET", "/", "shop.example.:80", true),
            new Case("host", "{exact: shop.example}", "GET", "/", "shop.example.", true),
            new Case("host", "{regex: 'shop[.]example'}", "GET", "/", "shop.example.", true),
            new Case(":authority", "{exact: 'shop.example:80'}", "GET", "/", "shop.example:80", true),
            new Case(":authority", "{prefix: shop.}", "GET", "/", "shop.example:80", true),
            new Case(":authority", "{regex: 'Shop[.].*'}", "GET", "/", "shop.example", true),
            new Case(":authority", "{regex: 'tea[.].*'}", "GET", "/", "shop.example", false),
            new Case(":authority", "{}", "GET", "/", "shop.example", true),
            new Case("host", "{exact: shop.example}", "GET", "/", "shop.example", true),
            new Case("Host", "{exact: SHOP.example}", "GET", "/", "Shop.example", true),
            new Case("host", "{prefix: tea}", "GET", "/", "shop.example", false),
            new Case("HOST", "{regex: '.*[.]EXAMPLE'}", "GET", "/", "shop.example", true),
            new Case("host", "{}", "GET", "/", "shop.example", true),
            new Case(":scheme", "{exact: http}", "GET", "/", "shop.example", true),
            new Case(":scheme", "{exact: https}", "GET", "/", "shop.example", false),
            new Case(":scheme", "{prefix: ht}", "GET", "/", "shop.example", true),
            new Case(":Scheme", "{regex: https?}", "GET", "/", "shop.example", true),
            new Case(":scheme", "{}", "GET", "/", "shop.example", true));

    private static TestGateway gateway;
    private static Explainer explainer;

    @BeforeAll
    static void start() {
        StringBuilder routes = new StringBuilder();
        for (int i = 0; i < CASES.size(); i++) {
            Case each = CASES.get(i);
            for (String where : List.of("headers", "withoutHeaders")) {
                String condition = "'%s': %s".formatted(each.name(), each.condition());
                String chosen = "x-case: {exact: %s%d}".formatted(where, i);
                routes.append("  - match: [{")
                        .append(
                                where.equals("headers")
                                        ? "headers: {%s, %s}".formatted(chosen, condition)
                                        : "headers: {%s}, withoutHeaders: {%s}".formatted(chosen, condition))
                        .append("}]\n    directResponse: {status: 204}\n");
            }
        }
        routes.append("  - match: [{headers: {x-case: {exact: socket}, Upgrade: {exact: websocket}}}]\n")
                .append("    directResponse: {status: 204}\n");
        gateway = TestGateway.serving("""
                apiVersion: networking.istio.io/v1
                kind: Gateway
                metadata: {name: edge}
                spec:
                  servers:
                  - {port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}
                  - {port: {number: 8080, name: http2, protocol: HTTP2}, hosts: ["*"]}
                ---
                apiVersion: networking.istio.io/v1
                kind: VirtualService
                metadata: {name: cases}
                spec:
                  hosts: [shop.example]
                  gateways: [edge]
                  http:
                """ + routes);
        explainer = new Explainer(gateway.read().plan(), ProxySettings.DEFAULT);
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    static List<Case> cases() {
        return CASES;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void holdsOverHttp1(Case each) throws Exception {
        assertThat(http1(each, "headers")).isEqualTo(each.holds() ? "204" : "404");
        assertThat(http1(each, "withoutHeaders")).isEqualTo(each.holds() ? "404" : "204");
    }

    @ParameterizedTest
    @MethodSource("cases")
    void holdsOverHttp2(Case each) throws Exception {
        assertThat(http2(each, "headers")).isEqualTo(each.holds() ? "204" : "404");
        assertThat(http2(each, "withoutHeaders")).isEqualTo(each.holds() ? "404" : "204");
    }

    @ParameterizedTest
    @MethodSource("cases")
    void isExplainedSo(Case each) {
        assertThat(explained(each, "headers")).isEqualTo(each.holds() ? "204" : "404");
        assertThat(explained(each, "withoutHeaders")).isEqualTo(each.holds() ? "404" : "204");
    }

    /// Of the fields of the connection it is the one that routes are chosen by.
    @Test
    void aWebSocketIsKnownByItsUpgrade() throws Exception {
        String handshake = "GET / HTTP/1.1\r\nHost: shop.example\r\nX-Case: socket\r\nConnection: Upgrade%s\r\n"
                + "Upgrade: %s\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
        assertThat(RawClient.exchange(gateway.port(80), handshake.formatted(", close", "WebSocket")))
                .startsWith("HTTP/1.1 204");
        assertThat(RawClient.exchange(gateway.port(80), handshake.formatted(", close", "h2c")))
                .startsWith("HTTP/1.1 404");
        assertThat(explained("shop.example", "GET", "/", Map.of("X-Case", "socket", "Upgrade", "websocket")))
                .isEqualTo("204");
        assertThat(explained("shop.example", "GET", "/", Map.of("X-Case", "socket")))
                .isEqualTo("404");
    }

    private static String http1(Case each, String where) throws Exception {
        String response = RawClient.exchange(
                gateway.port(80),
                "%s %s HTTP/1.1\r\nHost: %s\r\nX-Case: %s%d\r\nConnection: close\r\n\r\n"
                        .formatted(each.method(), each.target(), each.host(), where, CASES.indexOf(each)));
        return response.substring("HTTP/1.1 ".length(), "HTTP/1.1 ".length() + 3);
    }

    private static String http2(Case each, String where) throws Exception {
        try (H2Client client = new H2Client(gateway.port(8080))) {
            String[] fields = H2Client.request(
                    each.method(), each.target(), ":authority", each.host(), "x-case", where + CASES.indexOf(each));
            client.send(Frames.headers(1, true, fields));
            String answer = client.answer(1).fields();
            return answer.substring(":status=".length(), ":status=".length() + 3);
        }
    }

    private static String explained(Case each, String where) {
        String choice = where + CASES.indexOf(each);
        return explained(each.host(), each.method(), each.target(), Map.of("X-Case", choice));
    }

    private static String explained(String host, String method, String target, Map<String, String> headers) {
        JsonObject said = new JsonObject(explainer
                .explain(new ExplainedRequest(80, false, null, host, method, target, headers, null, "127.0.0.1", null))
                .json());
        return said.getInteger("status").toString();
    }
}
