package io.sallyport.http.h1;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.http.StreamError;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Chunked request bodies: which are read, and that the others end the exchange and the connection with 400.
class ChunkedBodyTest {
    private static final String HEAD = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    private static final String SMUGGLED = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";

    static Stream<String> broken() {
        return Stream.of(
                "\r\n",
                ";x\r\n",
                "g\r\n",
                "0x5\r\nhello\r\n0\r\n\r\n",
                "+5\r\nhello\r\n",
                "-1\r\n",
                " 5\r\nhello\r\n",
                "\t5\r\nhello\r\n",
                "5 \r\nhello\r\n",
                "5 ;x\r\nhello\r\n",
                "5\t\r\nhello\r\n",
                "5\u0000\r\nhello\r\n",
                "\u00005\r\nhello\r\n",
                "5\u000b\r\nhello\r\n",
                "5,5\r\nhello\r\n",
                "5_0\r\n",
                "\u0665\r\n",
                "5\n",
                "5\rhello",
                "5\r\r\nhello",
                "10000000000000005\r\nhello\r\n",
                "fffffffffffffffff\r\n",
                "8000000000000000\r\n",
                "7fffffffffffffff\r\n",
                "00000000000000005\r\nhello\r\n",
                "5;\r\nhello\r\n",
                "5;\nhello\r\n",
                "5;x\nhello\r\n",
                "5;x=\"a\r\nhello\r\n",
                "5;x=\"a\\\r\nhello\r\n",
                "5;x=\"a\nb\"\r\nhello\r\n",
                "5;x\u0000\r\nhello\r\n",
                "5;x\u0080\r\nhello\r\n",
                "5;\"x\"\r\nhello\r\n",
                "5;x=" + "a".repeat(1 << 20) + "\r\nhello\r\n",
                ("1;x=" + "a".repeat(1000) + "\r\na\r\n").repeat(20),
                "5\r\nhelloworld\r\n",
                "5\r\nhello0\r\n\r\n",
                "5\r\nhello\n0\r\n\r\n",
                "5\r\nhello\r0\r\n\r\n",
                "5\r\nhell\r\n0\r\n\r\n",
                "5\r\nhello\r\n0\n\r\n",
                "5\r\nhello\r\n0\r\n\n",
                "5\r\nhello\r\n0\r\n\r\r",
                "0\r\nX: a\nY: b\r\n\r\n",
                "0\r\n X: a\r\n\r\n",
                "0\r\nX: a\r\n b\r\n\r\n",
                "0\r\nX\r\n\r\n",
                "0\r\n: a\r\n\r\n",
                "0\r\nX : a\r\n\r\n",
                "0\r\nX: a\u0000\r\n\r\n",
                "0\r\nX_Y: a\r\n\r\n");
    }

    @ParameterizedTest
    @MethodSource
    void broken(String body) {
        try (ServerHarness server = new ServerHarness()) {
            server.send(HEAD + body + SMUGGLED);

            assertThat(server.exchanges).hasSize(1);
            assertThat(server.last().error).isEqualTo(StreamError.PROTOCOL_ERROR);
            assertThat(server.last().ended).isFalse();
            assertThat(server.output()).startsWith("HTTP/1.1 400 ").contains("connection: close");
        }
    }

    @ParameterizedTest
    @MethodSource("broken")
    void brokenAndByteByByte(String body) {
        try (ServerHarness server = new ServerHarness()) {
            server.send(HEAD).sendByteByByte(body.length() > 50_000 ? body.substring(0, 50_000) : body);
            server.send(SMUGGLED);

            assertThat(server.exchanges).hasSize(1);
            assertThat(server.last().error).isEqualTo(StreamError.PROTOCOL_ERROR);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"X: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n", "X: a\r\n"})
    void hugeTrailersEndTheConnection(String line) {
        try (ServerHarness server = new ServerHarness()) {
            server.send(HEAD + "0\r\n" + line.repeat(20_000));

            assertThat(server.last().error).isEqualTo(StreamError.HEAD_TOO_LARGE);
            assertThat(server.output()).startsWith("HTTP/1.1 431 ");
        }
    }

    static Stream<Arguments> wellFormed() {
        return Stream.of(
                Arguments.of("0\r\n\r\n", ""),
                Arguments.of("000\r\n\r\n", ""),
                Arguments.of("5\r\nhello\r\n0\r\n\r\n", "hello"),
                Arguments.of("0000000000000005\r\nhello\r\n0\r\n\r\n", "hello"),
                Arguments.of("A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n", "01234567890123456789"),
                Arguments.of("5;x\r\nhello\r\n0;y=z\r\n\r\n", "hello"),
                Arguments.of("5;x=\"a\\\"b;c\" ; y\r\nhello\r\n0\r\n\r\n", "hello"),
                Arguments.of("2\r\n\r\n\r\n0\r\n\r\n", "\r\n"),
                Arguments.of("7\r\n0\r\n\r\nGE\r\n0\r\n\r\n", "0\r\n\r\nGE"),
                Arguments.of("1400\r\n" + "x".repeat(0x1400) + "\r\n0\r\n\r\n", "x".repeat(0x1400)));
    }

    @ParameterizedTest
    @MethodSource
    void wellFormed(String body, String content) {
        try (ServerHarness server = new ServerHarness().answeringAtTheEnd()) {
            server.send(HEAD + body + "GET /next HTTP/1.1\r\nHost: a\r\n\r\n");
            server.output();

            assertThat(server.exchanges.getFirst().body()).isEqualTo(content);
            assertThat(server.exchanges.getFirst().ended).isTrue();
            assertThat(server.last().head.path).isEqualTo("/next");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: 5", "Transfer-Encoding: chunked", "Host: b", "Connection: close", "Authorization: x",
                "Cookie: a=b", "X-Forwarded-For: 1.2.3.4", "X-Forwarded-Client-Cert: y", "Content-Type: a/b",
                        "Te: trailers",
                "Trailer: x", "Upgrade: h2c", "Expect: 100-continue", "Keep-Alive: 1"
            })
    void trailersThatMayNotBeAreDropped(String line) {
        try (ServerHarness server = new ServerHarness()) {
            server.send(HEAD + "0\r\n" + line + "\r\n\r\n");
            assertThat(server.last().trailers).isNull();
            assertThat(server.last().ended).isTrue();
        }
        try (ServerHarness server = new ServerHarness()) {
            server.send(HEAD + "0\r\nGrpc-Status: 0\r\n" + line + "\r\nX: y\r\n\r\n");
            assertThat(server.last().trailers).hasToString("grpc-status: 0\nx: y\n");
        }
    }
}
