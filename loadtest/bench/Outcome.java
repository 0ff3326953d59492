package bench;

/// What a load saw.
///
/// @param count requests, or connections where each has one
/// @param p50 milliseconds, NaN where the tool does not say
/// @param failures requests that got no answer or another than 2xx
record Outcome(long count, double seconds, double p50, double p99, long failures) {}
