package io.sallyport.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.outcome.Facts;
import io.sallyport.outcome.RequestFacts;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class AccessLogTest {

    @Test
    void linesOfSeveralLoopsAreWrittenWholeAndNoneIsLost() throws InterruptedException {
        var out = new ByteArrayOutputStream();
        AccessLog log = AccessLog.start(AccessLog.Format.TEXT, 1 << 14, out);
        List<Thread> loops = IntStream.range(0, 4)
                .mapToObj(loop -> Thread.ofPlatform().start(() -> {
                    for (int i = 0; i < 5_000; i++) {
                        log.onRequestEnd(request("/" + loop + "/" + i));
                    }
                }))
                .toList();
        for (Thread loop : loops) {
            loop.join();
        }
        log.close();

        List<String> lines = out.toString(StandardCharsets.US_ASCII).lines().toList();
        assertThat(lines).hasSize(20_000).allSatisfy(line -> assertThat(line).endsWith(" canary"));
        for (int loop = 0; loop < 4; loop++) {
            String own = "\"GET /" + loop + "/";
            assertThat(lines.stream().filter(line -> line.contains(own)).map(line -> line.split(" ", 4)[2]))
                    .as("in the order of their ends")
                    .containsExactlyElementsOf(paths(loop));
        }
        assertThat(log.dropped()).isZero();
    }

    @Test
    void aLineIsWrittenSoonThoughNoOtherFollows() {
        var out = new ByteArrayOutputStream();
        try (AccessLog log = AccessLog.start(AccessLog.Format.JSON, 8, out)) {
            for (int i = 1; i <= 3; i++) {
                int lines = i;
                log.onRequestEnd(request("/" + i));
                await().until(() ->
                        out.toString(StandardCharsets.US_ASCII).lines().count() == lines);
            }
        }
    }

    @Test
    void aReaderThatStandsStillCostsLinesButNoTime() throws InterruptedException {
        var reader = new Gate();
        AccessLog log = AccessLog.start(AccessLog.Format.TEXT, 64, reader);
        log.onRequestEnd(request("/first"));
        reader.entered.await();

        for (int i = 0; i < 1_000; i++) {
            log.onRequestEnd(request("/" + i));
        }

        assertThat(log.dropped()).isEqualTo(1_000 - 64);
        reader.open.countDown();
        log.close();
        assertThat(reader.written.toString(StandardCharsets.US_ASCII).lines()).hasSize(1 + 64);
    }

    @Test
    void aReaderThatStandsStillDelaysTheCloseByItsStandstillOnly() throws InterruptedException {
        var reader = new Gate();
        AccessLog log = AccessLog.start(AccessLog.Format.TEXT, 64, reader);
        log.onRequestEnd(request("/first"));
        reader.entered.await();

        long before = System.nanoTime();
        log.close();
        assertThat(System.nanoTime() - before)
                .isBetween(TimeUnit.MILLISECONDS.toNanos(1_900), TimeUnit.MILLISECONDS.toNanos(4_500));
        reader.open.countDown();
    }

    @Test
    void theTextsInWaitingAreBoundedAsWell() throws InterruptedException {
        var reader = new Gate();
        AccessLog log = AccessLog.start(AccessLog.Format.TEXT, 1 << 16, reader);
        log.onRequestEnd(request("/first"));
        reader.entered.await();
        String agent = "x".repeat(60 << 10);

        for (int i = 0; i < 1_000; i++) {
            RequestFacts facts = request("/");
            facts.userAgent = agent;
            log.onRequestEnd(facts);
        }

        assertThat(log.dropped()).isBetween(800L, 900L);
        reader.open.countDown();
        log.close();
    }

    @Test
    void anOutputThatFailsAndRecoversLosesOnlyWhatCouldNotBeWritten() {
        var full = new AtomicBoolean(true);
        var failed = new AtomicInteger();
        var out = new ByteArrayOutputStream();
        var disk = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                write(new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                if (full.get()) {
                    failed.incrementAndGet();
                    throw new IOException("No space left on device");
                }
                out.write(bytes, offset, length);
            }
        };
        try (AccessLog log = AccessLog.start(AccessLog.Format.TEXT, 8, disk)) {
            log.onRequestEnd(request("/lost"));
            await().until(() -> log.dropped() == 1);
            full.set(false);
            log.onRequestEnd(request("/kept"));
            await().until(() -> out.toString(StandardCharsets.US_ASCII).contains("/kept"));
            assertThat(log.dropped()).isEqualTo(1);
        }
        assertThat(out.toString(StandardCharsets.US_ASCII)).doesNotContain("/lost");
    }

    private static List<String> paths(int loop) {
        return IntStream.range(0, 5_000).mapToObj(i -> "/" + loop + "/" + i).toList();
    }

    private static RequestFacts request(String path) {
        RequestFacts facts = Facts.forwarded();
        facts.path = path;
        return facts;
    }

    /// Blocks its first write until it is opened.
    private static final class Gate extends OutputStream {
        final CountDownLatch entered = new CountDownLatch(1);
        final CountDownLatch open = new CountDownLatch(1);
        final ByteArrayOutputStream written = new ByteArrayOutputStream();

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            entered.countDown();
            try {
                open.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            written.write(bytes, offset, length);
        }
    }
}
