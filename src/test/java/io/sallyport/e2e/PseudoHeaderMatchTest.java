package io.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.testing.RawClient;
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

    private static MatchGateway gateway;

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
        gateway = new MatchGateway(routes.toString());
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
    void holdsForTheRequestsOwnValue(Case each) throws Exception {
        assertThat(statuses(each, "headers")).containsOnly(each.holds() ? "204" : "404");
        assertThat(statuses(each, "withoutHeaders")).containsOnly(each.holds() ? "404" : "204");
    }

    private static List<String> statuses(Case each, String where) throws Exception {
        return gateway.statuses(
                new MatchGateway.Request(each.method(), each.target(), each.host(), where + CASES.indexOf(each)));
    }

    /// Of the fields of the connection it is the one that routes are chosen by.
    @Test
    void aWebSocketIsKnownByItsUpgrade() throws Exception {
        String handshake = "GET / HTTP/1.1\r\nHost: shop.example\r\nX-Case: socket\r\nConnection: Upgrade%s\r\n"
                + "Upgrade: %s\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
        assertThat(RawClient.exchange(gateway.gateway.port(80), handshake.formatted(", close", "WebSocket")))
                .startsWith("HTTP/1.1 204");
        assertThat(RawClient.exchange(gateway.gateway.port(80), handshake.formatted(", close", "h2c")))
                .startsWith("HTTP/1.1 404");
        assertThat(gateway.explained("GET", "/", "shop.example", Map.of("X-Case", "socket", "Upgrade", "websocket")))
                .isEqualTo("204");
        assertThat(gateway.explained("GET", "/", "shop.example", Map.of("X-Case", "socket")))
                .isEqualTo("404");
    }
}
