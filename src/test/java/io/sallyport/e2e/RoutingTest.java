package io.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What routes do with requests, seen from both ends.
class RoutingTest {
    private final RawUpstream one = RawUpstream.ok("one");
    private final RawUpstream two = RawUpstream.ok("two");

    @AfterEach
    void stop() {
        one.close();
        two.close();
    }

    private TestGateway serving(String http) {
        return TestGateway.serving(Yaml.httpGateway("*")
                + Yaml.service("one.internal", one.port())
                + Yaml.service("two.internal", two.port())
                + Yaml.virtualService("shop.example", http));
    }

    private static String get(TestGateway gateway, String target, String... headers) throws IOException {
        return RawClient.exchange(
                gateway.port(80),
                "GET " + target + " HTTP/1.1\r\nHost: shop.example\r\n"
                        + String.join("", headers)
                        + "Connection: close\r\n\r\n");
    }

    @Test
    void theFirstRouteThatMatchesWins() throws Exception {
        try (TestGateway gateway = serving("""
                - match: [{headers: {x-user: {exact: jason}}}]
                  route: [{destination: {host: two.internal}}]
                - match: [{uri: {prefix: /v1}}]
                  route: [{destination: {host: one.internal}}]
                - match: [{queryParams: {beta: {exact: "1"}}}]
                  route: [{destination: {host: two.internal}}]
                """)) {
            assertThat(get(gateway, "/v1")).endsWith("one");
            assertThat(get(gateway, "/v1", "X-User: jason\r\n")).endsWith("two");
            assertThat(get(gateway, "/v2?beta=1")).endsWith("two");
            assertThat(get(gateway, "/v2")).startsWith("HTTP/1.1 404 ");
        }
    }

    /// As in Istio null is a match, or a condition, that asks for nothing more.
    @Test
    void nullAsksForNothing() throws Exception {
        try (TestGateway gateway = serving("""
                - match: [{uri: {prefix: /q}, queryParams: {beta: null}}]
                  directResponse: {status: 201}
                - match: [{uri: {prefix: /h}, withoutHeaders: {x-user: null}}]
                  directResponse: {status: 202}
                - match: [{uri: {prefix: /f}}]
                  fault: {abort: {percentage: {value: 100}}, delay: {percentage: {value: 100}}}
                  route: [{destination: {host: one.internal}}]
                - match: [null]
                  directResponse: {status: 203}
                """)) {
            assertThat(get(gateway, "/q?beta")).startsWith("HTTP/1.1 201 ");
            assertThat(get(gateway, "/q?alpha")).startsWith("HTTP/1.1 203 ");
            assertThat(get(gateway, "/h")).startsWith("HTTP/1.1 202 ");
            assertThat(get(gateway, "/h", "X-User: a\r\n")).startsWith("HTTP/1.1 203 ");
            assertThat(get(gateway, "/f")).endsWith("one");
            assertThat(get(gateway, "/")).startsWith("HTTP/1.1 203 ");
        }
    }

    @Test
    void weightsSplitTheTraffic() throws Exception {
        try (TestGateway gateway = serving("""
                - route:
                  - {destination: {host: one.internal}, weight: 90}
                  - {destination: {host: two.internal}, weight: 10}
                """);
                RawClient client = new RawClient(gateway.port(80))) {
            int twos = 0;
            for (int i = 0; i < 2000; i++) {
                String response = client.send("GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n")
                        .readResponse();
                twos += response.endsWith("two") ? 1 : 0;
            }
            // Six standard deviations of a binomial with n = 2000 and p = 0.1.
            assertThat(twos).isBetween(200 - 81, 200 + 81);
        }
    }

    @Test
    void rewritesAndHeaderOperationsChangeTheRequestAndTheResponse() throws Exception {
        try (TestGateway gateway = serving("""
                - match: [{uri: {prefix: /api/}}]
                  rewrite: {uri: /internal/, authority: one.svc}
                  headers:
                    request: {set: {x-set: a}, add: {x-add: b}, remove: [x-secret]}
                    response: {set: {x-out: c}, remove: [server]}
                  route:
                  - destination: {host: one.internal}
                    headers: {request: {add: {x-dest: d}}}
                """)) {
            String response = get(gateway, "/api/cart?id=1", "X-Secret: s\r\n", "X-Add: mine\r\n");

            assertThat(one.received())
                    .startsWith("GET /internal/cart?id=1 HTTP/1.1\r\nhost: one.svc\r\n")
                    .contains("x-set: a\r\n", "x-add: mine\r\n", "x-add: b\r\n", "x-dest: d\r\n")
                    .doesNotContain("x-secret");
            assertThat(response).contains("x-out: c\r\n");
        }
    }

    @Test
    void redirectsAndDirectResponsesNeedNoUpstream() throws Exception {
        try (TestGateway gateway = serving("""
                - match: [{uri: {prefix: /old}}]
                  redirect: {uri: /new, authority: other.example, redirectCode: 308}
                - match: [{uri: {exact: /teapot}}]
                  directResponse: {status: 418, body: {string: "short and stout"}}
                  headers: {response: {set: {x-kind: pot}}}
                """)) {
            assertThat(get(gateway, "/old/x"))
                    .startsWith("HTTP/1.1 308 Permanent Redirect\r\n")
                    .contains("location: http://other.example/new\r\n");
            assertThat(get(gateway, "/teapot"))
                    .startsWith("HTTP/1.1 418 ")
                    .contains("x-kind: pot\r\n")
                    .endsWith("short and stout");
            assertThat(RawClient.exchange(
                            gateway.port(80),
                            "HEAD /teapot HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n"))
                    .contains("content-length: 15\r\n")
                    .endsWith("\r\n\r\n");
        }
    }

    @Test
    void aDelegatesRoutesTakePartWithinTheRootsMatch() throws Exception {
        try (TestGateway gateway = TestGateway.serving(Yaml.httpGateway("*")
                + Yaml.service("one.internal", one.port())
                + Yaml.service("two.internal", two.port())
                + Yaml.virtualService("shop.example", """
                        - match: [{uri: {prefix: /pay}}]
                          delegate: {name: payments}
                        - route: [{destination: {host: two.internal}}]
                        """)
                + """
                apiVersion: networking.istio.io/v1
                kind: VirtualService
                metadata: {name: payments}
                spec:
                  http:
                  - match: [{uri: {prefix: /pay/card}}]
                    route: [{destination: {host: one.internal}}]
                """)) {
            assertThat(get(gateway, "/pay/card/1")).endsWith("one");
            assertThat(get(gateway, "/pay/cash")).endsWith("two");
        }
    }

    @Test
    void httpsRedirectSendsPlainRequestsToHttps() throws Exception {
        try (TestGateway gateway = TestGateway.serving(
                Yaml.gateway("port: {number: 80, name: http, protocol: HTTP}, hosts: [shop.example],"
                        + " tls: {httpsRedirect: true}"))) {
            assertThat(get(gateway, "/x?y=1"))
                    .startsWith("HTTP/1.1 301 Moved Permanently\r\n")
                    .contains("location: https://shop.example/x?y=1\r\n");
        }
    }

    @Test
    void aRouteWithAnUnknownSubsetAnswers503Nc() throws Exception {
        try (TestGateway gateway = serving("- route: [{destination: {host: one.internal, subset: stable}}]")) {
            assertThat(get(gateway, "/")).startsWith("HTTP/1.1 503 ");
            assertThat(gateway.firstFacts().flag).hasToString("NC");
        }
    }

    @Test
    void tcpRoutesForwardBytes() throws Exception {
        try (RawUpstream echo = RawUpstream.start(connection -> {
                    for (int b = connection.read(); b >= 0; b = connection.read()) {
                        connection.write(new byte[] {(byte) Character.toUpperCase(b)});
                    }
                    connection.write("BYE");
                    connection.shutdownOutput();
                });
                TestGateway gateway = TestGateway.serving(Yaml.forwardBytes(31400, "echo.internal", 80)
                                .replace("tcp: [{", "tcp: [{match: [{port: 31400}], ")
                        + Yaml.service("echo.internal", "TCP", echo.port()));
                RawClient client = new RawClient(gateway.port(31400))) {
            client.send("hello");
            assertThat(client.readBytes(5)).isEqualTo("HELLO");
            client.endOutput();
            assertThat(client.readToEnd()).isEqualTo("BYE");
        }
    }
}
