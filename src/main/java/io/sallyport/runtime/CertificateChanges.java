package io.sallyport.runtime;

import io.sallyport.identity.CertificatesInUse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Notices, by looking every few seconds, what changes the certificates in use where no watched directory changes:
/// their files lie elsewhere, or a certificate becomes valid that was given before its time.
final class CertificateChanges implements AutoCloseable {
    private static final String NOT_SEEN = "";
    private static final String ABSENT = "absent";

    private final Clock clock;
    private final List<Path> watchedAnyway;
    private final Runnable onChange;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofVirtual().name("sallyport-certificate-files").factory());
    private Map<Path, String> stamps = Map.of();
    private @Nullable Instant nextValid;

    /// @param period between two looks
    /// @param watchedAnyway directories whose files are not looked at
    /// @param onChange called on this object's thread, and with its lock: must not block
    CertificateChanges(Clock clock, Duration period, List<Path> watchedAnyway, Runnable onChange) {
        this.clock = clock;
        this.watchedAnyway = watchedAnyway.stream()
                .map(directory -> directory.toAbsolutePath().normalize())
                .toList();
        this.onChange = onChange;
        timer.scheduleWithFixedDelay(this::look, period.toMillis(), period.toMillis(), TimeUnit.MILLISECONDS);
    }

    /// From now on it is these. A file that was not among those before counts as changed at the next look: it may have
    /// changed since it was read.
    synchronized void watch(CertificatesInUse certificates) {
        Map<Path, String> next = new HashMap<>();
        for (Path file : certificates.files()) {
            Path absolute = file.toAbsolutePath().normalize();
            if (watchedAnyway.stream().noneMatch(absolute::startsWith)) {
                next.put(absolute, stamps.getOrDefault(absolute, NOT_SEEN));
            }
        }
        stamps = next;
        nextValid = certificates.nextValid();
    }

    private synchronized void look() {
        boolean changed = nextValid != null && !clock.instant().isBefore(nextValid);
        if (changed) {
            nextValid = null;
        }
        for (Map.Entry<Path, String> file : stamps.entrySet()) {
            String stamp = stamp(file.getKey());
            changed |= !stamp.equals(file.getValue());
            file.setValue(stamp);
        }
        if (changed) {
            onChange.run();
        }
    }

    private static String stamp(Path file) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return attributes.lastModifiedTime() + " " + attributes.size() + " " + attributes.fileKey();
        } catch (IOException absent) {
            return ABSENT;
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
