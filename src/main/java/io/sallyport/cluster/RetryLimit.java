package io.sallyport.cluster;

import java.time.Duration;

/// How much repeated attempts may add to what a cluster has to do: a share of its requests, but some always.
///
/// @param percent of the requests, 0 to 100
/// @param always allowed whatever the share is: so many at once, and so many a second
/// @param window over which requests and retries are counted, besides those that are under way; zero for not at all
/// @param countsEnded whether a share of the requests of the window may be under way at once, not only of the active
///     ones (`TrafficPolicy.RetryBudget.budget_interval` "overrides the default")
public record RetryLimit(double percent, int always, Duration window, boolean countsEnded) {
    /// `TrafficPolicy.RetryBudget`'s defaults, counted over ten seconds.
    public static final RetryLimit DEFAULT = new RetryLimit(20, 3, Duration.ofSeconds(10), false);

    /// A fixed number at once: `HTTPSettings.maxRetries`.
    public static RetryLimit fixed(int most) {
        return new RetryLimit(0, most, Duration.ZERO, false);
    }

    /// @param budgetInterval zero for none of its own
    public RetryLimit withInterval(Duration budgetInterval) {
        return budgetInterval.isZero() ? this : new RetryLimit(percent, always, budgetInterval, true);
    }

    boolean isCounted() {
        return !window.isZero();
    }

    /// @return whole retries
    long shareOf(long requests) {
        return (long) (requests * percent / 100);
    }
}
