package io.sallyport.e2e.hostile.egress;

import static io.sallyport.testing.TestGateway.MESH_PORT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocatorMetric;
import io.sallyport.e2e.hostile.H2Client;
import io.sallyport.e2e.hostile.LogWatch;
import io.sallyport.egress.EgressMode;
import io.sallyport.http.h2.Frames;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestGateway;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Tunnels whose one side sends what the other does not read: the sender is made to wait, and memory does not grow.
class SlowTunnelTest {
    private static final int TUNNELS = 200;
    private static final int CHUNK = 64 * 1024;
    private static final long EACH = 10L << 20;
    /// What the kernel's buffers may take of one connection, two sockets on each side: they grow with the time that the
    /// gateway has to read. Not all that is sent.
    private static final long MOST_EACH = EACH - (EACH >> 5);
    private static final long MOST_MEMORY = 96L << 20;

    @RegisterExtension
    final LogWatch log = new LogWatch();

    private final CountDownLatch over = new CountDownLatch(1);
    private final AtomicLong written = new AtomicLong();

    @AfterEach
    void release() {
        over.countDown();
    }

    private static String connect(String authority) {
        return "CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority + "\r\n\r\n";
    }

    private static TestGateway gateway(int port) {
        return TestGateway.builder().mesh(EgressMode.REGISTRY_ONLY).start(Fortress.listed("api.example.com", port));
    }

    private static long memory() {
        PooledByteBufAllocatorMetric metric = PooledByteBufAllocator.DEFAULT.metric();
        return metric.usedDirectMemory() + metric.usedHeapMemory();
    }

    private void send(IOAction write) {
        byte[] chunk = new byte[CHUNK];
        try {
            for (long sent = 0; sent < EACH; sent += CHUNK) {
                write.run(chunk);
                written.addAndGet(CHUNK);
            }
        } catch (IOException closed) {
            return;
        }
    }

    private interface IOAction {
        void run(byte[] bytes) throws IOException;
    }

    /// Until nothing more is taken for a while.
    private void awaitStandstill() {
        AtomicLong before = new AtomicLong(-1);
        await().atMost(java.time.Duration.ofSeconds(40))
                .pollInterval(java.time.Duration.ofMillis(700))
                .until(() -> before.getAndSet(written.get()) == written.get());
    }

    private void isBounded(long memoryBefore, int senders) {
        awaitStandstill();
        assertThat(written.get()).isLessThan(senders * MOST_EACH);
        assertThat(memory() - memoryBefore).isLessThan(MOST_MEMORY);
    }

    private RawUpstream flooding() {
        return RawUpstream.start("127.0.0.2", 0, connection -> {
            connection.read();
            send(connection::write);
        });
    }

    private RawUpstream deaf() {
        return RawUpstream.start("127.0.0.2", 0, connection -> {
            try {
                over.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    @Test
    void clientsThatDoNotRead() throws Exception {
        long before = memory();
        List<RawClient> clients = new ArrayList<>();
        try (RawUpstream upstream = flooding();
                TestGateway gateway = gateway(upstream.port())) {
            for (int i = 0; i < TUNNELS; i++) {
                RawClient client = new RawClient(gateway.port(MESH_PORT));
                clients.add(client);
                client.socket().setReceiveBufferSize(4096);
                client.send(connect("api.example.com:5432"));
                assertThat(client.readHead()).startsWith("HTTP/1.1 200 ");
                client.send("x");
            }
            isBounded(before, TUNNELS);
            for (RawClient client : clients) {
                client.close();
            }
            await().untilAsserted(() -> assertThat(gateway.facts()).hasSize(TUNNELS));
        }
    }

    @Test
    void endpointsThatDoNotRead() throws Exception {
        long before = memory();
        List<RawClient> clients = new ArrayList<>();
        try (RawUpstream upstream = deaf();
                TestGateway gateway = gateway(upstream.port())) {
            for (int i = 0; i < TUNNELS; i++) {
                RawClient client = new RawClient(gateway.port(MESH_PORT));
                clients.add(client);
                client.send(connect("api.example.com:5432"));
                assertThat(client.readHead()).startsWith("HTTP/1.1 200 ");
                Thread.ofVirtual().start(() -> send(client::send));
            }
            isBounded(before, TUNNELS);
            for (RawClient client : clients) {
                client.close();
            }
            // The clients' end waits behind what was not read; that of the endpoints is seen at once.
            over.countDown();
            await().untilAsserted(() -> assertThat(gateway.facts()).hasSize(TUNNELS));
        }
    }

    @Test
    void anHttp2ClientThatOpensNoWindow() throws Exception {
        long before = memory();
        try (RawUpstream upstream = flooding();
                TestGateway gateway = gateway(upstream.port());
                H2Client client = new H2Client(gateway.port(MESH_PORT))) {
            for (int i = 0; i < 50; i++) {
                int stream = 1 + 2 * i;
                client.send(Frames.headers(stream, false, ":method", "CONNECT", ":authority", "api.example.com:5432"));
                client.send(Frames.data(stream, "x", false));
            }
            isBounded(before, 50);
            // Streams end alone.
            client.send(Frames.reset(1, 8));
            await().untilAsserted(() -> assertThat(gateway.facts()).hasSize(1));
        }
    }

    /// The tunnel ends within the gateway, as plain HTTP.
    @Test
    void clientsThatDoNotReadResponsesInATunnel() throws Exception {
        long before = memory();
        List<RawClient> clients = new ArrayList<>();
        try (RawUpstream upstream = RawUpstream.start("127.0.0.2", 0, connection -> {
                    connection.readHead();
                    connection.write("HTTP/1.1 200 OK\r\ncontent-length: " + EACH + "\r\n\r\n");
                    send(connection::write);
                });
                TestGateway gateway = gateway(upstream.port())) {
            for (int i = 0; i < TUNNELS; i++) {
                RawClient client = new RawClient(gateway.port(MESH_PORT));
                clients.add(client);
                client.socket().setReceiveBufferSize(4096);
                client.send(connect("api.example.com:80"));
                assertThat(client.readHead()).startsWith("HTTP/1.1 200 ");
                client.send("GET / HTTP/1.1\r\nHost: api.example.com\r\n\r\n");
            }
            isBounded(before, TUNNELS);
            for (RawClient client : clients) {
                client.close();
            }
            await().untilAsserted(() -> assertThat(gateway.facts()).hasSize(2 * TUNNELS));
        }
    }

    @Test
    void endpointsThatDoNotReadRequestsOfATunnel() throws Exception {
        long before = memory();
        List<RawClient> clients = new ArrayList<>();
        try (RawUpstream upstream = deaf();
                TestGateway gateway = gateway(upstream.port())) {
            for (int i = 0; i < TUNNELS; i++) {
                RawClient client = new RawClient(gateway.port(MESH_PORT));
                clients.add(client);
                client.send(connect("api.example.com:80"));
                assertThat(client.readHead()).startsWith("HTTP/1.1 200 ");
                client.send("POST / HTTP/1.1\r\nHost: api.example.com\r\nContent-Length: " + EACH + "\r\n\r\n");
                Thread.ofVirtual().start(() -> send(client::send));
            }
            isBounded(before, TUNNELS);
            for (RawClient client : clients) {
                client.close();
            }
            // The clients' end waits behind what was not read; that of the endpoints is seen at once.
            over.countDown();
            await().untilAsserted(() -> assertThat(gateway.facts()).hasSize(2 * TUNNELS));
        }
    }
}
