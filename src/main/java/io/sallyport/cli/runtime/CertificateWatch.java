package io.sallyport.cli.runtime;

import io.sallyport.identity.Credential;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/// Says in time, and while nothing else happens, which of the certificates in use are about to expire: a warning 21 and
/// 7 days before, an error after.
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
            Thread.ofPlatform().daemon().name("sallyport-certificates").factory());
    private Map<String, Credential> served = Map.of();
    private final Map<String, Stage> reported = new HashMap<>();

    /// @param period between two looks
    CertificateWatch(Clock clock, Duration period, Notices notices) {
        this.clock = clock;
        this.notices = notices;
        timer.scheduleWithFixedDelay(this::look, period.toMillis(), period.toMillis(), TimeUnit.MILLISECONDS);
    }

    /// From now on it is these that are looked at.
    ///
    /// @param credentials by their source
    synchronized void watch(Map<String, Credential> credentials) {
        // A renewed one begins anew.
        reported.keySet()
                .removeIf(source -> !credentials.containsKey(source)
                        || !credentials.get(source).equals(served.get(source)));
        served = Map.copyOf(credentials);
        look();
    }

    private synchronized void look() {
        Instant now = clock.instant();
        served.forEach((source, credential) -> {
            Stage stage = stage(credential, now);
            if (reported.getOrDefault(source, Stage.FINE) != stage) {
                reported.put(source, stage);
                report(
                        stage,
                        source + ": the certificate of " + credential.leaf().getSubjectX500Principal(),
                        credential);
            }
        });
    }

    private static Stage stage(Credential credential, Instant now) {
        if (credential.isExpired(now)) {
            return Stage.EXPIRED;
        }
        Duration left = Duration.between(now, credential.end());
        return left.compareTo(LATE) <= 0 ? Stage.LATE : left.compareTo(EARLY) <= 0 ? Stage.EARLY : Stage.FINE;
    }

    private void report(Stage stage, String subject, Credential credential) {
        switch (stage) {
            case FINE -> {}
            case EARLY, LATE -> notices.warn(subject + " expires on " + credential.end() + "; renew it");
            case EXPIRED ->
                notices.error(subject + " expired on " + credential.end() + " and is served on; clients refuse it:"
                        + " renew it");
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
