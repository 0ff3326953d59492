package io.sallyport.otlp;

import io.sallyport.cluster.Cluster;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.trace.Collector;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// A collector and the way to it.
record Destination(Collector collector, Cluster cluster) {
    /// The same with less time for one batch.
    Destination within(Duration longest) {
        return new Destination(collector.within(longest), cluster);
    }

    /// By the cluster that a provider's service has in that generation; null where there is none.
    static @Nullable Destination of(@Nullable Collector collector, Snapshot current) {
        Cluster cluster = collector == null ? null : current.clusters().cluster(collector.cluster());
        return collector == null || cluster == null ? null : new Destination(collector, cluster);
    }
}
