package io.sallyport.otlp;

import io.sallyport.format.LogPlan;
import io.sallyport.format.LogRecords;
import io.sallyport.outcome.LoggedFields;
import io.sallyport.outcome.RequestFacts;
import io.sallyport.outcome.RequestObserver;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.telemetry.MetricSource;
import io.sallyport.telemetry.MetricWriter;
import io.sallyport.upstream.UpstreamLoop;
import java.io.IOException;
import java.util.List;
import java.util.function.Supplier;

/// Sends the access log to the collectors that a request's configuration names, MeshConfig's `envoyOtelAls` providers.
/// As with spans, a collector that is away, slow or refuses costs records, which are counted, but never time of a
/// request.
public final class LogExport implements RequestObserver, MetricSource, AutoCloseable {
    private final CollectorQueues queues;

    /// @param capacity requests that may wait for each event loop, for each collector
    public LogExport(Instance instance, int capacity) {
        queues = new CollectorQueues(capacity, provider -> new RequestRecords(provider, instance));
    }

    /// Must be called before requests are logged; what ends before is dropped.
    ///
    /// @param loop that calls collectors
    /// @param snapshots gives the current one
    public void start(UpstreamLoop loop, Supplier<Snapshot> snapshots) {
        queues.start(loop, name -> {
            Snapshot current = snapshots.get();
            return Destination.of(current.log().collectors().get(name), current);
        });
    }

    @Override
    public void onRequestEnd(RequestFacts facts) {
        LoggedFields log = facts.log;
        LogPlan plan = log == null ? null : log.plan;
        if (plan == null) {
            return;
        }
        List<LogPlan.Placed> collectors = plan.collectors();
        for (int i = 0; i < collectors.size(); i++) {
            LogRecords records = collectors.get(i).sink().records();
            if (records != null) {
                queues.offer(records.provider(), facts);
            }
        }
    }

    @Override
    public void write(MetricWriter out) throws IOException {
        queues.write(
                out,
                "sallyport_access_log_records",
                "Records of the access log, by collector and by what became of them.",
                "sallyport_access_log_dropped_requests",
                "Requests without a record, because their collector did not keep up.");
    }

    /// Sends what is waiting, for a few seconds at most. Must come before the event loops end.
    @Override
    public void close() {
        queues.close();
    }
}
