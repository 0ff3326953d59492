package io.sallyport.upstream;

import java.util.concurrent.atomic.AtomicInteger;

/// Bounds the load that repeated attempts add to a cluster that cannot be connected to: as many may be under way as a
/// fifth of its requests, and three always (Envoy's retry budget with its defaults). Shared by all event loops.
public final class RetryBudget {
    private static final int PERCENT = 20;
    private static final int ALWAYS = 3;

    private final AtomicInteger retries = new AtomicInteger();

    /// Takes a retry out of the budget, to be given back by [#end].
    ///
    /// @param activeRequests of the cluster
    /// @return false where the budget is used up: the request fails as it is
    public boolean begin(long activeRequests) {
        long allowed = Math.max(ALWAYS, activeRequests * PERCENT / 100);
        if (retries.incrementAndGet() > allowed) {
            retries.decrementAndGet();
            return false;
        }
        return true;
    }

    public void end() {
        retries.decrementAndGet();
    }
}
