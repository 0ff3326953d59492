package io.sallyport.route;

import java.time.Duration;

/// When a request is sent again, and how (`HTTPRetry`).
///
/// @param attempts tries after the first; 0 for none at all
/// @param perTryTimeout of each try, connecting included; zero for the route's
/// @param lateTries whether a try that took longer than `perTryTimeout` is followed by another for an idempotent
///     request (RFC 9110, 9.2.2), whatever `on` says. So where `perTryTimeout` is given and `retryOn` is not: Istio's
///     default conditions do not cover a late try, which would leave that time without a use
/// @param backoff the base B of the pauses: before the n-th retry, at random 0 to (2^n - 1) B and at most 10 B (Envoy,
///     `RetryBackOff`)
/// @param triedHosts (`retryIgnorePreviousHosts`)
/// @param avoidsTriedLocalities while there are endpoints in others (`retryRemoteLocalities`)
/// @param source where it is from; none for the default
public record RetryPolicy(
        int attempts,
        RetryConditions on,
        Duration perTryTimeout,
        boolean lateTries,
        Duration backoff,
        TriedHosts triedHosts,
        boolean avoidsTriedLocalities,
        SourceLine source) {

    /// Envoy's `RetryBackOff.base_interval`.
    public static final Duration DEFAULT_BACKOFF = Duration.ofMillis(25);
    private static final int LONGEST_BACKOFF = 10;
    private static final int FARTHEST_DOUBLING = 16;

    /// Istio's for a route that says nothing.
    public static final RetryPolicy DEFAULT = of(2, SourceLine.NONE);

    /// No retries (`attempts: 0`).
    public static RetryPolicy off(SourceLine source) {
        return of(0, source);
    }

    private static RetryPolicy of(int attempts, SourceLine source) {
        return new RetryPolicy(
                attempts,
                RetryConditions.DEFAULT,
                Duration.ZERO,
                false,
                DEFAULT_BACKOFF,
                TriedHosts.AVOIDED_UNLESS_HASHED,
                false,
                source);
    }

    /// @param hashed whether the route's only cluster keeps requests together (Istio's pilot asks no others)
    public boolean avoidsTriedHosts(boolean hashed) {
        return triedHosts == TriedHosts.AVOIDED || (triedHosts == TriedHosts.AVOIDED_UNLESS_HASHED && !hashed);
    }

    public boolean isOff() {
        return attempts == 0;
    }

    /// The longest pause before the n-th retry.
    public long backoffNanos(int retry) {
        long base = backoff.toNanos();
        long steps = retry >= FARTHEST_DOUBLING ? LONGEST_BACKOFF : Math.min((1L << retry) - 1, LONGEST_BACKOFF);
        return base * steps;
    }
}
