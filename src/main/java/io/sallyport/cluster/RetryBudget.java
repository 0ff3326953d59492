package io.sallyport.cluster;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/// Bounds the load that repeated attempts add to a cluster that is in trouble. Shared by all event loops; requests that
/// are not repeated pay nothing.
///
/// A retry has to pass two bounds. As many may be under way at once as a share of the requests that are, and some
/// always (Envoy's retry budget). That alone does not hold back the retries against a cluster that fails at once: of
/// requests that take no time next to none are under way, and the few that are always allowed are many. So the retries
/// of the last seconds are held to the same share of the requests of the last seconds; beyond it a few a second are
/// allowed, for a cluster with so few requests that a share of them is nothing. A retry that helped is not counted: it
/// went to where it could be served, and one failing endpoint among good ones costs no client an answer.
final class RetryBudget {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final RetryLimit limit;
    private final LongSupplier nanoTime;
    private final RetryWindow window = new RetryWindow();
    private final AtomicInteger active = new AtomicInteger();
    private final AtomicLong begun = new AtomicLong();
    /// When the retries that are allowed in every second will all be there again. At most a second ahead: then there
    /// are none now.
    private final AtomicLong reserveFullAt;

    private final LongAdder overflows = new LongAdder();

    /// @param nanoTime like [System#nanoTime()]
    RetryBudget(RetryLimit limit, LongSupplier nanoTime) {
        this.limit = limit;
        this.nanoTime = nanoTime;
        reserveFullAt = new AtomicLong(nanoTime.getAsLong());
    }

    /// Takes a retry out of the budget, to be given back by [#end].
    ///
    /// @param activeRequests of the cluster
    /// @param triesTotal of the cluster since it began, retries included
    /// @return false where the budget is used up: the request fails as it is
    boolean begin(long activeRequests, long triesTotal) {
        RetryWindow.Mark from = window.from();
        long requests = triesTotal - begun.get() - from.requests();
        long atOnce = limit.shareOf(limit.countsEnded() ? Math.max(activeRequests, requests) : activeRequests);
        if (active.incrementAndGet() <= Math.max(limit.always(), atOnce)
                && (!limit.isCounted() || count(requests, from))) {
            return true;
        }
        active.decrementAndGet();
        overflows.increment();
        return false;
    }

    private boolean count(long requests, RetryWindow.Mark from) {
        boolean isWithinShare = begun.incrementAndGet() - from.retries() <= limit.shareOf(requests);
        if (takeOfReserve(isWithinShare)) {
            return true;
        }
        begun.decrementAndGet();
        return false;
    }

    /// Retries within the share use up the reserve, too, or it would come on top of the share.
    ///
    /// @param anyway whether the retry may begin even where nothing is left
    private boolean takeOfReserve(boolean anyway) {
        long each = SECOND / limit.always();
        while (true) {
            long now = nanoTime.getAsLong();
            long fullAt = reserveFullAt.get();
            long left = Math.max(0, fullAt - now) + each;
            if (left > SECOND && !anyway) {
                return false;
            }
            if (reserveFullAt.compareAndSet(fullAt, now + Math.min(left, SECOND))) {
                return true;
            }
        }
    }

    /// @param helped its request was answered: from now on it counts as a request like others
    void end(boolean helped) {
        active.decrementAndGet();
        if (helped && limit.isCounted()) {
            begun.decrementAndGet();
            reserveFullAt.addAndGet(-SECOND / limit.always());
        }
    }

    /// A part of the window ([RetryWindow#PARTS]) has gone by.
    void tick(long triesTotal) {
        long retries = begun.get();
        window.tick(triesTotal - retries, retries);
    }

    int active() {
        return active.get();
    }

    /// How often a retry was not allowed.
    long overflows() {
        return overflows.sum();
    }
}
