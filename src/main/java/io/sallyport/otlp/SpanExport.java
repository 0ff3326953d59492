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
import io.sallyport.telemetry.MetricWriter.Type;
import io.sallyport.trace.Collector;
import io.sallyport.upstream.UpstreamLoop;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/// Sends the spans of requests that have ended to their collectors. Event loops only put a request's facts into a
/// queue; a collector that is away, slow or refuses costs spans, which are counted, but never time of a request.
public final class SpanExport implements RequestObserver, MetricSource, AutoCloseable {
    /// Providers come and go with the configuration, and each has had a thread of its own.
    private static final int MOST_QUEUES = 64;

    private final RequestSpans spans;
    private final int capacity;
    private final @Nullable CollectorEndpoint ofSettings;
    private final Map<String, CollectorQueue> queues = new ConcurrentHashMap<>();
    private volatile @Nullable Running running;
    private volatile boolean closed;

    /// @param own the way to the collector that the settings name; null where they name none
    private record Running(
            UpstreamLoop loop,
            Supplier<Snapshot> snapshots,
            @Nullable Cluster own) {}

    /// @param capacity requests whose spans may wait for each event loop, for each collector
    /// @param ofSettings null where they name none
    public SpanExport(Instance instance, int capacity, @Nullable CollectorEndpoint ofSettings) {
        spans = new RequestSpans(instance);
        this.capacity = capacity;
        this.ofSettings = ofSettings;
    }

    /// Must be called before spans are exported; what ends before is dropped.
    ///
    /// @param loop that calls collectors
    /// @param snapshots gives the current one
    /// @throws CredentialException if the authorities of the settings' collector cannot be read
    public void start(UpstreamLoop loop, ClusterRegistry.Maker clusters, Supplier<Snapshot> snapshots)
            throws CredentialException {
        Cluster own = ofSettings == null ? null : clusters.create(ofSettings.spec(), null);
        running = new Running(loop, snapshots, own);
    }

    @Override
    public void onRequestEnd(RequestFacts facts) {
        RequestTrace trace = facts.trace;
        if (trace != null && trace.isReported()) {
            export(facts, trace.report);
        }
    }

    @Override
    public void onCopyEnd(RequestFacts facts) {
        onRequestEnd(facts);
    }

    private void export(RequestFacts facts, @Nullable SpanOptions options) {
        Running now = running;
        if (options == null || now == null || closed) {
            return;
        }
        CollectorQueue queue = queues.get(options.collector());
        if (queue == null && queues.size() < MOST_QUEUES) {
            queue = queues.computeIfAbsent(options.collector(), name -> started(name, now));
        }
        if (queue != null) {
            queue.offer(facts);
        }
    }

    private CollectorQueue started(String name, Running now) {
        CollectorQueue queue = new CollectorQueue(spans, capacity, () -> destination(name, now), now.loop);
        queue.start();
        return queue;
    }

    private @Nullable Destination destination(String name, Running now) {
        if (name.isEmpty()) {
            return ofSettings == null || now.own == null ? null : new Destination(ofSettings.collector(), now.own);
        }
        Snapshot current = now.snapshots.get();
        Collector collector = current.traces().collectors().get(name);
        Cluster cluster = collector == null ? null : current.clusters().cluster(collector.cluster());
        return collector == null || cluster == null ? null : new Destination(collector, cluster);
    }

    @Override
    public void write(MetricWriter out) throws IOException {
        if (queues.isEmpty()) {
            return;
        }
        out.family("sallyport_trace_spans", Type.COUNTER, "Spans, by collector and by what became of them.");
        for (Map.Entry<String, CollectorQueue> each : queues.entrySet()) {
            sample(out, each, "exported", CollectorQueue::exported);
            sample(out, each, "failed", CollectorQueue::failed);
            sample(out, each, "rejected", CollectorQueue::rejected);
        }
        out.family(
                "sallyport_trace_dropped_requests",
                Type.COUNTER,
                "Requests whose spans were lost because their collector did not keep up.");
        for (Map.Entry<String, CollectorQueue> each : queues.entrySet()) {
            out.labels()
                    .label("collector", each.getKey())
                    .sample(each.getValue().dropped());
        }
    }

    private static void sample(
            MetricWriter out,
            Map.Entry<String, CollectorQueue> of,
            String outcome,
            ToLongFunction<CollectorQueue> count)
            throws IOException {
        out.labels().label("collector", of.getKey()).label("outcome", outcome).sample(count.applyAsLong(of.getValue()));
    }

    /// Sends what is waiting, for a few seconds at most. Must come before the event loops end.
    @Override
    public void close() {
        closed = true;
        queues.values().forEach(CollectorQueue::close);
        Running now = running;
        if (now != null && now.own != null) {
            now.own.close();
        }
    }
}
