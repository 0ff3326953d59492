package io.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.PooledByteBufAllocator;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.WebSocketUpstream;
import io.sallyport.testing.Yaml;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/// One end of a WebSocket writes as fast as it can, the other reads nothing for a while: the gateway makes the writer
/// wait, and loses nothing.
class WebSocketBackPressureTest {
    private static final String HANDSHAKE = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n"
            + "Upgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

    private static final int TOTAL = 64 << 20;
    /// Far less than all, and more than the kernel's buffers of four sockets can take.
    private static final int MOST_ON_THE_WAY = 40 << 20;
    /// The gateway's own share of that.
    private static final int MOST_HELD = 8 << 20;

    private static final byte[] BLOCK = block();

    private static byte[] block() {
        byte[] block = new byte[64 << 10];
        for (int i = 0; i < block.length; i++) {
            block[i] = (byte) (i * 31 + (i >> 8));
        }
        return block;
    }

    private interface Sink {
        void write(byte[] bytes) throws IOException;
    }

    private interface Source {
        int read(byte[] into) throws IOException;
    }

    private static void writeAll(Sink sink, AtomicLong written) throws IOException {
        while (written.get() < TOTAL) {
            sink.write(BLOCK);
            written.addAndGet(BLOCK.length);
        }
    }

    /// Returns how many bytes came, each one checked.
    private static long readAll(Source source) throws IOException {
        byte[] bytes = new byte[64 << 10];
        long total = 0;
        while (total < TOTAL) {
            int count = source.read(bytes);
            if (count < 0) {
                return total;
            }
            for (int i = 0; i < count; i++) {
                if (bytes[i] != BLOCK[(int) ((total + i) % BLOCK.length)]) {
                    throw new IOException("byte " + (total + i) + " is another");
                }
            }
            total += count;
        }
        return total;
    }

    private static TestGateway gateway(WebSocketUpstream upstream) {
        return TestGateway.serving(Yaml.httpGateway("*")
                + Yaml.service("up.internal", upstream.port())
                + Yaml.forwardAll("*", "up.internal"));
    }

    /// Until nothing more was written for a while, which must be long before the end.
    private static void awaitStandstill(AtomicLong written, long heldBefore) {
        AtomicLong last = new AtomicLong(-1);
        await().pollInterval(Duration.ofMillis(400))
                .atMost(Duration.ofSeconds(30))
                .until(() -> last.getAndSet(written.get()) == written.get() && written.get() > 0);
        assertThat(written.get()).isLessThan(MOST_ON_THE_WAY);
        assertThat(PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory() - heldBefore)
                .isLessThan(MOST_HELD);
    }

    @Test
    void anUpstreamThatDoesNotReadMakesTheClientWait() throws Exception {
        CountDownLatch read = new CountDownLatch(1);
        CompletableFuture<Long> total = new CompletableFuture<>();
        AtomicLong written = new AtomicLong();
        try (WebSocketUpstream upstream = WebSocketUpstream.start(connection -> {
                    hold(read);
                    total.complete(readAll(connection::read));
                });
                TestGateway gateway = gateway(upstream);
                RawClient client = new RawClient(gateway.port(80))) {
            assertThat(client.send(HANDSHAKE).readHead()).startsWith("HTTP/1.1 101 ");
            long heldBefore = PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory();
            Future<?> writer = onThread(() -> writeAll(client::send, written));

            awaitStandstill(written, heldBefore);
            read.countDown();

            assertThat(total.get(60, TimeUnit.SECONDS)).isEqualTo(TOTAL);
            writer.get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void aClientThatDoesNotReadMakesTheUpstreamWait() throws Exception {
        AtomicLong written = new AtomicLong();
        try (WebSocketUpstream upstream = WebSocketUpstream.start(connection -> {
                    writeAll(connection::write, written);
                    connection.read(new byte[1]);
                });
                TestGateway gateway = gateway(upstream);
                RawClient client = new RawClient(gateway.port(80))) {
            long heldBefore = PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory();
            assertThat(client.send(HANDSHAKE).readHead()).startsWith("HTTP/1.1 101 ");

            awaitStandstill(written, heldBefore);

            assertThat(readAll(client.socket().getInputStream()::read)).isEqualTo(TOTAL);
        }
    }

    private interface Work {
        void run() throws IOException;
    }

    private static Future<?> onThread(Work work) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                work.run();
                done.complete(null);
            } catch (IOException | RuntimeException e) {
                done.completeExceptionally(e);
            }
        });
        return done;
    }

    private static void hold(CountDownLatch latch) throws IOException {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }
}
