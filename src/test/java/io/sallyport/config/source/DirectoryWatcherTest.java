package io.sallyport.config.source;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.config.source.DirectoryWatcher.Timing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectoryWatcherTest {
    /// So rare that every report is due to an event.
    private static final Timing EVENTS_ONLY = Timing.DEFAULT.withPoll(Duration.ofHours(1));
    private static final Timing FAST_POLL = Timing.DEFAULT.withPoll(Duration.ofMillis(50));

    @TempDir
    Path temporary;

    private Path config;
    private Path secrets;
    private DirectoryWatcher watcher;
    /// When each call was made, nanoseconds.
    private final LinkedBlockingQueue<Long> calls = new LinkedBlockingQueue<>();
    private final LinkedBlockingQueue<Changes> reported = new LinkedBlockingQueue<>();

    @BeforeEach
    void directories() throws IOException {
        config = Files.createDirectory(temporary.resolve("config"));
        secrets = Files.createDirectory(temporary.resolve("secrets"));
    }

    @AfterEach
    void close() {
        if (watcher != null) {
            watcher.close();
        }
    }

    @Test
    void aNewFileAnEditARenameAndADeletionAreReported() throws Exception {
        watch(EVENTS_ONLY);

        Path file = Files.writeString(config.resolve("a.yaml"), "a");
        awaitLastCall();
        Files.writeString(file, "b");
        awaitLastCall();
        Path other = Files.writeString(temporary.resolve("elsewhere"), "c");
        Files.move(other, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.ATOMIC_MOVE);
        awaitLastCall();
        Files.delete(file);
        awaitLastCall();
    }

    @Test
    void aSwappedConfigMapIsReportedAtOnce() throws Exception {
        ConfigMapVolume volume = new ConfigMapVolume(config);
        volume.publish(Map.of("a.yaml", "0"));
        watch(EVENTS_ONLY);
        long[] delays = new long[10];
        for (int i = 0; i < delays.length; i++) {
            volume.publish(Map.of("a.yaml", "" + i));
            long swapped = System.nanoTime();
            delays[i] = awaitCall() - swapped;
            settle();
            calls.clear();
        }
        Arrays.sort(delays);

        // The quickest: a busy machine may delay any of them, and what awaits a burst's end takes 20 ms.
        assertThat(Duration.ofNanos(delays[0])).isLessThan(Duration.ofMillis(15));
    }

    @Test
    void aRenamedFileIsReportedSoonAndByName() throws Exception {
        watch(EVENTS_ONLY);
        long[] delays = new long[10];
        for (int i = 0; i < delays.length; i++) {
            Path other = Files.writeString(temporary.resolve("elsewhere"), "" + i);
            Path file = config.resolve("a" + i % 2 + ".yaml");
            Files.move(other, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.ATOMIC_MOVE);
            long renamed = System.nanoTime();
            delays[i] = awaitCall() - renamed;
            assertThat(reported.remove()).isEqualTo(Changes.of(Set.of(file)));
            settle();
            calls.clear();
        }
        Arrays.sort(delays);

        // The quickest: a busy machine may delay any of them, and what awaits a burst's end takes 20 ms.
        assertThat(Duration.ofNanos(delays[0])).isLessThan(Duration.ofMillis(15));
    }

    @Test
    void afterAnEventEverythingIsPolledOnce() throws Exception {
        watch(Timing.DEFAULT.withPoll(Duration.ofMillis(50)));
        Path other = Files.writeString(temporary.resolve("elsewhere"), "");
        Files.move(other, config.resolve("a.yaml"), StandardCopyOption.ATOMIC_MOVE);
        await().until(() -> reported.size() > 1);
        settle();

        assertThat(reported).hasSize(2).last().isEqualTo(Changes.ANY);
    }

    @Test
    void aSecretIsSeenHoweverLateItsDirectoryIsCreated() throws Exception {
        watch(EVENTS_ONLY);

        Path credential = Files.createDirectories(secrets.resolve("shop/tls"));
        awaitLastCall();
        ConfigMapVolume volume = new ConfigMapVolume(credential);
        volume.publish(Map.of("tls.crt", "1"));
        awaitLastCall();
        volume.publish(Map.of("tls.crt", "2"));
        awaitCall();
    }

    @Test
    void aStormOfEditsIsReportedAFewTimes() throws Exception {
        watch(EVENTS_ONLY);
        long end = System.nanoTime() + Duration.ofSeconds(1).toNanos();
        int edits = 0;
        while (System.nanoTime() < end) {
            Files.writeString(config.resolve("a.yaml"), "edit " + edits++);
            Thread.sleep(2);
        }
        settle();

        assertThat(edits).isGreaterThan(50);
        assertThat(calls.size()).isBetween(1, 15);
    }

    @Test
    void whatEventsMissIsFoundByPolling() throws Exception {
        // The link's target changes elsewhere, without an event in the watched directories.
        Path target = Files.writeString(temporary.resolve("target"), "aaa");
        FileTime time = Files.getLastModifiedTime(target);
        Files.createSymbolicLink(config.resolve("a.yaml"), target);
        watch(FAST_POLL);
        settle();
        calls.clear();

        Files.writeString(target, "bbb");
        Files.setLastModifiedTime(target, time);
        awaitCall();
    }

    @Test
    void pollingWithoutChangesReportsNothing() throws Exception {
        Files.writeString(config.resolve("a.yaml"), "a");
        watch(FAST_POLL);
        Thread.sleep(300);

        assertThat(calls).isEmpty();
    }

    @Test
    void aDirectoryThatIsDeletedAndMadeAgainIsWatchedAgain() throws Exception {
        watch(FAST_POLL);
        Files.delete(config);
        awaitLastCall();
        Files.createDirectory(config);
        awaitLastCall();
        Files.writeString(config.resolve("a.yaml"), "a");
        awaitCall();
    }

    @Test
    void aFailingCallDoesNotEndTheWatching() throws Exception {
        AtomicInteger count = new AtomicInteger();
        watcher = new DirectoryWatcher(
                List.of(config, secrets),
                changes -> {
                    calls.add(System.nanoTime());
                    if (count.incrementAndGet() == 1) {
                        throw new AssertionError("on purpose");
                    }
                },
                EVENTS_ONLY);
        Files.writeString(config.resolve("a.yaml"), "a");
        awaitLastCall();
        Files.writeString(config.resolve("a.yaml"), "b");
        awaitCall();
    }

    @Test
    void afterCloseNothingIsReported() throws Exception {
        watch(EVENTS_ONLY);
        watcher.close();
        Files.writeString(config.resolve("a.yaml"), "a");

        assertThat(calls.poll(200, MILLISECONDS)).isNull();
        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(thread -> thread.getName().equals("sallyport-config-watcher"));
    }

    private void watch(Timing timing) {
        watcher = new DirectoryWatcher(
                List.of(config, secrets),
                changes -> {
                    reported.add(changes);
                    calls.add(System.nanoTime());
                },
                timing);
    }

    private long awaitCall() throws InterruptedException {
        Long call = calls.poll(5000, MILLISECONDS);
        assertThat(call).as("a call within 5 s").isNotNull();
        return call;
    }

    private void awaitLastCall() throws InterruptedException {
        awaitCall();
        settle();
        calls.clear();
    }

    /// Waits until a burst is over.
    private void settle() {
        await().atMost(Duration.ofSeconds(5)).until(() -> {
            int before = calls.size();
            Thread.sleep(130);
            return calls.size() == before;
        });
    }
}
