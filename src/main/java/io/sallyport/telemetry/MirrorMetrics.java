package io.sallyport.telemetry;

import io.sallyport.outcome.MirrorOutcome;
import io.sallyport.outcome.RequestFacts;
import io.sallyport.outcome.RequestObserver;
import io.sallyport.telemetry.MetricWriter.Type;
import java.io.IOException;
import java.util.Collection;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.Supplier;

/// `sallyport_mirrored_requests_total{cluster, outcome}`: copies of requests, by the cluster that was to get them.
public final class MirrorMetrics implements RequestObserver, MetricSource {
    /// Copies for one cluster, by the ordinal of their outcome.
    private static final class Copies {
        private final AtomicLongArray counts = new AtomicLongArray(MirrorOutcome.values().length);
        private final LastUse lastUse = new LastUse();
        private final long sinceMillis = System.currentTimeMillis();

        private long all() {
            long all = 0;
            for (int i = 0; i < counts.length(); i++) {
                all += counts.get(i);
            }
            return all;
        }
    }

    private final Map<String, Copies> byCluster = new ConcurrentHashMap<>();
    private final Supplier<Collection<String>> clusters;

    /// @param clusters names of the clusters that exist: counts of others are forgotten
    public MirrorMetrics(Supplier<Collection<String>> clusters) {
        this.clusters = clusters;
    }

    @Override
    public void onRequestEnd(RequestFacts facts) {}

    @Override
    public void onMirrorEnd(String cluster, MirrorOutcome outcome) {
        Copies copies = byCluster.get(cluster);
        if (copies == null) {
            copies = byCluster.computeIfAbsent(cluster, _ -> new Copies());
        }
        copies.counts.incrementAndGet(outcome.ordinal());
    }

    @Override
    public void write(MetricWriter out) throws IOException {
        out.family(
                "sallyport_mirrored_requests",
                Type.COUNTER,
                "Copies of requests that routes mirror, by what became of them.");
        for (Map.Entry<String, Copies> each : byCluster.entrySet()) {
            for (MirrorOutcome outcome : MirrorOutcome.values()) {
                long count = each.getValue().counts.get(outcome.ordinal());
                if (count > 0) {
                    out.labels()
                            .since(each.getValue().sinceMillis)
                            .label("cluster", each.getKey())
                            .label("outcome", outcome.name().toLowerCase(Locale.ROOT))
                            .sample(count);
                }
            }
        }
    }

    @Override
    public void forget(long nowMillis) {
        Set<String> served = new HashSet<>(clusters.get());
        // In one pass: a cluster that an event loop adds meanwhile has not been seen alive yet.
        byCluster.entrySet().removeIf(each -> {
            Copies copies = each.getValue();
            return copies.lastUse.isGone(copies.all(), served.contains(each.getKey()), nowMillis);
        });
    }
}
