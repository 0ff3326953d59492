package io.sallyport.telemetry;

/// Requests so far, of one destination or route.
///
/// @param buckets requests by their durations, not cumulated; one more than there are bounds
/// @param failures responses that are the server's failures
record TrafficCount(long[] buckets, long failures) {
    /// The sum of both.
    TrafficCount plus(TrafficCount other) {
        long[] sum = buckets.clone();
        for (int i = 0; i < sum.length; i++) {
            sum[i] += other.buckets[i];
        }
        return new TrafficCount(sum, failures + other.failures);
    }
}
