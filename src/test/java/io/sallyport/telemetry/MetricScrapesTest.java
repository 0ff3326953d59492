package io.sallyport.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.management.ThreadMXBean;
import io.sallyport.outcome.Facts;
import io.sallyport.outcome.RequestFacts;
import io.sallyport.telemetry.MetricWriter.Type;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

class MetricScrapesTest {
    private final Scraped scraped = new Scraped();
    private final AtomicLong nanos = new AtomicLong();
    private final MetricScrapes scrapes = new MetricScrapes(scraped.exposition, nanos::get);
    private final AtomicInteger renderings = new AtomicInteger();
    private final AtomicInteger cut = new AtomicInteger();

    private InputStream open(MetricFormat format) throws IOException {
        return scrapes.open(format, cut::incrementAndGet);
    }

    private static String text(InputStream compressed) throws IOException {
        try (var in = new GZIPInputStream(compressed)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } finally {
            compressed.close();
        }
    }

    private CompletableFuture<String> reading(InputStream compressed) {
        var read = new CompletableFuture<String>();
        Thread.ofVirtual().start(() -> {
            try {
                read.complete(text(compressed));
            } catch (IOException e) {
                read.completeExceptionally(e);
            }
        });
        return read;
    }

    /// Some of it cannot be compressed: 20 bytes of each sample at least.
    private void show(int samples) {
        scraped.exposition.add(out -> {
            renderings.incrementAndGet();
            var random = new Random(1);
            out.family("a", Type.GAUGE, "A.");
            for (int i = 0; i < samples; i++) {
                out.labels()
                        .label("x", Long.toHexString(random.nextLong()) + Long.toHexString(random.nextLong()))
                        .label("y", Long.toHexString(random.nextLong()))
                        .sample(i);
            }
        });
    }

    @Test
    void scrapesThatComeWhileOneIsRenderedShareIt() throws Exception {
        var opened = new CountDownLatch(1);
        scraped.exposition.add(out -> {
            renderings.incrementAndGet();
            try {
                opened.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            out.family("a", Type.GAUGE, "A.");
            out.labels().sample(1);
        });
        List<CompletableFuture<String>> texts = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            texts.add(reading(open(MetricFormat.TEXT)));
        }
        var other = CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return text(open(MetricFormat.OPEN_METRICS));
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    }
                },
                Executors.newVirtualThreadPerTaskExecutor());
        opened.countDown();

        for (var text : texts) {
            assertThat(text.get()).endsWith("\na 1.0\n");
        }
        assertThat(other.get()).endsWith("\na 1.0\n# EOF\n");
        assertThat(renderings).hasValue(2);
    }

    @Test
    void whatHasBeenRenderedToItsEndIsNotGivenToTheNext() throws Exception {
        show(1);

        text(open(MetricFormat.TEXT));
        text(open(MetricFormat.TEXT));

        assertThat(renderings).hasValue(2);
    }

    @Test
    void aReaderThatReadsNothingHoldsLittle() throws Exception {
        show(200_000);
        InputStream stuck = open(MetricFormat.TEXT);
        await().until(() -> scrapes.heldBytes() > MetricScrapes.MOST_HELD - 20_000);

        var reader = new AtomicInteger();
        var read = new CompletableFuture<String>();
        Thread.ofVirtual().start(() -> {
            reader.incrementAndGet();
            try {
                read.complete(text(open(MetricFormat.TEXT)));
            } catch (IOException e) {
                read.completeExceptionally(e);
            }
        });
        await().untilAtomic(reader, org.hamcrest.Matchers.is(1));
        assertThat(scrapes.heldBytes()).isLessThanOrEqualTo(MetricScrapes.MOST_HELD);
        assertThat(cut).hasValue(0);
        nanos.addAndGet(MetricScrapes.LONGEST_STALL + 1);

        assertThat(read.get().lines()).hasSize(200_002);
        assertThat(cut).hasValue(1);
        assertThatThrownBy(stuck::readAllBytes).isInstanceOf(IOException.class);
        await().until(() -> scrapes.heldBytes() == 0);
    }

    @Test
    void aReaderOfAFinishedRenderingIsCutOffWhereAnotherWaits() throws Exception {
        show(1);
        InputStream stuck = open(MetricFormat.TEXT);
        await().until(() -> scrapes.heldBytes() > 0);
        var next = CompletableFuture.supplyAsync(() -> {
            try {
                return text(open(MetricFormat.TEXT));
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        await().until(() -> {
            nanos.addAndGet(MetricScrapes.LONGEST_STALL / 4);
            return next.isDone();
        });

        assertThat(next.get()).contains("\na{");
        assertThat(cut).hasValue(1);
        assertThatThrownBy(stuck::readAllBytes).isInstanceOf(IOException.class);
    }

    @Test
    void aScraperThatGoesAwayEndsTheRendering() throws Exception {
        show(200_000);
        open(MetricFormat.TEXT).close();

        await().until(() -> scrapes.heldBytes() == 0);
        assertThat(text(open(MetricFormat.TEXT)).lines()).hasSize(200_002);
    }

    @Test
    void whatCannotBeRenderedIsVisiblyCut() throws Exception {
        scraped.exposition.add(out -> {
            out.family("a", Type.GAUGE, "A.");
            throw new IllegalStateException("broken on purpose");
        });

        InputStream in = open(MetricFormat.TEXT);

        assertThatThrownBy(() -> text(in)).isInstanceOf(IOException.class);
    }

    /// The figures of the pod's size: 512 MiB and half a core.
    @Test
    void twentyThousandLabelSetsNeedHardlyAnyMemory() throws Exception {
        var metrics = new RequestMetrics(
                InstanceLabels.UNKNOWN,
                new RequestMetrics.Limits(20_000, 1),
                new HistogramBounds(Scraped.BOUNDS.durations(), Scraped.BOUNDS.durations(), Scraped.BOUNDS.durations()),
                List::of);
        scraped.exposition.add(metrics);
        for (int i = 0; i < 20_000; i++) {
            RequestFacts facts = Facts.forwarded();
            facts.destination = Facts.to("service-" + i + ".namespace.svc.cluster.local", null);
            metrics.onRequestEnd(facts);
        }
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        scraped.exposition.write(MetricFormat.TEXT, OutputStream.nullOutputStream());

        long before = threads.getCurrentThreadAllocatedBytes();
        scraped.exposition.write(MetricFormat.TEXT, OutputStream.nullOutputStream());
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;

        // A few strings for each label set, none of which outlives its line; the text has 350 MB.
        assertThat(allocated).isLessThan(20_000 * 2_000L);
    }
}
