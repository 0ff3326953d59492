package io.sallyport.e2e.egress;

import static io.sallyport.testing.TestGateway.MESH_PORT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.egress.EgressMode;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.TestGateway;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// How much a tunnel takes at a time, and that nothing is lost where one side waits for the other.
class TunnelFlowTest {
    /// More than the kernel's buffers of four sockets hold.
    private static final int OFFERED = 64 << 20;

    private static final int PIECE = 1 << 16;

    private ServerSocket endpoint;
    private TestGateway gateway;
    private RawClient client;
    private Socket server;

    @BeforeEach
    void openTunnel() throws IOException {
        endpoint = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        gateway = TestGateway.builder()
                .mesh(EgressMode.REGISTRY_ONLY)
                .start(Listed.host("db.example.com", 5432, "TCP", endpoint.getLocalPort()));
        client = new RawClient(gateway.port(MESH_PORT))
                .send("CONNECT db.example.com:5432 HTTP/1.1\r\nHost: db.example.com:5432\r\n\r\n");
        assertThat(client.readHead()).startsWith("HTTP/1.1 200 ");
        server = endpoint.accept();
    }

    @AfterEach
    void close() throws IOException {
        client.close();
        server.close();
        endpoint.close();
        gateway.close();
    }

    @Test
    void aClientThatReadsLateGetsItAllAndHoldsTheEndpointBackUntilThen() throws Exception {
        heldBackThenWhole(server, client.socket());
    }

    @Test
    void anEndpointThatReadsLateGetsItAllAndHoldsTheClientBackUntilThen() throws Exception {
        heldBackThenWhole(client.socket(), server);
    }

    @Test
    void anEndpointMayAnswerAtLengthAfterTheClientHasEnded() throws Exception {
        client.send("all of it").endOutput();
        assertThat(server.getInputStream().readAllBytes()).hasSize(9);
        heldBackThenWhole(server, client.socket());
        await().untilAsserted(() -> assertThat(gateway.facts()).hasSize(1));
        assertThat(gateway.firstFacts().details).isEqualTo("tunnel_completed");
        assertThat(gateway.firstFacts().bytesSent).isEqualTo(OFFERED);
    }

    @Test
    void aClientMaySendAtLengthAfterTheEndpointHasEnded() throws Exception {
        server.shutdownOutput();
        assertThat(client.socket().getInputStream().read()).isEqualTo(-1);
        heldBackThenWhole(client.socket(), server);
        await().untilAsserted(() -> assertThat(gateway.facts()).hasSize(1));
        assertThat(gateway.firstFacts().details).isEqualTo("tunnel_completed");
        assertThat(gateway.firstFacts().bytesReceived).isEqualTo(OFFERED);
    }

    private static void heldBackThenWhole(Socket from, Socket to) throws IOException {
        // A kernel may give the gateway's two sockets some 40 MB (net.ipv4.tcp_rmem and tcp_wmem), and these here no
        // more.
        to.setReceiveBufferSize(256 * 1024);
        AtomicLong written = new AtomicLong();
        Thread.startVirtualThread(() -> offer(from, written));
        AtomicLong before = new AtomicLong(-1);
        await().pollInterval(Duration.ofMillis(200))
                .until(() -> written.get() > 0 && before.getAndSet(written.get()) == written.get());
        assertThat(written.get()).isLessThan(48 << 20);
        CRC32 arrived = new CRC32();
        try (InputStream in = new CheckedInputStream(to.getInputStream(), arrived)) {
            assertThat(in.transferTo(OutputStream.nullOutputStream())).isEqualTo(OFFERED);
        }
        CRC32 offered = new CRC32();
        Random bytes = new Random(OFFERED);
        for (int i = 0; i < OFFERED / PIECE; i++) {
            offered.update(piece(bytes));
        }
        assertThat(arrived.getValue()).isEqualTo(offered.getValue());
    }

    private static void offer(Socket to, AtomicLong written) {
        Random bytes = new Random(OFFERED);
        try {
            for (int i = 0; i < OFFERED / PIECE; i++) {
                to.getOutputStream().write(piece(bytes));
                written.addAndGet(PIECE);
            }
            to.shutdownOutput();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] piece(Random bytes) {
        byte[] piece = new byte[PIECE];
        bytes.nextBytes(piece);
        return piece;
    }
}
