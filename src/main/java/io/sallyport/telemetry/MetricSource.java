package io.sallyport.telemetry;

import java.io.IOException;

/// Metrics that may have any number of label sets: they are written sample by sample when somebody scrapes, so that a
/// scrape needs no memory for all of them.
public interface MetricSource {
    /// Writes each of its families once, with all samples.
    ///
    /// @throws IOException if nobody reads any more
    void write(MetricWriter out) throws IOException;

    /// Forgets what has been gone for an hour. Called once a minute, and before scrapes.
    ///
    /// @param nowMillis a clock that never goes back
    default void forget(long nowMillis) {}
}
