package io.sallyport.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class LineQueueTest {
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final String KIB = "x".repeat(1023) + "\n";

    private final Reader reader = new Reader();
    private final LineQueue queue = LineQueue.start("test", reader);

    @AfterEach
    void letItEnd() {
        reader.reads.countDown();
    }

    @Test
    void whatIsWrittenArrivesInItsOrder() {
        reader.reads.countDown();
        PrintStream lines = printing();
        IntStream.range(0, 5_000).forEach(lines::println);
        queue.flush(LONG, LONG);

        assertThat(reader.text().lines())
                .containsExactlyElementsOf(
                        IntStream.range(0, 5_000).mapToObj(Integer::toString).toList());
        assertThat(queue.dropped()).isZero();
    }

    @Test
    void whatSeveralThreadsWriteArrivesWhole() throws InterruptedException {
        reader.reads.countDown();
        List<Thread> threads = IntStream.range(0, 4)
                .mapToObj(_ -> Thread.ofPlatform().start(() -> {
                    PrintStream own = printing();
                    IntStream.range(0, 200).forEach(_ -> own.print(KIB));
                }))
                .toList();
        for (Thread thread : threads) {
            thread.join();
        }
        queue.flush(LONG, LONG);

        assertThat(reader.text()).isEqualTo(KIB.repeat(800));
    }

    @Test
    void aReaderThatStandsStillCostsLinesButNoTimeAndNoMemory() {
        PrintStream lines = printing();
        for (int i = 0; i < 5_000; i++) {
            lines.print(KIB);
        }

        assertThat(queue.dropped()).isBetween(5_000L - 1_024 - 2, 5_000L - 1_024);
        reader.reads.countDown();
        queue.flush(LONG, LONG);
        assertThat(reader.text().length()).isEqualTo((5_000 - (int) queue.dropped()) * KIB.length());
    }

    @Test
    void somethingLargerThanTheQueueIsLetInWhole() {
        String large = "y".repeat(3 << 20) + "\n";
        printing().writeBytes(large.getBytes(StandardCharsets.US_ASCII));
        printing().print(KIB);
        reader.reads.countDown();
        queue.flush(LONG, LONG);

        assertThat(reader.text()).isEqualTo(large);
        assertThat(queue.dropped()).isOne();
    }

    @Test
    void flushingGivesUpOnAReaderThatStandsStill() {
        printing().print(KIB);
        long before = System.nanoTime();
        queue.flush(LONG, Duration.ofMillis(200));

        assertThat(System.nanoTime() - before).isBetween(TimeUnit.MILLISECONDS.toNanos(200), LONG.toNanos() / 2);
    }

    @Test
    void whatCannotBeWrittenIsCountedAndTheRestIsWritten() {
        reader.fails.set(true);
        reader.reads.countDown();
        printing().print("lost");
        await().until(() -> queue.dropped() == 1);
        reader.fails.set(false);
        printing().print("kept");
        queue.flush(LONG, LONG);

        assertThat(reader.text()).isEqualTo("kept");
    }

    private PrintStream printing() {
        return new PrintStream(queue.stream(), true, StandardCharsets.US_ASCII);
    }

    /// Takes nothing before it reads.
    private static final class Reader extends OutputStream {
        final CountDownLatch reads = new CountDownLatch(1);
        final AtomicBoolean fails = new AtomicBoolean();
        private final ByteArrayOutputStream taken = new ByteArrayOutputStream();

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            try {
                reads.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            if (fails.get()) {
                throw new IOException("Broken pipe");
            }
            taken.write(bytes, offset, length);
        }

        String text() {
            return taken.toString(StandardCharsets.US_ASCII);
        }
    }
}
