package io.sallyport.telemetry;

import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Counter;
import java.util.Locale;

/// `sallyport_mirrored_requests_total{cluster, outcome}`: copies of requests, by the cluster that was to get them.
public final class MirrorMetrics implements RequestObserver {
    private final Counter copies;

    private MirrorMetrics(Counter copies) {
        this.copies = copies;
    }

    public static MirrorMetrics register(CollectorRegistry registry) {
        return new MirrorMetrics(Counter.build(
                        "sallyport_mirrored_requests", "Copies of requests that routes mirror, by what became of them.")
                .labelNames("cluster", "outcome")
                .register(registry));
    }

    @Override
    public void onRequestEnd(RequestFacts facts) {}

    @Override
    public void onMirrorEnd(String cluster, MirrorOutcome outcome) {
        copies.labels(cluster, outcome.name().toLowerCase(Locale.ROOT)).inc();
    }
}
