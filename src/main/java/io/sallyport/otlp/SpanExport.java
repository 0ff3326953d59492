package io.sallyport.otlp;

import io.sallyport.cluster.Cluster;
import io.sallyport.cluster.ClusterRegistry;
import io.sallyport.identity.CredentialException;
import io.sallyport.outcome.RequestFacts;
import io.sallyport.outcome.RequestObserver;
import io.sallyport.outcome.RequestTrace;
import io.sallyport.outcome.SpanOptions;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.telemetry.MetricSource;
import io.sallyport.telemetry.MetricWriter;
import io.sallyport.upstream.UpstreamLoop;
import java.io.IOException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Sends the spans of requests that have ended to their collectors. Event loops only put a request's facts into a
/// queue; a collector that is away, slow or refuses costs spans, which are counted, but never time of a request.
public final class SpanExport implements RequestObserver, MetricSource, AutoCloseable {
    private final CollectorQueues queues;
    private final @Nullable CollectorEndpoint ofSettings;
    private volatile @Nullable Cluster own;

    /// @param capacity requests whose spans may wait for each event loop, for each collector
    /// @param ofSettings null where they name none
    public SpanExport(Instance instance, int capacity, @Nullable CollectorEndpoint ofSettings) {
        queues = new CollectorQueues(capacity, _ -> new RequestSpans(instance));
        this.ofSettings = ofSettings;
    }

    /// Must be called before spans are exported; what ends before is dropped.
    ///
    /// @param loop that calls collectors
    /// @param snapshots gives the current one
    /// @throws CredentialException if the authorities of the settings' collector cannot be read
    public void start(UpstreamLoop loop, ClusterRegistry.Maker clusters, Supplier<Snapshot> snapshots)
            throws CredentialException {
        Cluster made = ofSettings == null ? null : clusters.create(ofSettings.spec(), null);
        own = made;
        Destination named = ofSettings == null || made == null ? null : new Destination(ofSettings.collector(), made);
        queues.start(loop, name -> {
            if (name.isEmpty()) {
                return named;
            }
            Snapshot current = snapshots.get();
            return Destination.of(current.traces().collectors().get(name), current);
        });
    }

    @Override
    public void onRequestEnd(RequestFacts facts) {
        RequestTrace trace = facts.trace;
        SpanOptions options = trace == null || !trace.isReported() ? null : trace.report;
        if (options != null) {
            queues.offer(options.collector(), facts);
        }
    }

    @Override
    public void onCopyEnd(RequestFacts facts) {
        onRequestEnd(facts);
    }

    @Override
    public void write(MetricWriter out) throws IOException {
        queues.write(
                out,
                "sallyport_trace_spans",
                "Spans, by collector and by what became of them.",
                "sallyport_trace_dropped_requests",
                "Requests whose spans were lost because their collector did not keep up.");
    }

    /// Sends what is waiting, for a few seconds at most. Must come before the event loops end.
    @Override
    public void close() {
        queues.close();
        Cluster made = own;
        if (made != null) {
            made.close();
        }
    }
}
