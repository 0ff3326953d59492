package io.sallyport.e2e;

import static io.sallyport.testing.TestGateway.MESH_PORT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.egress.EgressMode;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// An endpoint that says all it has to say, and closes, has its system answer a client's late bytes with a reset. The
/// client still gets everything that the gateway has received by then, however slowly it reads.
@Timeout(60)
class LateBytesTest {
    private static final int ALL = 200_000;
    /// What the client has not read when it sends more: so little that it is on its way already.
    private static final int UNREAD = 16 * 1024;

    private enum Way {
        TCP(""),
        CONNECT("CONNECT db.example.com:5432 HTTP/1.1\r\nHost: db.example.com:5432\r\n\r\n"),
        WEB_SOCKET("GET / HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");

        private final String begin;

        Way(String begin) {
            this.begin = begin;
        }

        int port(TestGateway gateway) {
            return switch (this) {
                case TCP -> gateway.port(9000);
                case CONNECT -> gateway.port(MESH_PORT);
                case WEB_SOCKET -> gateway.port(80);
            };
        }
    }

    private static TestGateway gateway(Way way, int upstreamPort) {
        String webSocket = Yaml.httpGateway("*")
                + Yaml.service("ws.internal", upstreamPort)
                + Yaml.forwardAll("a.example", "ws.internal");
        return TestGateway.builder()
                .mesh(EgressMode.REGISTRY_ONLY)
                .start(way == Way.WEB_SOCKET ? webSocket : Yaml.relay("db.example.com", 5432, upstreamPort));
    }

    private static void serve(Way way, RawUpstream.Connection connection) throws IOException {
        if (way == Way.WEB_SOCKET) {
            connection.readHead();
            connection.write("HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
                    + "sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
        }
        connection.readBytes(3);
        connection.write(new byte[ALL]);
    }

    @ParameterizedTest
    @EnumSource
    void aSlowReaderGetsAll(Way way) throws Exception {
        try (RawUpstream upstream = RawUpstream.start(connection -> serve(way, connection));
                TestGateway gateway = gateway(way, upstream.port());
                Socket client = new Socket()) {
            client.setReceiveBufferSize(16 * 1024);
            client.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), way.port(gateway)));
            write(client, way.begin);
            if (!way.begin.isEmpty()) {
                readHead(client);
            }
            write(client, "one");
            await().until(() -> upstream.connectionCount() == 1 && upstream.openConnections() == 0);
            client.getInputStream().skipNBytes(ALL - UNREAD);
            // The first is answered with a reset, the second meets it.
            await().during(Duration.ofMillis(500)).until(() -> {
                write(client, "late");
                return gateway.facts().isEmpty();
            });
            client.shutdownOutput();
            assertThat(client.getInputStream().readAllBytes()).hasSize(UNREAD);
            gateway.firstFacts();
        }
    }

    private static void write(Socket client, String text) throws IOException {
        client.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static void readHead(Socket client) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            head.append((char) client.getInputStream().read());
        }
    }
}
