package io.sallyport.e2e.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.testing.RawClient;
import java.io.IOException;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Requests that two readers might frame differently: the upstream sees nothing of them, nor of what is hidden in them.
@ExtendWith(LogWatch.class)
class RequestFramingTest {
    private static final String HOST = "Host: shop.example\r\n";
    private static final String HIDDEN = "GET /hidden HTTP/1.1\r\nHost: shop.example\r\n\r\n";
    private static Target target;

    @BeforeAll
    static void start() {
        target = Target.start();
    }

    @AfterAll
    static void stop() {
        target.close();
    }

    private static Arguments head(int status, String what, String head) {
        return Arguments.of(what, status, head.replace("\n", "\r\n"));
    }

    private static Arguments post(int status, String what, String fields) {
        return Arguments.of(what, status, "POST /attack HTTP/1.1\r\n" + HOST + fields + "\r\n");
    }

    private static Arguments get(int status, String what, String line, String fields) {
        return Arguments.of(what, status, line + "\r\n" + fields + "\r\n");
    }

    static Stream<Arguments> badHeads() {
        String line = "GET /attack HTTP/1.1";
        return Stream.of(
                post(400, "CL, TE", "Content-Length: 6\r\nTransfer-Encoding: chunked\r\n"),
                post(400, "TE, CL", "Transfer-Encoding: Chunked\r\nContent-Length: 6\r\n"),
                post(501, "gzip, chunked", "Transfer-Encoding: gzip, chunked\r\n"),
                post(400, "chunked and a comma", "Transfer-Encoding: chunked,\r\n"),
                post(400, "TE folded", "Transfer-Encoding:\r\n chunked\r\n"),
                post(400, "TE with a vertical tab", "Transfer-Encoding: chunked\u000b\r\n"),
                get(400, "TE in HTTP/1.0", "POST /attack HTTP/1.0", HOST + "Transfer-Encoding: chunked\r\n"),
                post(400, "two CL", "Content-Length: 0\r\nContent-Length: 48\r\n"),
                post(400, "two equal CL", "Content-Length: 0\r\nContent-Length: 0\r\n"),
                post(400, "a CL list", "Content-Length: 0, 48\r\n"),
                post(400, "a sign", "Content-Length: +0\r\n"),
                post(400, "hex", "Content-Length: 0x0\r\n"),
                post(400, "empty CL", "Content-Length: \r\n"),
                post(400, "2^63", "Content-Length: 9223372036854775808\r\n"),
                post(400, "2^64", "Content-Length: 18446744073709551616\r\n"),
                get(400, "bare LF", line, HOST + "X: y\nContent-Length: 48\r\n"),
                get(400, "CR in a value", line, HOST + "X: y\rContent-Length: 48\r\n"),
                get(400, "NUL in a value", line, HOST + "X: y\u0000\r\n"),
                get(400, "control byte in a name", line, HOST + "X\u0002: y\r\n"),
                get(400, "high byte in a name", line, HOST + "X\u00ff: y\r\n"),
                get(400, "empty name", line, HOST + ": y\r\n"),
                get(400, "no colon", line, HOST + "Content-Length\r\n"),
                get(400, "space before colon", line, HOST + "Content-Length : 48\r\n"),
                get(400, "space before the first field", line, " " + HOST),
                get(400, "obs-fold", line, HOST + "X: y\r\n\tContent-Length: 48\r\n"),
                get(400, "no Host", line, ""),
                get(400, "two Hosts", line, HOST + "Host: evil.example\r\n"),
                get(400, "Host list", line, "Host: shop.example, evil.example\r\n"),
                get(400, "Host with user", line, "Host: evil.example@shop.example\r\n"),
                get(400, "Host with path", line, "Host: shop.example/x\r\n"),
                get(400, "Host with a bad port", line, "Host: shop.example:99999\r\n"),
                get(400, "absolute form and another Host", "GET http://evil.example/attack HTTP/1.1", HOST),
                get(400, "another scheme", "GET ftp://shop.example/attack HTTP/1.1", HOST),
                get(400, "a scheme in a query", "GET attack?u=://shop.example HTTP/1.1", HOST),
                get(400, "asterisk for GET", "GET * HTTP/1.1", HOST),
                get(400, "authority form for GET", "GET shop.example:80 HTTP/1.1", HOST),
                get(400, "fragment", "GET /attack#x HTTP/1.1", HOST),
                get(400, "NUL in the target", "GET /attack\u0000 HTTP/1.1", HOST),
                get(400, "high byte in the target", "GET /attack\u0085 HTTP/1.1", HOST),
                get(400, "tab as separator", "GET\t/attack HTTP/1.1", HOST),
                get(400, "two spaces", "GET  /attack HTTP/1.1", HOST),
                get(400, "HTTP/0.9", "GET /attack", ""),
                get(505, "HTTP/1.2", "GET /attack HTTP/1.2", HOST),
                get(505, "nearly the preface of HTTP/2", "PRI * HTTP/2.0", "\r\nSN\r\n"),
                get(400, "another protocol", "GET /attack RTSP/1.0", HOST),
                head(400, "a TLS ClientHello", "\u0016\u0003\u0001\u0000\u0005\u0001\u0000\u0000\u0001\u0003\n\n"));
    }

    @ParameterizedTest(name = "{0} is answered {1}")
    @MethodSource("badHeads")
    void aBadHeadIsRefusedAndNothingIsForwarded(String what, int status, String head) throws Exception {
        String response = target.exchange(head + HIDDEN);

        assertThat(response)
                .as(what)
                .startsWith("HTTP/1.1 " + status + " ")
                .containsIgnoringCase("connection: close\r\n")
                .containsOnlyOnce("HTTP/1.1");
        assertThat(target.upstream.received()).doesNotContain("attack", "hidden");
        target.isServing();
    }

    @ParameterizedTest(name = "{0} behind a good request")
    @MethodSource("badHeads")
    void theRequestBeforeABadHeadIsAnswered(String what, int status, String head) throws Exception {
        String response = target.exchange("GET /before HTTP/1.1\r\n" + HOST + "\r\n" + head + HIDDEN);

        assertThat(response).startsWith("HTTP/1.1 200 OK\r\n").contains("ok" + "HTTP/1.1 " + status + " ");
        assertThat(target.upstream.received()).doesNotContain("attack", "hidden");
    }

    static Stream<Arguments> badChunks() {
        return Stream.of(
                Arguments.of("0x prefix", "0x2\r\nab\r\n0\r\n\r\n"),
                Arguments.of("sign", "+2\r\nab\r\n0\r\n\r\n"),
                Arguments.of("blank before", " 2\r\nab\r\n0\r\n\r\n"),
                Arguments.of("NUL behind", "2\u0000\r\nab\r\n0\r\n\r\n"),
                Arguments.of("overflow", "10000000000000002\r\nab\r\n0\r\n\r\n"),
                Arguments.of("empty size", "\r\nab\r\n0\r\n\r\n"),
                Arguments.of("extension with a bare LF", "2;x\nab\r\n0\r\n\r\n"),
                Arguments.of("extension with a quoted CRLF", "2;x=\"\r\n\"\r\nab\r\n0\r\n\r\n"),
                Arguments.of("extension of 1 MiB", "2;" + "x".repeat(1 << 20) + "\r\nab\r\n0\r\n\r\n"),
                Arguments.of("no CRLF behind the data", "2\r\nab0\r\n\r\n"),
                Arguments.of("bare LF behind the data", "2\r\nab\n0\r\n\r\n"),
                Arguments.of("bare LF behind the size", "2\nab\r\n0\r\n\r\n"),
                Arguments.of("bare LF at the end", "2\r\nab\r\n0\r\n\n"),
                Arguments.of("huge trailers", "2\r\nab\r\n0\r\nX: " + "y".repeat(1 << 20) + "\r\n\r\n"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badChunks")
    void aBadChunkCutsTheRequestAndFreesTheSlot(String what, String body) throws Exception {
        int before = target.upstream.connectionCount();
        String response = target.exchange(
                "POST /chunks HTTP/1.1\r\n" + HOST + "Transfer-Encoding: chunked\r\n\r\n" + body + HIDDEN);

        assertThat(response).as(what).matches("(?s)HTTP/1.1 4(00|31) .*").containsOnlyOnce("HTTP/1.1");
        assertThat(target.upstream.connections().stream().skip(before).map(c -> c.received()))
                .allSatisfy(bytes -> assertThat(bytes).doesNotContain("\r\n0\r\n", "hidden"));
        target.slotsAreFree();
        target.isServing();
    }

    @Test
    void trailersCannotSayWhatOnlyAHeadMaySay() throws Exception {
        target.exchange("POST /trailers HTTP/1.1\r\n" + HOST + "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
                + "2\r\nab\r\n0\r\nContent-Length: 5\r\nTransfer-Encoding: x\r\nHost: evil.example\r\n"
                + "X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-Client-Cert: URI=spiffe://evil\r\nX-Sum: 42\r\n\r\n");

        assertThat(target.upstream.received())
                .contains("0\r\nx-sum: 42\r\n\r\n")
                .doesNotContain("evil", "6.6.6.6", "transfer-encoding: x");
    }

    @Test
    void theBodyOfAGetStaysABody() throws Exception {
        String inner = HIDDEN.replace("hidden", "inner");
        String response = target.exchange("GET /body HTTP/1.1\r\n" + HOST + "Content-Length: " + inner.length()
                + "\r\n\r\n" + inner + "GET /next HTTP/1.1\r\n" + HOST + "Connection: close\r\n\r\n");

        assertThat(response.split("HTTP/1.1 200", -1)).hasSize(3);
        assertThat(target.upstream.received())
                .contains("content-length: " + inner.length() + "\r\n", "\r\n\r\n" + inner + "GET /next HTTP/1.1\r\n");
    }

    @Test
    void theRestOfABodyThatWasAnsweredEarlyIsBounded() throws Exception {
        try (RawClient client = target.connect()) {
            client.send("POST /x HTTP/1.1\r\nHost: nobody.example\r\nContent-Length: 1000000000\r\n\r\n");
            assertThat(client.readHead()).startsWith("HTTP/1.1 404 ");
            long start = System.nanoTime();
            assertThatThrownBy(() -> {
                        while (true) {
                            client.send(new byte[1 << 20]);
                        }
                    })
                    .isInstanceOf(IOException.class);
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
        }
    }
}
