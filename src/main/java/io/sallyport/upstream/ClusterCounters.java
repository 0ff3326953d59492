package io.sallyport.upstream;

import java.util.concurrent.atomic.LongAdder;

/// What a cluster counts over all event loops since it began.
final class ClusterCounters {
    final LongAdder requests = new LongAdder();
    final LongAdder connections = new LongAdder();
    final LongAdder connectFailures = new LongAdder();
    final LongAdder connectTimeouts = new LongAdder();
    final LongAdder tlsFailures = new LongAdder();
    final LongAdder noEndpoint = new LongAdder();
}
