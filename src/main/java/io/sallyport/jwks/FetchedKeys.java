package io.sallyport.jwks;

import io.sallyport.jwt.KeySet;
import io.sallyport.jwt.KeySource;
import io.sallyport.outcome.KeyFetchOutcome;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// The keys at one origin: fetched once it is in use, and again every 20 minutes; after failures after a minute, then
/// ever later up to an hour, each up to a tenth earlier by chance, so that many gateways do not ask an issuer at once.
/// The last keys serve on for 7 days. A token with a key that is unknown has them fetched at once, at most once a
/// minute. Outlives configurations. Thread-safe.
final class FetchedKeys implements KeySource {
    /// How fetches are made, and time passes.
    interface Fetches {
        /// Calls back exactly once within the route's timeout, on any thread, perhaps before it returns.
        void fetch(KeySetOrigin origin, KeyRoute route, Callback callback);

        /// For metrics. Must return at once.
        void onFetched(KeySetOrigin origin, KeyFetchOutcome outcome);

        /// For metrics. Must return at once.
        void onUnused(KeySetOrigin origin);

        long nanoTime();

        void schedule(Runnable task, Duration delay);

        /// By chance, from 0 to less than 1.
        double random();
    }

    interface Callback {
        void onKeys(String text, KeySet keys);

        /// @param outcome any but [KeyFetchOutcome#FETCHED]
        /// @param reason for the log
        void onFailure(KeyFetchOutcome outcome, String reason);
    }

    static final Duration REFRESH = Duration.ofMinutes(20);
    static final Duration FIRST_RETRY = Duration.ofMinutes(1);
    static final Duration LAST_RETRY = Duration.ofMinutes(60);
    static final Duration KEPT = Duration.ofDays(7);
    /// Between two fetches that tokens ask for.
    static final Duration ASKED = Duration.ofMinutes(1);

    private static final Logger LOG = Logger.getLogger(FetchedKeys.class);

    private final KeySetOrigin origin;
    private volatile @Nullable KeySet keys;

    private @Nullable Fetches fetches;
    private @Nullable KeyRoute route;
    private String text = "";
    private boolean fetching;
    private Set<Runnable> waiting = new LinkedHashSet<>();
    private long begun;
    private long fetched;
    private int failures;
    /// Of the timer that counts: earlier ones have been overtaken.
    private int round;

    FetchedKeys(KeySetOrigin origin) {
        this.origin = origin;
    }

    /// From now on it is in use.
    ///
    /// @param by what it is reached; the last one counts
    void start(Fetches through, KeyRoute by) {
        synchronized (this) {
            route = by;
            boolean running = fetches != null;
            fetches = through;
            if (running) {
                return;
            }
        }
        fetch();
    }

    /// It is in use no more.
    synchronized void stop() {
        if (fetches != null) {
            fetches.onUnused(origin);
        }
        fetches = null;
        round++;
    }

    @Override
    public @Nullable KeySet keys() {
        return keys;
    }

    @Override
    public boolean renew() {
        synchronized (this) {
            if (fetches == null || fetching) {
                return fetching;
            }
            if (fetches.nanoTime() - begun < ASKED.toNanos()) {
                return false;
            }
        }
        fetch();
        return true;
    }

    @Override
    public void whenRenewed(Runnable then) {
        synchronized (this) {
            if (fetching) {
                waiting.add(then);
                return;
            }
        }
        then.run();
    }

    @Override
    public synchronized void forget(Runnable then) {
        waiting.remove(then);
    }

    private void fetch() {
        Fetches by;
        KeyRoute to;
        synchronized (this) {
            by = fetches;
            to = route;
            if (by == null || to == null || fetching) {
                return;
            }
            fetching = true;
            begun = by.nanoTime();
        }
        by.fetch(origin, to, new Callback() {
            @Override
            public void onKeys(String fetchedText, KeySet fetchedKeys) {
                succeeded(by, fetchedText, fetchedKeys);
            }

            @Override
            public void onFailure(KeyFetchOutcome outcome, String reason) {
                failed(by, outcome, reason);
            }
        });
    }

    private void succeeded(Fetches by, String fetchedText, KeySet fetchedKeys) {
        boolean recovered;
        synchronized (this) {
            // The same keys are the same set, with the tokens that they have verified.
            if (keys == null || !text.equals(fetchedText)) {
                text = fetchedText;
                keys = fetchedKeys;
            }
            fetched = by.nanoTime();
            recovered = failures > 0;
            failures = 0;
        }
        if (recovered) {
            LOG.infof("the keys at %s can be fetched again", origin);
        }
        ended(by, KeyFetchOutcome.FETCHED, earlier(by, REFRESH));
    }

    private void failed(Fetches by, KeyFetchOutcome outcome, String reason) {
        Duration retry;
        boolean given;
        synchronized (this) {
            failures++;
            long factor = 1L << Math.min(failures - 1, 10);
            Duration later = FIRST_RETRY.multipliedBy(factor);
            retry = earlier(by, later.compareTo(LAST_RETRY) > 0 ? LAST_RETRY : later);
            given = keys != null && by.nanoTime() - fetched >= KEPT.toNanos();
            if (given) {
                keys = null;
                text = "";
            }
        }
        String kept =
                given ? "; the old ones are given up" : keys == null ? "; there are none" : "; the old ones serve on";
        LOG.warnf(
                "the keys at %s cannot be fetched: %s%s; the next try is in %d s",
                origin, reason, kept, retry.toSeconds());
        ended(by, outcome, retry);
    }

    private static Duration earlier(Fetches by, Duration time) {
        return time.minusNanos((long) (by.random() * time.toNanos() / 10));
    }

    private void ended(Fetches by, KeyFetchOutcome outcome, Duration next) {
        Set<Runnable> waited;
        int current;
        boolean running;
        synchronized (this) {
            fetching = false;
            waited = waiting;
            waiting = new LinkedHashSet<>();
            current = ++round;
            running = fetches != null;
            if (running) {
                by.onFetched(origin, outcome);
            }
        }
        waited.forEach(Runnable::run);
        if (running) {
            by.schedule(() -> due(current), next);
        }
    }

    private void due(int of) {
        synchronized (this) {
            if (of != round) {
                return;
            }
        }
        fetch();
    }
}
