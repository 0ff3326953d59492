package io.sallyport.http.h1;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.http.RequestHead;
import io.sallyport.http.WebSocketHandshake;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What is left of a request's fields once those of the connection are taken out; and opening handshakes.
class ConnectionFieldsTest {
    private static final String KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    private static final String VERSION = "Sec-WebSocket-Version: 13\r\n";
    private static final String SWITCH = "Connection: Upgrade\r\nUpgrade: websocket\r\n";

    static Stream<Arguments> fields() {
        return Stream.of(
                row("Keep-Alive: timeout=5|Proxy-Connection: close|A: 1", "a: 1|"),
                row("Proxy-Authorization: Basic eA==|A: 1", "a: 1|"),
                row("PROXY-AUTHORIZATION: Basic eA==|Proxy-Authorization: Bearer y|A: 1", "a: 1|"),
                row("Proxy-Authenticate: Basic|Proxy-Authentication-Info: x|A: 1", "a: 1|"),
                row(
                        "Proxy-Authorizatiom: a|Proxy-Authentication-Inf: b",
                        "proxy-authorizatiom: a|proxy-authentication-inf: b|"),
                row("Connection: keep-alive|A: 1", "a: 1|"),
                row("Connection: X-Hop|X-Hop: 1|A: 1", "a: 1|"),
                row("X-Hop: 1|A: 1|Connection: x-HOP|X-hop: 2", "a: 1|"),
                row("Connection: a|Connection: b, c|A: 1|B: 2|C: 3|D: 4", "d: 4|"),
                row("Connection: , a ,,b\t,|A: 1|B: 2", ""),
                row("Connection: not a token|A: 1", "a: 1|"),
                row("Connection: \"a\"|A: 1", "a: 1|"),
                row("Connection:|A: 1", "a: 1|"),
                row("Connection: host, content-length, transfer-encoding|A: 1", "a: 1|"),
                row("TE: trailers", "te: trailers|"),
                row("Connection: TE|TE: gzip, Trailers;q=1, trailers", "te: trailers|"),
                row("TE: gzip|A: 1", "a: 1|"),
                row("TE: gzip|TE: trailers|A: 1", "te: trailers|a: 1|"),
                row("Upgrade: h2c|A: 1", "a: 1|"),
                row("Trailer: X-Sum|A: 1", "trailer: X-Sum|a: 1|"));
    }

    @ParameterizedTest
    @MethodSource
    void fields(String sent, String left) {
        try (ServerHarness server = new ServerHarness()) {
            server.send("GET / HTTP/1.1\r\nHost: a\r\n" + sent.replace("|", "\r\n") + "\r\n\r\n");

            assertThat(server.last().head.headers.toString().replace('\n', '|')).isEqualTo(left);
        }
    }

    /// Bytes that are no blank around an element of a list, though trimming methods take them for some.
    static IntStream notBlank() {
        return IntStream.rangeClosed(0x80, 0xff);
    }

    @ParameterizedTest
    @MethodSource("notBlank")
    void bytesAboveAsciiArePartOfAnOption(int b) {
        String odd = Character.toString(b);
        String sent = "Connection: " + odd + "a" + odd + ", close" + odd + ",b|TE: " + odd + "trailers|A: 1|B: 2";
        try (ServerHarness server = new ServerHarness()) {
            server.send("GET / HTTP/1.1\r\nHost: a\r\n" + sent.replace("|", "\r\n") + "\r\n\r\n");
            server.respond(server.last(), 200, "");

            assertThat(server.last().head.headers).hasToString("a: 1\n");
            assertThat(server.output()).doesNotContain("connection: close");
        }
    }

    @ParameterizedTest
    @MethodSource("notBlank")
    void bytesAboveAsciiAreNoPartOfWhatIsUnderstood(int b) {
        String odd = Character.toString(b);
        List<String> fields = List.of(
                SWITCH.replace(" websocket", " " + odd + "websocket") + VERSION + KEY,
                SWITCH.replace("websocket", "websocket" + odd) + VERSION + KEY,
                "Transfer-Encoding: " + odd + "chunked\r\n",
                "Transfer-Encoding: gzip, chunked" + odd + "\r\n",
                "Content-Length: " + odd + "1\r\n",
                "Expect: 100-continue" + odd + "\r\n",
                "Host: " + odd + "a\r\n");
        for (String field : fields) {
            try (ServerHarness server = new ServerHarness()) {
                String host = field.startsWith("Host") ? "" : "Host: a\r\n";
                server.send("GET / HTTP/1.1\r\n" + host + field + "\r\n");

                assertThat(server.exchanges).as(field).isEmpty();
                assertThat(server.rejections)
                        .as(field)
                        .singleElement()
                        .asString()
                        .startsWith("4");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "X-Forwarded-For",
                "x-forwarded-proto",
                "X-FORWARDED-HOST",
                "X-Forwarded-Client-Cert",
                "X-Request-Id",
                "Forwarded",
                "Via",
                "Authorization",
                "Cookie",
                "Content-Type",
                "Traceparent"
            })
    void nobodyStripsTheGatewaysOwnByNamingIt(String name) {
        try (ServerHarness server = new ServerHarness()) {
            server.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close, " + name + ", x\r\nX: 1\r\n" + name
                    + ": kept\r\n\r\n");

            assertThat(server.last().head.headers).hasToString(name.toLowerCase(Locale.ROOT) + ": kept\n");
        }
    }

    static Stream<Arguments> handshakes() {
        return Stream.of(
                row("GET", SWITCH + VERSION + KEY, null),
                row("POST", SWITCH + VERSION + KEY, "websocket.method"),
                row("GET", SWITCH + KEY, "websocket.version"),
                row("GET", SWITCH + KEY + "Sec-WebSocket-Version: 8\r\n", "websocket.version"),
                row("GET", SWITCH + KEY + "Sec-WebSocket-Version: 13, 8\r\n", "websocket.version"),
                row("GET", SWITCH + KEY + VERSION + VERSION, "websocket.version"),
                row("GET", SWITCH + VERSION, "websocket.key"),
                row("GET", SWITCH + VERSION + KEY + KEY, "websocket.key"),
                row("GET", SWITCH + VERSION + "Sec-WebSocket-Key:\r\n", "websocket.key"),
                row("GET", SWITCH + VERSION + "Sec-WebSocket-Key: dGhlIHNhbXBsZQ==\r\n", "websocket.key"),
                row("GET", SWITCH + VERSION + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZR==\r\n", "websocket.key"),
                row("GET", SWITCH + VERSION + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=a\r\n", "websocket.key"),
                row("GET", SWITCH + VERSION + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25j*Q==\r\n", "websocket.key"));
    }

    @ParameterizedTest
    @MethodSource
    void handshakes(String method, String fields, String problem) {
        try (ServerHarness server = new ServerHarness()) {
            server.send(method + " / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n");
            RequestHead head = server.last().head;

            assertThat(WebSocketHandshake.isRequested(head)).isTrue();
            assertThat(WebSocketHandshake.problem(head)).isEqualTo(problem);
        }
    }

    @Test
    void aPlainRequestIsNoHandshake() {
        try (ServerHarness server = new ServerHarness()) {
            server.send("GET / HTTP/1.1\r\nHost: a\r\n" + VERSION + KEY + "\r\n");
            assertThat(WebSocketHandshake.isRequested(server.last().head)).isFalse();
        }
    }

    private static Arguments row(Object... columns) {
        return Arguments.of(columns);
    }
}
