package io.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.is;

import io.sallyport.testing.Issued;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.TlsPeer;
import io.sallyport.testing.Yaml;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// An endpoint whose TLS breaks: who waits for it is answered at once, and who has got a part sees that it is one.
@Timeout(120)
class BrokenUpstreamTlsTest {
    private static final String GET = "GET / HTTP/1.1\r\nHost: a.example\r\n%s\r\n";
    /// SETTINGS; then, on stream 3, the first that Netty opens, a head of status 200 and some of its body.
    private static final String H2_SETTINGS = "\0\0\0\4\0\0\0\0\0";
    private static final String H2_PART = "\0\0\1\1\4\0\0\0\3\u0088\0\0\5\0\0\0\0\0\3hello";
    private static final String H1_LENGTH = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello";
    private static final String H1_CHUNKED = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n";
    private static final String H1_TO_THE_END = "HTTP/1.1 200 OK\r\n\r\nhello";

    private static final TestCertificates AUTHORITY = TestCertificates.authority("test root");
    private static final Issued SERVER = AUTHORITY.leaf("up").dns("up.internal").issue();

    /// How an endpoint breaks off.
    private enum Breach {
        RECORD {
            @Override
            void commit(TlsPeer peer) throws IOException {
                byte[] record = new byte[5 + 48];
                record[0] = 23;
                record[1] = 3;
                record[2] = 3;
                record[4] = 48;
                peer.sendRaw(record);
            }
        },
        ALERT {
            @Override
            void commit(TlsPeer peer) throws IOException {
                peer.alert(80);
            }
        },
        CLEAR_TEXT {
            @Override
            void commit(TlsPeer peer) throws IOException {
                peer.sendRaw(new byte[] {'H', 'T', 'T', 'P', '/', '1', '.', '1', ' '});
            }
        };

        abstract void commit(TlsPeer peer) throws IOException;
    }

    private interface Script {
        void serve(TlsPeer peer) throws IOException;
    }

    /// Serves each connection by itself, and keeps it open until the gateway closes it.
    private static final class Endpoint implements AutoCloseable {
        private final ServerSocket server = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
        private final AtomicInteger closedByGateway = new AtomicInteger();

        Endpoint(String version, String[] alpn, Script script) throws IOException {
            Thread.ofVirtual().start(() -> {
                while (!server.isClosed()) {
                    try {
                        Socket socket = server.accept();
                        Thread.ofVirtual().start(() -> serve(socket, version, alpn, script));
                    } catch (IOException closed) {
                        return;
                    }
                }
            });
        }

        private void serve(Socket socket, String version, String[] alpn, Script script) {
            try (socket;
                    TlsPeer peer = TlsPeer.server(socket, SERVER, version, alpn)) {
                script.serve(peer);
                peer.awaitClosed();
                closedByGateway.incrementAndGet();
            } catch (IOException gone) {
                assert gone.getMessage() != null;
            }
        }

        @Override
        public void close() throws IOException {
            server.close();
        }
    }

    private static TestGateway gateway(Endpoint endpoint, String protocol) {
        return TestGateway.serving(Yaml.httpGateway("*")
                + Yaml.service("up.internal", protocol, endpoint.server.getLocalPort())
                + """
                apiVersion: networking.istio.io/v1
                kind: DestinationRule
                metadata: {name: up}
                spec:
                  host: up.internal
                  trafficPolicy: {tls: {mode: SIMPLE, insecureSkipVerify: true}}
                ---
                """
                + Yaml.virtualService("a.example", """
                        - route: [{destination: {host: up.internal, port: {number: 80}}}]
                          retries: {attempts: 0}
                        """));
    }

    /// What one breach takes from the moment it is committed until the client has seen it.
    private interface Try {
        Duration run() throws Exception;
    }

    /// The median of five tries is at most 100 ms, and none takes longer than 2 s. A machine that is busy with other
    /// things gets some more rounds; what waits for a timer fails in all of them.
    private static void assertPrompt(Try one) throws Exception {
        List<Duration> tries = List.of();
        for (int round = 0; round < 8; round++) {
            List<Duration> taken = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                taken.add(one.run());
            }
            tries = taken.stream().sorted().toList();
            if (tries.get(2).toMillis() <= 100 && tries.getLast().toMillis() <= 2000) {
                return;
            }
        }
        assertThat(tries.get(2)).as("%s", tries).isLessThanOrEqualTo(Duration.ofMillis(100));
        assertThat(tries.getLast()).as("%s", tries).isLessThanOrEqualTo(Duration.ofSeconds(2));
    }

    /// The script, noting when it has committed the breach.
    private static Script timed(AtomicLong committed, Script before, Breach breach) {
        return peer -> {
            before.serve(peer);
            committed.set(System.nanoTime());
            breach.commit(peer);
        };
    }

    @ParameterizedTest
    @CsvSource({
        "TLSv1.2, false, RECORD", "TLSv1.3, false, RECORD", "TLSv1.3, false, ALERT", "TLSv1.3, false, CLEAR_TEXT",
        "TLSv1.2, true, RECORD", "TLSv1.3, true, RECORD", "TLSv1.3, true, ALERT", "TLSv1.3, true, CLEAR_TEXT"
    })
    void whoWaitsIsAnsweredWithin100Milliseconds(String version, boolean http2, Breach breach) throws Exception {
        AtomicLong committed = new AtomicLong();
        Script request = peer -> {
            if (http2) {
                peer.send(H2_SETTINGS);
                peer.readUntil("\1\5\0\0\0\3");
            } else {
                peer.readUntil("\r\n\r\n");
            }
        };
        try (Endpoint endpoint = new Endpoint(version, alpn(http2), timed(committed, request, breach));
                TestGateway gateway = gateway(endpoint, http2 ? "HTTP2" : "HTTP")) {
            assertPrompt(() -> {
                try (RawClient client = new RawClient(gateway.port(80))) {
                    assertThat(client.send(GET.formatted("")).readResponse()).containsPattern("^HTTP/1.1 50[23] ");
                    return Duration.ofNanos(System.nanoTime() - committed.get());
                }
            });
        }
    }

    @ParameterizedTest
    @CsvSource({"TLSv1.2, RECORD", "TLSv1.3, RECORD", "TLSv1.3, ALERT", "TLSv1.3, CLEAR_TEXT"})
    void aByteStreamIsCutWithin100Milliseconds(String version, Breach breach) throws Exception {
        AtomicLong committed = new AtomicLong();
        try (Endpoint endpoint =
                        new Endpoint(version, new String[0], timed(committed, peer -> peer.readUntil("ping"), breach));
                TestGateway gateway = TestGateway.serving(bytes(endpoint))) {
            assertPrompt(() -> {
                try (RawClient client = new RawClient(gateway.port(9000))) {
                    assertThat(client.send("ping").readToEnd()).isEmpty();
                    return Duration.ofNanos(System.nanoTime() - committed.get());
                }
            });
        }
    }

    private static String bytes(Endpoint endpoint) {
        return Yaml.forwardBytes("up.internal") + """
                        apiVersion: networking.istio.io/v1
                        kind: DestinationRule
                        metadata: {name: up}
                        spec:
                          host: up.internal
                          trafficPolicy: {tls: {mode: SIMPLE, insecureSkipVerify: true}}
                        ---
                        """
                + Yaml.service("up.internal", "TCP", endpoint.server.getLocalPort());
    }

    private static Script script(boolean http2, String before, Breach breach) {
        return script(http2, before, breach, null);
    }

    /// @param seen when the client has got `before`; null for at once
    private static Script script(boolean http2, String before, Breach breach, Semaphore seen) {
        return peer -> {
            if (http2) {
                peer.send(H2_SETTINGS);
                // The request's head: a frame of type 1 that ends headers and stream.
                peer.readUntil("\1\5\0\0\0\3");
            } else {
                peer.readUntil("\r\n\r\n");
            }
            if (!before.isEmpty()) {
                peer.send(before);
            }
            if (seen != null) {
                seen.acquireUninterruptibly();
            }
            breach.commit(peer);
        };
    }

    private static String[] alpn(boolean http2) {
        return new String[] {http2 ? "h2" : "http/1.1"};
    }

    @ParameterizedTest
    @CsvSource({
        "TLSv1.2, false, RECORD", "TLSv1.2, false, ALERT", "TLSv1.2, false, CLEAR_TEXT",
        "TLSv1.3, false, RECORD", "TLSv1.3, false, ALERT", "TLSv1.3, false, CLEAR_TEXT",
        "TLSv1.2, true, RECORD", "TLSv1.2, true, ALERT", "TLSv1.2, true, CLEAR_TEXT",
        "TLSv1.3, true, RECORD", "TLSv1.3, true, ALERT", "TLSv1.3, true, CLEAR_TEXT"
    })
    void whoWaitsIsAnsweredAtOnce(String version, boolean http2, Breach breach) throws Exception {
        try (Endpoint endpoint = new Endpoint(version, alpn(http2), script(http2, "", breach));
                TestGateway gateway = gateway(endpoint, http2 ? "HTTP2" : "HTTP");
                RawClient client = new RawClient(gateway.port(80))) {
            long start = System.nanoTime();
            assertThat(client.send(GET.formatted("")).readResponse()).containsPattern("^HTTP/1.1 50[23] ");
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(8));
            await().untilAtomic(endpoint.closedByGateway, is(1));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "TLSv1.2, false, RECORD", "TLSv1.3, false, RECORD", "TLSv1.3, false, ALERT", "TLSv1.3, false, CLEAR_TEXT",
        "TLSv1.2, true, RECORD", "TLSv1.3, true, RECORD", "TLSv1.3, true, ALERT", "TLSv1.3, true, CLEAR_TEXT"
    })
    void midwayTheResponseIsVisiblyCut(String version, boolean http2, Breach breach) throws Exception {
        for (String part : http2 ? new String[] {H2_PART} : new String[] {H1_LENGTH, H1_CHUNKED, H1_TO_THE_END}) {
            try (Endpoint endpoint = new Endpoint(version, alpn(http2), script(http2, part, breach));
                    TestGateway gateway = gateway(endpoint, http2 ? "HTTP2" : "HTTP");
                    RawClient client = new RawClient(gateway.port(80))) {
                long start = System.nanoTime();
                String response =
                        client.send(GET.formatted("Connection: close\r\n")).readToEnd();
                assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(8));
                assertThat(response).doesNotContain("\r\n0\r\n\r\n");
                boolean unlike200 = !response.startsWith("HTTP/1.1 200 ");
                boolean declaresMore = response.contains("content-length: 10") || response.contains("chunked");
                assertThat(unlike200 || declaresMore).as(response).isTrue();
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"TLSv1.2, RECORD", "TLSv1.3, RECORD", "TLSv1.3, ALERT", "TLSv1.3, CLEAR_TEXT"})
    void anIdleConnectionIsClosed(String version, Breach breach) throws Exception {
        Semaphore seen = new Semaphore(0);
        String whole = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
        try (Endpoint endpoint = new Endpoint(version, alpn(false), script(false, whole, breach, seen));
                TestGateway gateway = gateway(endpoint, "HTTP");
                RawClient client = new RawClient(gateway.port(80))) {
            for (int i = 1; i <= 3; i++) {
                assertThat(client.send(GET.formatted("")).readResponse()).endsWith("ok");
                seen.release();
                int closed = i;
                await().untilAtomic(endpoint.closedByGateway, is(closed));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"TLSv1.2, RECORD", "TLSv1.3, RECORD", "TLSv1.3, ALERT", "TLSv1.3, CLEAR_TEXT"})
    void anUpgradedConnectionIsCutOnBothSides(String version, Breach breach) throws Exception {
        Semaphore seen = new Semaphore(0);
        String switched = "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\nhi";
        try (Endpoint endpoint = new Endpoint(version, alpn(false), script(false, switched, breach, seen));
                TestGateway gateway = gateway(endpoint, "HTTP");
                RawClient client = new RawClient(gateway.port(80))) {
            client.send("GET / HTTP/1.1\r\nHost: a.example\r\nUpgrade: websocket\r\nConnection: upgrade\r\n"
                    + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
            long start = System.nanoTime();
            assertThat(client.readHead()).startsWith("HTTP/1.1 101 ");
            seen.release();
            client.readToEnd();
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(8));
        }
    }

    @ParameterizedTest
    @CsvSource({"TLSv1.2, RECORD", "TLSv1.3, RECORD", "TLSv1.3, ALERT", "TLSv1.3, CLEAR_TEXT"})
    void aByteStreamIsCut(String version, Breach breach) throws Exception {
        try (Endpoint endpoint = new Endpoint(version, new String[0], peer -> {
                    peer.readUntil("ping");
                    peer.send("pong");
                    breach.commit(peer);
                });
                TestGateway gateway = TestGateway.serving(bytes(endpoint));
                RawClient client = new RawClient(gateway.port(9000))) {
            long start = System.nanoTime();
            // What came before the breach may be overtaken by the reset.
            assertThat("pong").startsWith(client.send("ping").readToEnd());
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(8));
        }
    }
}
