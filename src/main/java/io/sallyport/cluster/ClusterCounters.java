package io.sallyport.cluster;

import java.util.concurrent.atomic.LongAdder;

/// What a cluster counts over all event loops since it began.
public final class ClusterCounters {
    /// Since when, milliseconds since 1970.
    public final long sinceMillis = System.currentTimeMillis();

    final LongAdder requests = new LongAdder();
    public final LongAdder connections = new LongAdder();
    public final LongAdder connectFailures = new LongAdder();
    public final LongAdder connectTimeouts = new LongAdder();
    public final LongAdder tlsFailures = new LongAdder();
    final LongAdder noEndpoint = new LongAdder();
}
