package io.sallyport.e2e.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.PooledByteBufAllocator;
import io.sallyport.http.HttpLimits;
import io.sallyport.http.h2.Frames;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Clients that ask for endless bodies and read nothing of them.
@ExtendWith(LogWatch.class)
class SlowReaderTest {
    private static final String GET = "GET /endless HTTP/1.1\r\nHost: shop.example\r\n\r\n";
    private final AtomicLong written = new AtomicLong();

    private RawUpstream endless(String framing) {
        return RawUpstream.start(connection -> {
            connection.readHead();
            connection.write("HTTP/1.1 200 OK\r\n" + framing + "\r\n");
            byte[] part = ("10000\r\n" + "x".repeat(0x10000) + "\r\n").getBytes();
            while (true) {
                connection.write(part);
                written.addAndGet(part.length);
            }
        });
    }

    private void standsStill() {
        await().during(Duration.ofSeconds(1))
                .atMost(Duration.ofSeconds(20))
                .until(written::get, bytes -> bytes == written.get());
    }

    private static long memory() {
        return PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory()
                + PooledByteBufAllocator.DEFAULT.metric().usedHeapMemory();
    }

    @Test
    void aHundredOfThemHoldTheUpstreamsUpAndNotTheMemory() throws Exception {
        try (Target target = Target.start(endless("transfer-encoding: chunked\r\n"))) {
            long before = memory();
            List<RawClient> clients = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                clients.add(target.connect().send(GET));
            }
            await().until(() -> target.upstream.connectionCount() == 100);
            standsStill();
            assertThat(memory() - before).isLessThan(64L << 20);
            for (RawClient client : clients) {
                client.close();
            }
            target.slotsAreFree();
        }
    }

    @Test
    void oneConnectionWithAHundredStalledStreamsIsBoundedToo() throws Exception {
        try (Target target = Target.start(endless("transfer-encoding: chunked\r\n"))) {
            long before = memory();
            try (H2Client client = new H2Client(target.gateway.port(8080), Frames.settings(4, 1))) {
                for (int stream = 1; stream < 200; stream += 2) {
                    client.send(Frames.headers(stream, true, H2Client.request("GET", "/endless")));
                }
                await().until(() -> target.upstream.connectionCount() == 100);
                standsStill();
                assertThat(memory() - before).isLessThan(64L << 20);
            }
            target.slotsAreFree();
        }
    }

    @Test
    void anHttp2ClientThatGoesAwayWhileItWaitsFreesItsSlots() throws Exception {
        RawUpstream silent = RawUpstream.start(connection -> {
            while (connection.read() >= 0) {
                // Never answers.
            }
        });
        try (Target target = Target.start(silent)) {
            for (int i = 1; i <= 20; i++) {
                int count = i;
                try (H2Client client = target.connect2()) {
                    client.send(Frames.headers(1, true, H2Client.request("GET", "/")));
                    await().until(() -> silent.connectionCount() == count);
                }
            }
            target.slotsAreFree();
            await().until(() -> silent.openConnections() == 0);
        }
    }

    @Test
    void whoReadsNothingForTooLongIsCut() throws Exception {
        HttpLimits all = HttpLimits.DEFAULT;
        HttpLimits impatient = new HttpLimits(
                all.targetBytes(),
                all.headBytes(),
                all.headerFields(),
                all.bodyBytes(),
                all.headTimeout(),
                all.bodyTimeout(),
                all.idleTimeout(),
                Duration.ofSeconds(1),
                all.concurrentStreams(),
                all.streamWindowBytes(),
                all.connectionWindowBytes(),
                all.requestsPerConnection());
        try (Target target =
                        Target.start(endless("transfer-encoding: chunked\r\n"), builder -> builder.limits(impatient));
                RawClient client = target.connect();
                H2Client client2 = target.connect2()) {
            client.send(GET);
            client2.send(Frames.headers(1, true, H2Client.request("GET", "/endless")));
            await().until(() -> target.upstream.connectionCount() == 2);
            await().atMost(Duration.ofSeconds(20)).until(() -> target.upstream.openConnections() == 0);
            target.slotsAreFree();
        }
    }

    /// HTTP/1.0 knows no chunks: the body is streamed until the connection ends, and never gathered.
    @Test
    void anHttp10ClientOfAChunkedUpstreamIsStreamedTo() throws Exception {
        try (Target target = Target.start(endless("transfer-encoding: chunked\r\n"));
                RawClient client = target.connect()) {
            client.send("GET /endless HTTP/1.0\r\nHost: shop.example\r\n\r\n");
            assertThat(client.readHead()).startsWith("HTTP/1.1 200 OK\r\n").doesNotContain("transfer-encoding");
            assertThat(client.readBytes(1 << 20)).containsOnlyOnce("x".repeat(1 << 20));
            long before = memory();
            standsStill();
            assertThat(memory() - before).isLessThan(16L << 20);
        }
    }

    @Test
    void anUpstreamThatDoesNotReadHoldsItsClientUp() throws Exception {
        RawUpstream deaf = RawUpstream.start(connection -> {
            connection.readHead();
            try {
                Thread.sleep(Duration.ofSeconds(20));
            } catch (InterruptedException e) {
                throw new java.io.IOException(e);
            }
        });
        try (Target target = Target.start(deaf);
                RawClient client = target.connect()) {
            long before = memory();
            client.send("POST /endless HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 1000000000\r\n\r\n");
            Thread.ofVirtual().start(() -> {
                try {
                    while (true) {
                        client.send(new byte[1 << 16]);
                        written.addAndGet(1 << 16);
                    }
                } catch (java.io.IOException closed) {
                    // By the test's end.
                }
            });
            await().until(() -> target.upstream.connectionCount() == 1);
            standsStill();
            assertThat(written.get()).isLessThan(64 << 20);
            assertThat(memory() - before).isLessThan(16L << 20);
        }
    }
}
