package io.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.testing.Issued;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.TlsClients;
import io.sallyport.testing.WebSocketRecorder;
import io.sallyport.testing.WebSocketUpstream;
import io.sallyport.testing.WebSocketUpstream.Frame;
import io.sallyport.testing.Yaml;
import io.sallyport.upstream.PoolUsage;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// WebSockets through the gateway (RFC 6455), with the JDK's client where it can say what the test needs.
class WebSocketTest {
    private static final String KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    private static final String VERSION = "Sec-WebSocket-Version: 13\r\n";
    private static final String HANDSHAKE =
            "GET /chat HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive, Upgrade\r\n" + "Upgrade: websocket\r\n"
                    + KEY + VERSION + "\r\n";

    private final TestCertificates authority = TestCertificates.authority("test root");
    private final Issued certificate = authority.leaf("edge").dns("localhost").issue();

    private TestGateway gateway(int upstreamPort) {
        return TestGateway.builder()
                .secret("edge", certificate)
                .start(TlsForwardingTest.gateway("""
                          - port: {number: 80, name: http, protocol: HTTP}
                            hosts: ["*"]
                        """ + TlsForwardingTest.tlsServer("*", "edge", 443))
                        + Yaml.service("up.internal", upstreamPort)
                        + Yaml.forwardAll("*", "up.internal"));
    }

    private WebSocket open(TestGateway gateway, String scheme, WebSocket.Listener listener, HttpClient client) {
        int port = gateway.port(scheme.equals("wss") ? 443 : 80);
        return client.newWebSocketBuilder()
                .buildAsync(URI.create(scheme + "://localhost:" + port + "/chat?room=1"), listener)
                .join();
    }

    private HttpClient client() {
        return HttpClient.newBuilder()
                .sslContext(TlsClients.of(null, authority))
                .build();
    }

    private static void awaitNothingInUse(TestGateway gateway) {
        await().untilAsserted(() -> assertThat(gateway.usage()).allMatch(PoolUsage::isQuiet));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ws", "wss"})
    void messagesPassBothWaysAndTheClosingHandshakeEndsBothConnections(String scheme) throws Exception {
        byte[] large = new byte[3 << 20];
        new Random(1).nextBytes(large);
        try (WebSocketUpstream upstream = WebSocketUpstream.echo();
                TestGateway gateway = gateway(upstream.port());
                HttpClient client = client()) {
            WebSocketRecorder received = new WebSocketRecorder();
            WebSocket socket = open(gateway, scheme, received, client);

            socket.sendText("hello", true).join();
            assertThat(received.message()).isEqualTo("hello");
            socket.sendText("in ", false).join();
            socket.sendText("parts", true).join();
            assertThat(received.message()).isEqualTo("in parts");
            socket.sendBinary(ByteBuffer.wrap(large), true).join();
            assertThat(received.message()).isEqualTo(large);
            socket.sendClose(4001, "done").join();

            assertThat(received.closeStatus()).isEqualTo(4001);
            await().until(() -> upstream.openConnections() == 0);
            awaitNothingInUse(gateway);
            await().untilAsserted(
                            () -> assertThat(gateway.facts()).singleElement().satisfies(facts -> {
                                assertThat(facts.status).isEqualTo(101);
                                assertThat(facts.bytesReceived).isGreaterThan(large.length);
                                assertThat(facts.bytesSent).isGreaterThan(large.length);
                            }));
        }
    }

    @Test
    void theUpstreamMaySpeakAndCloseFirst() throws Exception {
        try (WebSocketUpstream upstream = WebSocketUpstream.start(connection -> {
                    connection.writeFrame(new Frame(true, WebSocketUpstream.TEXT, "welcome".getBytes()));
                    connection.writeFrame(new Frame(true, WebSocketUpstream.CLOSE, new byte[] {0x03, (byte) 0xe9}));
                    assertThat(connection.readFrame().opcode()).isEqualTo(WebSocketUpstream.CLOSE);
                });
                TestGateway gateway = gateway(upstream.port());
                HttpClient client = client()) {
            WebSocketRecorder received = new WebSocketRecorder();
            open(gateway, "ws", received, client);

            assertThat(received.message()).isEqualTo("welcome");
            assertThat(received.closeStatus()).isEqualTo(1001);
            awaitNothingInUse(gateway);
        }
    }

    @Test
    void aClientThatVanishesEndsTheUpstreamsConnection() throws Exception {
        BlockingQueue<String> ends = new LinkedBlockingQueue<>();
        try (WebSocketUpstream upstream = WebSocketUpstream.start(connection -> {
                    int read = connection.read(new byte[1]);
                    ends.add(read < 0 ? "end" : "bytes");
                });
                TestGateway gateway = gateway(upstream.port());
                RawClient client = new RawClient(gateway.port(80))) {
            assertThat(client.send(HANDSHAKE).readHead()).startsWith("HTTP/1.1 101 Switching Protocols\r\n");
            client.close();

            assertThat(ends.poll(10, TimeUnit.SECONDS)).isEqualTo("end");
            await().until(() -> upstream.openConnections() == 0);
            awaitNothingInUse(gateway);
        }
    }

    /// The client's system answers what still arrives behind its FIN with a reset, of which nothing is to be read.
    @Test
    void aClientThatVanishesLeavesNoConnectionToASilentUpstream() throws Exception {
        Semaphore gone = new Semaphore(0);
        Semaphore end = new Semaphore(0);
        try (WebSocketUpstream upstream = WebSocketUpstream.start(connection -> {
                    gone.acquireUninterruptibly();
                    connection.writeFrame(new Frame(true, WebSocketUpstream.TEXT, "anybody?".getBytes()));
                    end.acquireUninterruptibly();
                });
                TestGateway gateway = gateway(upstream.port())) {
            try (RawClient client = new RawClient(gateway.port(80))) {
                assertThat(client.send(HANDSHAKE).readHead()).startsWith("HTTP/1.1 101 Switching Protocols\r\n");
            }
            gone.release();
            await().atMost(Duration.ofSeconds(20)).until(() -> !gateway.facts().isEmpty());
            end.release();
        }
    }

    @Test
    void aRefusedUpgradeLeavesAnHttpConnection() throws Exception {
        try (RawUpstream upstream = RawUpstream.answering("HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\n\r\nno");
                TestGateway gateway = gateway(upstream.port());
                RawClient client = new RawClient(gateway.port(80))) {
            assertThat(client.send(HANDSHAKE).readResponse())
                    .startsWith("HTTP/1.1 403 Forbidden\r\n")
                    .endsWith("\r\n\r\nno");
            assertThat(client.send("POST /next HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\nok")
                            .readResponse())
                    .startsWith("HTTP/1.1 403 ");
            assertThat(client.send(HANDSHAKE).readResponse()).startsWith("HTTP/1.1 403 ");

            assertThat(upstream.connectionCount()).isEqualTo(1);
            assertThat(upstream.received()).contains("POST /next HTTP/1.1\r\n").contains("\r\n\r\nok");
            awaitNothingInUse(gateway);
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            version 12       | GET  | websocket  | Sec-WebSocket-Version: 12  | Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
            no version       | GET  | websocket  | X-None: 1                  | Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
            short key        | GET  | websocket  | Sec-WebSocket-Version: 13  | Sec-WebSocket-Key: dGhl
            key no base64    | GET  | websocket  | Sec-WebSocket-Version: 13  | Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25j*Q==
            no key           | GET  | websocket  | Sec-WebSocket-Version: 13  | X-None: 1
            by POST          | POST | websocket  | Sec-WebSocket-Version: 13  | Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
            not a token      | GET  | web socket | Sec-WebSocket-Version: 13  | Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
            """)
    void aWrongHandshakeIsABadRequest(String name, String method, String token, String version, String key)
            throws Exception {
        try (RawUpstream upstream = RawUpstream.ok("never");
                TestGateway gateway = gateway(upstream.port());
                RawClient client = new RawClient(gateway.port(80))) {
            String response = client.send(method + " / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: "
                            + token + "\r\n" + version + "\r\n" + key + "\r\n\r\n")
                    .readResponse();

            assertThat(response).as(name).startsWith("HTTP/1.1 400 Bad Request\r\n");
            assertThat(upstream.received()).isEmpty();
        }
    }

    @Test
    void anUpgradeThatConnectionDoesNotNameIsNone() throws Exception {
        try (RawUpstream upstream = RawUpstream.ok("plain");
                TestGateway gateway = gateway(upstream.port());
                RawClient client = new RawClient(gateway.port(80))) {
            assertThat(client.send("GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n" + KEY + VERSION
                                    + "\r\n")
                            .readResponse())
                    .startsWith("HTTP/1.1 200 OK\r\n");
            assertThat(upstream.received()).doesNotContainIgnoringCase("upgrade:");
        }
    }
}
