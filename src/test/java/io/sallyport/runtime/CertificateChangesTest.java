package io.sallyport.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.greaterThanOrEqualTo;
import static org.hamcrest.Matchers.is;

import io.sallyport.identity.CertificatesInUse;
import io.sallyport.testing.TestClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CertificateChangesTest {
    private static final Instant START = Instant.parse("2030-01-01T00:00:00Z");

    @TempDir
    private Path directory;

    /// Read at each look while a certificate waits for its time.
    private final TestClock clock = new TestClock(START);
    private final AtomicInteger changes = new AtomicInteger();

    private CertificateWatch watch;

    private void watch(Instant nextValid, Path... files) {
        watch = new CertificateWatch(
                clock,
                Duration.ofMillis(2),
                List.of(directory.resolve("watched")),
                changes::incrementAndGet,
                CertificateWatch.Notices.LOGGED);
        watch.watch(new CertificatesInUse(Map.of(), Map.of(), Set.of(files), nextValid, false));
    }

    @AfterEach
    void close() {
        watch.close();
    }

    private void awaitLooks(int count) {
        long before = clock.reads();
        await().until(() -> clock.reads() >= before + count);
    }

    @Test
    void whatIsWrittenReplacedOrRemovedIsNoticedOnceEach() throws IOException {
        Path file = Files.writeString(directory.resolve("tls.crt"), "1");
        watch(Instant.MAX, file);
        // It may have changed since it was read.
        await().untilAtomic(changes, is(1));
        awaitLooks(3);
        assertThat(changes).hasValue(1);

        Files.move(Files.writeString(directory.resolve("next"), "2"), file, StandardCopyOption.ATOMIC_MOVE);
        await().untilAtomic(changes, is(2));
        Files.writeString(file, "longer");
        await().untilAtomic(changes, greaterThanOrEqualTo(3));
        awaitLooks(3);
        int written = changes.get();
        Files.delete(file);
        await().untilAtomic(changes, is(written + 1));
        Files.writeString(file, "again");
        await().untilAtomic(changes, greaterThanOrEqualTo(written + 2));
    }

    @Test
    void filesInDirectoriesThatAreWatchedAnywayAreNotLookedAt() throws IOException {
        Path file = Files.createDirectories(directory.resolve("watched/a")).resolve("tls.crt");
        Files.writeString(file, "1");
        watch(Instant.MAX, file);
        awaitLooks(3);
        Files.writeString(file, "other");
        awaitLooks(3);
        assertThat(changes).hasValue(0);
    }

    @Test
    void aCertificateThatBecomesValidIsNoticedOnce() {
        watch(START.plusSeconds(60));
        awaitLooks(3);
        assertThat(changes).hasValue(0);
        clock.set(START.plusSeconds(60));
        await().untilAtomic(changes, is(1));
        watch.watch(new CertificatesInUse(Map.of(), Map.of(), Set.of(), Instant.MAX, false));
        awaitLooks(3);
        assertThat(changes).hasValue(1);
    }
}
