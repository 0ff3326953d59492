package io.sallyport.runtime;

import io.sallyport.identity.CertificatesInUse;
import io.sallyport.identity.Credential;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Looks every few seconds at the certificates and authorities in use. It reports those that are about to
/// expire: a warning 21 and 7 days before, or in the last fifth of a life of two days or less, and an error
/// after. And it notices changes that no watched directory shows: of files elsewhere, or when a certificate
/// becomes valid that was provided before its time.
final class CertificateWatch implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(CertificateWatch.class);
    private static final Duration EARLY = Duration.ofDays(21);
    private static final Duration LATE = Duration.ofDays(7);
    private static final String NOT_SEEN = "";
    private static final String ABSENT = "absent";

    private enum Stage {
        FINE,
        EARLY,
        LATE,
        EXPIRED
    }

    /// Where messages go.
    interface Notices {
        Notices LOGGED = new Notices() {
            @Override
            public void warn(String message) {
                LOG.warn(message);
            }

            @Override
            public void error(String message) {
                LOG.error(message);
            }
        };

        void warn(String message);

        void error(String message);
    }

    private final Clock clock;
    private final List<Path> watchedAnyway;
    private final Runnable onChange;
    private final Notices notices;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofVirtual().name("sallyport-certificates").factory());
    private Set<Watched> watched = Set.of();
    private final Map<Watched, Stage> reported = new HashMap<>();
    /// What the files looked like at the last look.
    private Map<Path, String> stamps = Map.of();
    private @Nullable Instant nextValid;

    /// @param early how long before the end it is reported
    /// @param late how long before it is reported again
    /// @param remedy what to do before the end
    /// @param after what happens after it
    private record Watched(String subject, Instant end, Duration early, Duration late, String remedy, String after) {
        static Watched of(String source, Credential credential) {
            return new Watched(
                    source + ": the certificate of " + Credential.subject(credential.leaf()),
                    credential.end(),
                    credential.soon(EARLY),
                    credential.soon(LATE),
                    "renew it",
                    "is served on; clients refuse it: renew it");
        }

        static Watched of(String source, X509Certificate authority) {
            return new Watched(
                    source + ": the authority " + Credential.subject(authority),
                    authority.getNotAfter().toInstant(),
                    EARLY,
                    LATE,
                    "add the one that follows it",
                    "verifies nobody any more: replace it");
        }
    }

    /// @param period between two looks
    /// @param watchedAnyway directories whose files are not looked at
    /// @param onChange called on this object's thread, and with its lock: must not block
    CertificateWatch(Clock clock, Duration period, List<Path> watchedAnyway, Runnable onChange, Notices notices) {
        this.clock = clock;
        this.watchedAnyway = watchedAnyway.stream()
                .map(directory -> directory.toAbsolutePath().normalize())
                .toList();
        this.onChange = onChange;
        this.notices = notices;
        timer.scheduleWithFixedDelay(this::look, period.toMillis(), period.toMillis(), TimeUnit.MILLISECONDS);
    }

    /// Replaces the certificates that are looked at. A file that was not among those before counts as changed at the
    /// next look: it may have changed since it was read.
    synchronized void watch(CertificatesInUse certificates) {
        Set<Watched> next = new HashSet<>();
        certificates.credentials().forEach((source, credential) -> next.add(Watched.of(source, credential)));
        certificates.authorities().forEach((source, bundle) -> {
            for (X509Certificate authority : bundle.authorities()) {
                next.add(Watched.of(source, authority));
            }
        });
        // A renewed one has another end, and begins anew.
        reported.keySet().retainAll(next);
        watched = next;
        Map<Path, String> files = new HashMap<>();
        for (Path file : certificates.files()) {
            Path absolute = file.toAbsolutePath().normalize();
            if (watchedAnyway.stream().noneMatch(absolute::startsWith)) {
                files.put(absolute, stamps.getOrDefault(absolute, NOT_SEEN));
            }
        }
        stamps = files;
        nextValid = certificates.nextValid();
        reportExpiry(clock.instant());
    }

    private synchronized void look() {
        Instant now = clock.instant();
        reportExpiry(now);
        boolean changed = nextValid != null && !now.isBefore(nextValid);
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

    private void reportExpiry(Instant now) {
        for (Watched certificate : watched) {
            Stage stage = stage(certificate, now);
            if (reported.getOrDefault(certificate, Stage.FINE) != stage) {
                reported.put(certificate, stage);
                report(stage, certificate);
            }
        }
    }

    private static Stage stage(Watched certificate, Instant now) {
        if (now.isAfter(certificate.end())) {
            return Stage.EXPIRED;
        }
        Duration left = Duration.between(now, certificate.end());
        return left.compareTo(certificate.late()) <= 0
                ? Stage.LATE
                : left.compareTo(certificate.early()) <= 0 ? Stage.EARLY : Stage.FINE;
    }

    private void report(Stage stage, Watched certificate) {
        switch (stage) {
            case FINE -> {}
            case EARLY, LATE ->
                notices.warn(certificate.subject() + " expires on " + certificate.end() + "; " + certificate.remedy());
            case EXPIRED ->
                notices.error(
                        certificate.subject() + " expired on " + certificate.end() + " and " + certificate.after());
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
