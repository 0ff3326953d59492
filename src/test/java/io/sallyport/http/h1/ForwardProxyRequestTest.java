package io.sallyport.http.h1;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.http.ConnectionInfo;
import io.sallyport.http.HttpLimits;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What clients write to a forward proxy, on its port in plain text and on the one with TLS, and what a Gateway makes
/// of the same.
class ForwardProxyRequestTest {
    private static final Http1Options PROXY = Http1Options.DEFAULT.withForwardProxy(true);
    private static final ConnectionInfo.Tls TLS = new ConnectionInfo.Tls("TLSv1.3", "x", null, null, null, null);

    private static ServerHarness sent(Http1Options options, boolean tls, String lines) {
        ServerHarness server = new ServerHarness(HttpLimits.DEFAULT, options, tls ? TLS : null);
        return server.send(lines.replace("|", "\r\n") + "\r\n\r\n");
    }

    @ParameterizedTest
    @CsvSource({
        "GET http://a.example/x HTTP/1.1|Host: a.example,                 GET http [a.example] /x",
        "GET https://a.example/x HTTP/1.1|Host: a.example,                GET https [a.example] /x",
        "GET HTTPS://a.example/x HTTP/1.1|Host: a.example,                GET https [a.example] /x",
        "GET https://a.example/x HTTP/1.1|Host: a.example:443,            GET https [a.example] /x",
        "GET https://a.example:443/x HTTP/1.1|Host: A.example,            GET https [a.example:443] /x",
        "GET http://a.example:80/x HTTP/1.1|Host: a.example,              GET http [a.example:80] /x",
        "GET http://a.example:8080?q HTTP/1.1|Host: a.example:8080,       GET http [a.example:8080] /?q",
        "GET http://[2001:db8::1]:81/ HTTP/1.1|Host: [2001:db8::1]:81,    GET http [[2001:db8::1]:81] /",
        "OPTIONS https://a.example HTTP/1.1|Host: a.example,              OPTIONS https [a.example] *",
        "GET https://a.example/ HTTP/1.0,                                 GET https [a.example] /",
    })
    void anAbsoluteTargetSaysTheScheme(String lines, String expected) {
        for (boolean tls : new boolean[] {false, true}) {
            try (ServerHarness server = sent(PROXY, tls, lines)) {
                assertThat(server.rejections).isEmpty();
                assertThat(server.last().toString())
                        .contains(" " + expected + " length=0")
                        .contains(" absolute");
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"false, http", "true, https"})
    void anOriginTargetHasTheSchemeOfTheConnection(boolean tls, String scheme) {
        try (ServerHarness server = sent(PROXY, tls, "GET /x HTTP/1.1|Host: a.example")) {
            assertThat(server.last().head.scheme).isEqualTo(scheme);
            assertThat(server.last().head.absoluteForm).isFalse();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "GET ftp://a.example/ HTTP/1.1|Host: a.example,              http1.scheme",
        "GET ws://a.example/ HTTP/1.1|Host: a.example,               http1.scheme",
        "GET httpss://a.example/ HTTP/1.1|Host: a.example,           http1.scheme",
        "GET htt://a.example/ HTTP/1.1|Host: a.example,              http1.scheme",
        "GET ://a.example/ HTTP/1.1|Host: a.example,                 http1.scheme",
        "GET http:/a.example/ HTTP/1.1|Host: a.example,              http1.target",
        "GET http:///x HTTP/1.1|Host: a.example,                     http1.target",
        "GET http://user@a.example/ HTTP/1.1|Host: a.example,        http1.target",
        "GET https://u:p@a.example/ HTTP/1.1|Host: a.example,        http1.target",
        "GET http://a.example\\@b.example/ HTTP/1.1|Host: a.example, http1.target",
        "GET http://b.example/ HTTP/1.1|Host: a.example,             http1.host_differs_from_target",
        "GET http://a.example/ HTTP/1.1|Host: a.example:443,         http1.host_differs_from_target",
        "GET https://a.example/ HTTP/1.1|Host: a.example:80,         http1.host_differs_from_target",
        "GET http://a.example:8080/ HTTP/1.1|Host: a.example,        http1.host_differs_from_target",
        "GET http://a.example/ HTTP/1.1|X: y,                        http1.no_host",
        "CONNECT / HTTP/1.1|Host: a.example,                         http1.target",
        "CONNECT * HTTP/1.1|Host: a.example,                         http1.target",
        "CONNECT a.example HTTP/1.1|Host: a.example,                 http1.target",
        "CONNECT a.example: HTTP/1.1|Host: a.example,                http1.target",
        "CONNECT a.example:0 HTTP/1.1|Host: a.example,               http1.target",
        "CONNECT a.example:65536 HTTP/1.1|Host: a.example,           http1.target",
        "CONNECT a.example:443/ HTTP/1.1|Host: a.example:443,        http1.target",
        "CONNECT u@a.example:443 HTTP/1.1|Host: a.example:443,       http1.target",
        "CONNECT :443 HTTP/1.1|Host: a.example:443,                  http1.target",
        "CONNECT https://a.example:443 HTTP/1.1|Host: a.example:443, http1.target",
        "CONNECT a.example:443 HTTP/1.1|Host: b.example:443,         http1.host_differs_from_target",
        "CONNECT a.example:443 HTTP/1.1|Host: b.example,             http1.host_differs_from_target",
        "CONNECT a.example:443 HTTP/1.1|Host: a.example:80,          http1.host_differs_from_target",
        "CONNECT a.example:443 HTTP/1.1|Host: a.example.evil,        http1.host_differs_from_target",
        "CONNECT a.example:443 HTTP/1.1|X: y,                        http1.no_host",
        "CONNECT a.example:80 HTTP/1.1|Host: a.example:80|Content-Length: 3,             http1.connect_with_content",
        "CONNECT a.example:80 HTTP/1.1|Host: a.example:80|Transfer-Encoding: chunked,    "
                + "http1.transfer_encoding_not_allowed",
    })
    void whatCouldBeReadInTwoWaysIsRefused(String lines, String details) {
        for (boolean tls : new boolean[] {false, true}) {
            try (ServerHarness server = sent(PROXY, tls, lines)) {
                assertThat(server.rejections).containsExactly("400 " + details);
                assertThat(server.exchanges).isEmpty();
                assertThat(server.output()).startsWith("HTTP/1.1 400 ").contains("connection: close");
            }
        }
    }

    /// As curl and apt write it; as Java's HttpURLConnection and undici do, whose Host has no port; as Python's urllib
    /// does, in HTTP/1.0.
    @ParameterizedTest
    @CsvSource({
        "CONNECT a.example:443 HTTP/1.1|Host: a.example:443",
        "CONNECT a.example:443 HTTP/1.1|Host: a.example",
        "CONNECT a.example:443 HTTP/1.1|Host: A.EXAMPLE",
        "CONNECT a.example:443 HTTP/1.0",
        "CONNECT a.example:443 HTTP/1.0|Host: a.example:443",
        "CONNECT a.example:443 HTTP/1.1|Host: a.example:443|Content-Length: 0",
        "CONNECT a.example:443 HTTP/1.1|Host: a.example:443|Proxy-Connection: keep-alive|Proxy-Authorization: Basic eA==",
    })
    void connectIsUnderstoodAsClientsWriteIt(String lines) {
        for (boolean tls : new boolean[] {false, true}) {
            try (ServerHarness server = sent(PROXY, tls, lines)) {
                assertThat(server.rejections).isEmpty();
                assertThat(server.last().head.method).isEqualTo("CONNECT");
                assertThat(server.last().head.authority).isEqualTo("a.example:443");
                assertThat(server.last().head.path).isEmpty();
                assertThat(server.last().head.headers.toString()).doesNotContain("proxy");
                assertThat(server.last().ended).isFalse();
            }
        }
    }

    @Test
    void connectAsksForNoUpgrade() {
        String lines = "CONNECT a:443 HTTP/1.1|Host: a:443|Connection: upgrade|Upgrade: websocket";
        try (ServerHarness server = sent(PROXY, false, lines)) {
            assertThat(server.last().head.upgrade).isNull();
            server.last().stream.writeHead(ServerHarness.head(200), false);
            server.last().stream.flush();

            assertThat(server.output()).isEqualTo("HTTP/1.1 200 OK\r\n\r\n");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "false, GET https://a.example/ HTTP/1.1|Host: a.example, http1.scheme",
        "true, GET http://a.example/ HTTP/1.1|Host: a.example, http1.scheme",
        "false, CONNECT a.example:443 HTTP/1.1|Host: a.example, http1.host_differs_from_target"
    })
    void aGatewayTakesOnlyTheSchemeOfTheConnection(boolean tls, String lines, String details) {
        try (ServerHarness server = sent(Http1Options.DEFAULT, tls, lines)) {
            assertThat(server.rejections).containsExactly("400 " + details);
        }
    }
}
