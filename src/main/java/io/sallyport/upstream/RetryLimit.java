package io.sallyport.upstream;

/// How many repeated attempts may be under way to a cluster at once: a share of its active requests, but some always.
///
/// @param percent of the active requests, 0 to 100
/// @param always allowed whatever the share is
public record RetryLimit(double percent, int always) {
    /// `TrafficPolicy.RetryBudget`'s defaults.
    public static final RetryLimit DEFAULT = new RetryLimit(20, 3);

    /// A fixed number: `HTTPSettings.maxRetries`.
    public static RetryLimit fixed(int most) {
        return new RetryLimit(0, most);
    }
}
