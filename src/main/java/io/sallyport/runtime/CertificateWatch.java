package io.sallyport.runtime;

import io.sallyport.identity.CertificatesInUse;
import io.sallyport.identity.Credential;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/// Says in time, and while nothing else happens, which of the certificates and authorities in use are about to
/// expire: a warning 21 and 7 days before, an error after.
final class CertificateWatch implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(CertificateWatch.class);
    private static final Duration EARLY = Duration.ofDays(21);
    private static final Duration LATE = Duration.ofDays(7);

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
    private final Notices notices;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofVirtual().name("sallyport-certificates").factory());
    private Set<Watched> watched = Set.of();
    private final Map<Watched, Stage> reported = new HashMap<>();

    /// @param remedy what to do before the end
    /// @param after what happens after it
    private record Watched(String subject, Instant end, String remedy, String after) {
        static Watched of(String source, Credential credential) {
            return new Watched(
                    source + ": the certificate of " + credential.leaf().getSubjectX500Principal(),
                    credential.end(),
                    "renew it",
                    "is served on; clients refuse it: renew it");
        }

        static Watched of(String source, X509Certificate authority) {
            return new Watched(
                    source + ": the authority " + authority.getSubjectX500Principal(),
                    authority.getNotAfter().toInstant(),
                    "add the one that follows it",
                    "verifies nobody any more: replace it");
        }
    }

    /// @param period between two looks
    CertificateWatch(Clock clock, Duration period, Notices notices) {
        this.clock = clock;
        this.notices = notices;
        timer.scheduleWithFixedDelay(this::look, period.toMillis(), period.toMillis(), TimeUnit.MILLISECONDS);
    }

    /// From now on it is these that are looked at.
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
        look();
    }

    private synchronized void look() {
        Instant now = clock.instant();
        for (Watched certificate : watched) {
            Stage stage = stage(certificate.end(), now);
            if (reported.getOrDefault(certificate, Stage.FINE) != stage) {
                reported.put(certificate, stage);
                report(stage, certificate);
            }
        }
    }

    private static Stage stage(Instant end, Instant now) {
        if (now.isAfter(end)) {
            return Stage.EXPIRED;
        }
        Duration left = Duration.between(now, end);
        return left.compareTo(LATE) <= 0 ? Stage.LATE : left.compareTo(EARLY) <= 0 ? Stage.EARLY : Stage.FINE;
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
