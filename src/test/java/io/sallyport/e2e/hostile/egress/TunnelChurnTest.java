package io.sallyport.e2e.hostile.egress;

import static io.sallyport.testing.TestGateway.MESH_PORT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.PooledByteBufAllocator;
import io.sallyport.cluster.Cluster;
import io.sallyport.e2e.hostile.H2Client;
import io.sallyport.e2e.hostile.LogWatch;
import io.sallyport.egress.EgressMode;
import io.sallyport.http.h2.Frames;
import io.sallyport.testing.ClosedPort;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestGateway;
import io.sallyport.upstream.PoolUsage;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Tunnels that end in every way, by the thousand: nothing of them is left.
class TunnelChurnTest {
    private static final int TUNNELS = 2_000;
    private static final int CLIENTS = 4;
    private static final int STREAMS = 10;

    @RegisterExtension
    final LogWatch log = new LogWatch();

    private int port;

    private interface Life {
        /// Returns how many tunnels were asked for.
        int run(TunnelChurnTest test) throws IOException;
    }

    private static final List<Life> LIVES = List.of(
            test -> test.leave("api.example.com:5432", "echo", true, false),
            test -> test.leave("api.example.com:5432", "echo", true, true),
            test -> test.leave("api.example.com:5432", "x", false, true),
            test -> test.leave("api.example.com:5432", "Reset", true, false),
            test -> test.leave("api.example.com:5432", "Close", true, false),
            test -> test.leave("api.example.com:443", "not TLS", true, false),
            test -> test.leave("api.example.com:443", "\u0016\u0003\u0001", false, true),
            test -> test.leave("api.example.com:80", "GET / HTTP/1.1\r\nHost: api.example.com\r\n\r\n", true, false),
            test -> test.leave("api.example.com:80", "GET / HTTP/1.1\r\nHost: api.example.com\r\n\r\n", false, true),
            test -> test.leave(
                    "api.example.com:80",
                    "POST / HTTP/1.1\r\nHost: api.example.com\r\n" + "Content-Length: 9\r\n\r\nhalf",
                    false,
                    true),
            test -> test.leave("evil.example:443", "x", false, false),
            test -> test.leave("gone.example.com:5432", "x", false, false),
            TunnelChurnTest::streams);

    private static void serve(RawUpstream.Connection connection) throws IOException {
        for (int b = connection.read(); b >= 0; b = connection.read()) {
            if (b == 'R') {
                connection.reset();
                return;
            }
            if (b == 'C') {
                return;
            }
            connection.write(new byte[] {(byte) b});
        }
    }

    private int leave(String to, String first, boolean read, boolean reset) throws IOException {
        try (RawClient client = new RawClient(port)) {
            client.send("CONNECT " + to + " HTTP/1.1\r\nHost: " + to + "\r\n\r\n");
            if (client.readHead().startsWith("HTTP/1.1 200 ")) {
                try {
                    client.send(first);
                    if (read) {
                        client.socket().getInputStream().read();
                    }
                } catch (IOException ended) {
                    return 1;
                }
            }
            if (reset) {
                client.socket().setSoLinger(true, 0);
            }
        }
        return 1;
    }

    private int streams() throws IOException {
        try (H2Client client = new H2Client(port)) {
            for (int i = 0; i < STREAMS; i++) {
                int stream = 1 + 2 * i;
                client.send(Frames.headers(stream, false, ":method", "CONNECT", ":authority", "api.example.com:5432"));
                client.answer(stream);
                client.send(Frames.data(stream, i % 3 == 0 ? "Reset" : "ping", i % 4 == 1));
                if (i % 2 == 0) {
                    client.send(Frames.reset(stream, 8));
                }
            }
        }
        return STREAMS;
    }

    @Test
    void thousandsOfThemLeaveNothingInUse() throws Exception {
        int closed = ClosedPort.number();
        try (RawUpstream upstream = RawUpstream.start("127.0.0.2", 0, TunnelChurnTest::serve);
                TestGateway gateway = TestGateway.builder()
                        .eventLoops(2)
                        .mesh(EgressMode.REGISTRY_ONLY)
                        .start(Fortress.listed("api.example.com", upstream.port())
                                + Fortress.listed("gone.example.com", closed))) {
            port = gateway.port(MESH_PORT);
            int all = live();
            await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
                assertThat(gateway.facts().stream().filter(facts -> facts.method.equals("CONNECT")))
                        .hasSize(all);
                assertThat(gateway.usage()).allMatch(PoolUsage::isQuiet);
                int idle = gateway.usage().stream().mapToInt(PoolUsage::idle).sum();
                assertThat(upstream.openConnections()).isEqualTo(idle);
                for (Cluster cluster : gateway.dataPlane().current().clusters().clusters()) {
                    assertThat(cluster.status().requestsActive())
                            .as(cluster.spec().name())
                            .isZero();
                }
                assertThat(gateway.dataPlane().listeners().status())
                        .allMatch(status -> status.activeConnections() == 0);
            });
            assertThat(leave("api.example.com:5432", "echo", true, false)).isEqualTo(1);
        }
        // Whatever is still held by the buffers' caches, it is not a share for each.
        assertThat(PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory()).isLessThan(256L << 20);
    }

    private int live() throws Exception {
        int all = 0;
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Integer>> done = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                int from = i;
                done.add(clients.submit(() -> {
                    int count = 0;
                    for (int way = from; count < TUNNELS / CLIENTS; way++) {
                        count += LIVES.get(way % LIVES.size()).run(this);
                    }
                    return count;
                }));
            }
            for (Future<Integer> each : done) {
                all += each.get();
            }
        }
        return all;
    }
}
