package io.sallyport.e2e.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// WebSocket handshakes (RFC 6455, 4), good and bad, and what may be smuggled behind them.
@ExtendWith(LogWatch.class)
class UpgradeTest {
    private static final String KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    private static final String VERSION = "Sec-WebSocket-Version: 13\r\n";
    private static final String SWITCHED = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
            + "Connection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

    private static String handshake(String method, String fields) {
        return method + " /attack HTTP/1.1\r\nHost: shop.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                + fields + "\r\n";
    }

    static Stream<Arguments> bad() {
        return Stream.of(
                Arguments.of("no version", handshake("GET", KEY)),
                Arguments.of("another version", handshake("GET", KEY + "Sec-WebSocket-Version: 8\r\n")),
                Arguments.of("no key", handshake("GET", VERSION)),
                Arguments.of("a short key", handshake("GET", VERSION + "Sec-WebSocket-Key: eA==\r\n")),
                Arguments.of("two keys", handshake("GET", VERSION + KEY + KEY)),
                Arguments.of("another method", handshake("POST", VERSION + KEY)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("bad")
    void aBadHandshakeIs400AndNothingIsForwarded(String what, String request) throws Exception {
        try (Target target = Target.start()) {
            try (RawClient client = target.connect()) {
                assertThat(client.send(request).readResponse()).as(what).startsWith("HTTP/1.1 400 ");
            }
            assertThat(target.upstream.connectionCount()).isZero();
        }
    }

    @Test
    void anotherProtocolIsNotAskedFor() throws Exception {
        RawUpstream upstream = RawUpstream.ok("plain");
        try (Target target = Target.start(upstream);
                RawClient client = target.connect()) {
            String response = client.send(handshake("GET", "").replace("websocket", "other"))
                    .readResponse();

            assertThat(response).startsWith("HTTP/1.1 200 ").endsWith("plain");
            assertThat(upstream.received().toLowerCase(java.util.Locale.ROOT)).doesNotContain("upgrade");
        }
    }

    @Test
    void aMalformedRequestThatClaimsToBeGrpcIsStill400() throws Exception {
        try (Target target = Target.start();
                RawClient client = target.connect()) {
            String request = "POST /attack HTTP/1.1\r\nHost: shop.example\r\nContent-Type: application/grpc\r\n"
                    + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n";

            assertThat(client.send(request).readResponse()).startsWith("HTTP/1.1 400 ");
        }
    }

    @Test
    void bytesGoBothWaysAndEachSideEndsForItself() throws Exception {
        RawUpstream echo = RawUpstream.start(connection -> {
            connection.readHead();
            connection.write(SWITCHED + "greeting");
            for (int b = connection.read(); b >= 0; b = connection.read()) {
                connection.write(new byte[] {(byte) b});
            }
            connection.write("bye");
        });
        try (Target target = Target.start(echo);
                RawClient client = target.connect()) {
            client.send(handshake("GET", VERSION + KEY) + "early");
            assertThat(client.readHead()).startsWith("HTTP/1.1 101 ");
            assertThat(client.readBytes(13)).isEqualTo("greetingearly");
            client.endOutput();
            assertThat(client.readToEnd()).isEqualTo("bye");
            target.slotsAreFree();
        }
    }

    /// The upstream stays with HTTP, so the gateway must, too.
    @Test
    void behindARefusedUpgradeRequestsAreStillRequests() throws Exception {
        try (Target target = Target.start();
                RawClient client = target.connect()) {
            client.send(handshake("GET", VERSION + KEY) + "GET /next HTTP/1.1\r\nHost: nobody.example\r\n\r\n"
                    + "GET /third HTTP/1.1\r\nHost: shop.example\r\nX-Forwarded-For: 6.6.6.6\r\n\r\n");
            assertThat(client.readResponse()).startsWith("HTTP/1.1 200 OK\r\n");
            assertThat(client.readResponse()).startsWith("HTTP/1.1 404 ");
            assertThat(client.readResponse()).startsWith("HTTP/1.1 200 OK\r\n");
            assertThat(target.upstream.received())
                    .contains("GET /third HTTP/1.1\r\n")
                    .doesNotContain("/next", "6.6.6.6");
        }
    }

    @Test
    void aSwitchToAnotherProtocolThanAskedForIs502() throws Exception {
        RawUpstream upstream = RawUpstream.start(connection -> {
            connection.readHead();
            connection.write(SWITCHED.replace("Upgrade: websocket", "Upgrade: other"));
            connection.read();
        });
        try (Target target = Target.start(upstream);
                RawClient client = target.connect()) {
            client.send(handshake("GET", VERSION + KEY));
            assertThat(client.readHead()).startsWith("HTTP/1.1 502 ");
            target.slotsAreFree();
        }
    }

    /// 64 MiB of frames for a client that reads nothing: the upstream is held up, not the gateway's memory.
    @Test
    void aClientThatDoesNotReadHoldsItsUpstreamUp() throws Exception {
        long[] written = new long[1];
        RawUpstream flood = RawUpstream.start(connection -> {
            connection.readHead();
            connection.write(SWITCHED);
            byte[] part = new byte[1 << 20];
            while (written[0] < 256L << 20) {
                connection.write(part);
                written[0] += part.length;
            }
        });
        try (Target target = Target.start(flood);
                RawClient client = target.connect()) {
            client.send(handshake("GET", VERSION + KEY));
            assertThat(client.readHead()).startsWith("HTTP/1.1 101 ");
            await().during(java.time.Duration.ofSeconds(1))
                    .atMost(java.time.Duration.ofSeconds(20))
                    .until(() -> written[0], bytes -> bytes == written[0]);
            assertThat(written[0])
                    .as("bytes that fit into the kernel's buffers")
                    .isLessThan(64 << 20);
        }
    }
}
