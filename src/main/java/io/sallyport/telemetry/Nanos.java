package io.sallyport.telemetry;

/// Durations as they are told: measured in nanoseconds, told in milliseconds.
final class Nanos {
    private static final long PER_MILLI = 1_000_000;

    private Nanos() {}

    /// Whole milliseconds, as Envoy's log has them.
    static long toMillis(long nanos) {
        return nanos / PER_MILLI;
    }
}
