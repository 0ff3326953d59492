package io.sallyport.upstream;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/// Bounds the load that repeated attempts add to a cluster that is in trouble: as many may be under way as a share of
/// its requests, and some always (Envoy's retry budget). Shared by all event loops.
public final class RetryBudget {
    private final RetryLimit limit;
    private final AtomicInteger retries = new AtomicInteger();
    private final LongAdder overflows = new LongAdder();

    public RetryBudget(RetryLimit limit) {
        this.limit = limit;
    }

    /// Takes a retry out of the budget, to be given back by [#end].
    ///
    /// @param activeRequests of the cluster
    /// @return false where the budget is used up: the request fails as it is
    public boolean begin(long activeRequests) {
        long allowed = Math.max(limit.always(), (long) (activeRequests * limit.percent() / 100));
        if (retries.incrementAndGet() > allowed) {
            retries.decrementAndGet();
            overflows.increment();
            return false;
        }
        return true;
    }

    public void end() {
        retries.decrementAndGet();
    }

    int active() {
        return retries.get();
    }

    /// How often a retry was not allowed.
    long overflows() {
        return overflows.sum();
    }
}
