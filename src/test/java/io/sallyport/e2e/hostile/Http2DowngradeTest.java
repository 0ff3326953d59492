package io.sallyport.e2e.hostile;

import static io.sallyport.e2e.hostile.H2Client.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.http.h2.Frames;
import io.sallyport.http.h2.SentFrame;
import io.sallyport.testing.RawClient;
import java.util.Arrays;
import java.util.Collections;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// HTTP/2 in front of an HTTP/1.1 upstream: what would be another message once it is written as text is never written.
@ExtendWith(LogWatch.class)
class Http2DowngradeTest {
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

    private static Arguments head(String what, String... changes) {
        return Arguments.of(what, request("GET", "/attack", changes));
    }

    static Stream<Arguments> malformed() {
        String injected = "x\r\n\r\n" + HIDDEN;
        return Stream.of(
                head("transfer-encoding", "transfer-encoding", "chunked"),
                head("connection", "connection", "close"),
                head("upgrade", "upgrade", "websocket"),
                head("keep-alive", "keep-alive", "timeout=5"),
                head("proxy-connection", "proxy-connection", "keep-alive"),
                head("te", "te", "gzip"),
                head("garbled length", "content-length", "0x30"),
                head("two lengths", "content-length", "0", "content-length", "48"),
                head("length without body", "content-length", "48"),
                head("a request in a value", "x", injected),
                head("LF in a value", "x", "a\nb: c"),
                head("NUL in a value", "x", "a\u0000b"),
                head("a request in a name", "x: y\r\n\r\n" + HIDDEN + "z", "y"),
                head("colon in a name", "x: y", "z"),
                head("capitals in a name", "X-A", "y"),
                head("empty name", "", "y"),
                head("a request in :path", ":path", "/attack HTTP/1.1\r\n\r\n" + HIDDEN),
                head("space in :path", ":path", "/attack HTTP/1.1"),
                head("tab in :path", ":path", "/attack\tx"),
                head("absolute :path", ":path", "http://evil.example/attack"),
                head("asterisk :path", ":path", "*"),
                head("empty :path", ":path", ""),
                head("fragment in :path", ":path", "/attack#x"),
                head("a request in :method", ":method", "GET /hidden HTTP/1.1\r\nHost: shop.example\r\n\r\nGET"),
                head("junk in :scheme", ":scheme", "http://evil.example/?"),
                head("a request in :authority", ":authority", injected),
                head("user in :authority", ":authority", "evil.example@shop.example"),
                head("a list in :authority", ":authority", "shop.example,evil.example"),
                head(":authority is not host", "host", "evil.example"),
                head("two hosts", "host", "shop.example", "host", "evil.example"),
                head("neither", ":authority", null),
                head("unknown pseudo-header", ":evil", "y"),
                head("late pseudo-header", "x", "y", ":evil", "z"),
                head("protocol without CONNECT", ":protocol", "websocket"),
                head("extended CONNECT without path", ":method", "CONNECT", ":protocol", "websocket", ":path", null),
                head("upgrade in extended CONNECT", ":method", "CONNECT", ":protocol", "websocket", "upgrade", "x"),
                head("underscore", "content_length", "48"),
                Arguments.of(
                        "repeated pseudo-header",
                        Stream.concat(Stream.of(":path", "/attack"), Arrays.stream(request("GET", "/attack")))
                                .toArray(String[]::new)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("malformed")
    void aMalformedHeadIsResetAndTheConnectionServesOn(String what, String[] fields) throws Exception {
        try (H2Client client = target.connect2()) {
            client.send(Frames.headers(1, true, fields));
            SentFrame answer = client.answer(1);
            assertThat(answer.type()).as(what).isEqualTo(Frames.RST_STREAM);
            assertThat(answer.errorCode()).isEqualTo(1);

            client.send(Frames.headers(3, true, request("GET", "/honest")));
            assertThat(client.answer(3).fields()).startsWith(":status=200");
        }
        assertThat(target.upstream.received()).doesNotContain("attack", "hidden", "evil");
    }

    @Test
    void aBodyThatIsNotAsLongAsDeclaredNeverEndsUpstream() throws Exception {
        for (String length : new String[] {"3", "60"}) {
            int before = target.upstream.connectionCount();
            try (H2Client client = target.connect2()) {
                client.send(
                        Frames.headers(1, false, request("POST", "/length", "content-length", length)),
                        Frames.data(1, HIDDEN, true));
                assertThat(client.answer(1).type()).isEqualTo(Frames.RST_STREAM);
            }
            target.slotsAreFree();
            assertThat(target.upstream.connections().stream().skip(before).map(c -> c.received()))
                    .noneMatch(bytes -> bytes.contains("content-length: 3\r\n") && bytes.contains("\r\n\r\nGET /h"));
        }
        target.isServing();
    }

    @Test
    void aBodyWithoutALengthIsDeliveredWholeInChunks() throws Exception {
        try (H2Client client = target.connect2()) {
            client.send(Frames.headers(1, false, request("POST", "/whole")), Frames.data(1, "ab", false));
            client.send(Frames.data(1, "0\r\n\r\n" + HIDDEN.replace("hidden", "inner"), true));
            assertThat(client.answer(1).fields()).startsWith(":status=200");
        }
        String received = target.upstream.received();
        assertThat(received.substring(received.indexOf("POST /whole")))
                .contains(
                        "transfer-encoding: chunked\r\n", "0\r\n\r\nGET /inner HTTP/1.1\r\nHost: shop.example\r\n\r\n");
    }

    @Test
    void whatComesWithTheLastFrameDoesNotFrameTheMessage() throws Exception {
        try (H2Client client = target.connect2()) {
            client.send(
                    Frames.headers(1, false, request("POST", "/trailers2", "te", "trailers")),
                    Frames.data(1, "ab", false),
                    Frames.headers(1, true, "x-sum", "42", "x-forwarded-client-cert", "URI=spiffe://evil"));
            assertThat(client.answer(1).fields()).startsWith(":status=200");
            client.send(
                    Frames.headers(3, false, request("POST", "/trailers3")),
                    Frames.headers(3, true, ":path", "/hidden"));
            assertThat(client.answer(3).type()).isEqualTo(Frames.RST_STREAM);
        }
        assertThat(target.upstream.received())
                .contains("\r\n0\r\nx-sum: 42\r\n\r\n")
                .doesNotContain("evil", "hidden");
    }

    @Test
    void crumbsOfACookieAreJoinedAndCounted() throws Exception {
        try (H2Client client = target.connect2()) {
            client.send(Frames.headers(1, true, request("GET", "/crumbs", "cookie", "a=1", "x", "y", "cookie", "b=2")));
            assertThat(client.answer(1).fields()).startsWith(":status=200");
            String[] crumbs = Collections.nCopies(202, "c").toArray(String[]::new);
            for (int i = 0; i < crumbs.length; i += 2) {
                crumbs[i] = "cookie";
            }
            client.send(Frames.headers(3, true, request("GET", "/attack", crumbs)));
            assertThat(client.answer(3).fields()).startsWith(":status=431");
        }
        assertThat(target.upstream.received()).contains("cookie: a=1; b=2\r\n").doesNotContain("attack");
    }

    @Test
    void aPortOfProtocolHttpServesHttp2WithPriorKnowledge() throws Exception {
        try (H2Client client = new H2Client(target.gateway.port(80))) {
            client.send(
                    Frames.headers(1, false, request("POST", "/prior", "te", "trailers")), Frames.data(1, "ab", true));
            assertThat(client.answer(1).fields()).startsWith(":status=200");
            client.send(Frames.headers(3, true, request("GET", "/prior2")));
            assertThat(client.answer(3).fields()).startsWith(":status=200");
        }
        assertThat(target.upstream.received()).contains("POST /prior HTTP/1.1\r\n", "GET /prior2 HTTP/1.1\r\n");
    }

    /// What could have become the preface, and does not.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "PRI * HTTP/2.0\r\n\r\nSM\r\n\rx",
                "PRI * HTTP/2.0\r\nHost: shop.example\r\n\r\n",
                "PRI /hidden HTTP/2.0\r\n\r\nSM\r\n\r\n",
                "PRI * HTTP/1.1\r\nHost: shop.example\r\n\r\n",
                "\r\nPRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
            })
    void anythingElseIsHttp1(String bytes) throws Exception {
        assertThat(RawClient.exchange(target.gateway.port(80), bytes)).matches("(?s)HTTP/1.1 (400|505) .*");
        assertThat(target.upstream.received()).doesNotContain("PRI ", "hidden");
    }

    /// A request that begins like the preface, byte by byte.
    @Test
    void aRequestMayBeginLikeThePreface() throws Exception {
        try (RawClient client = target.connect()) {
            String request = "PRIVATE /dribble HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n";
            for (byte b : request.getBytes(java.nio.charset.StandardCharsets.US_ASCII)) {
                client.send(new byte[] {b});
            }
            assertThat(client.readToEnd()).startsWith("HTTP/1.1 200 OK\r\n");
        }
    }

    @Test
    void anHttp1PortDoesNotSwitchToHttp2ByUpgrade() throws Exception {
        String response = target.exchange(
                "GET /upgrade HTTP/1.1\r\nHost: shop.example\r\n"
                        + "Connection: Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n");
        assertThat(response).startsWith("HTTP/1.1 200 OK\r\n").endsWith("ok");
        await().untilAsserted(() -> assertThat(target.upstream.received()).contains("GET /upgrade "));
        assertThat(target.upstream.received()).doesNotContain("h2c", "http2-settings");
    }

    @Test
    void noRequestHoldsASlotAfterAll() throws Exception {
        target.slotsAreFree();
        target.isServing();
    }
}
