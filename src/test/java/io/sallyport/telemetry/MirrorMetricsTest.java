package io.sallyport.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.client.CollectorRegistry;
import org.junit.jupiter.api.Test;

class MirrorMetricsTest {
    @Test
    void copiesAreCountedByClusterAndOutcomeAlsoBehindOtherObservers() {
        CollectorRegistry registry = new CollectorRegistry();
        RequestObserver observer =
                RequestObserver.NONE.and(MirrorMetrics.register(registry)).and(RequestObserver.NONE);

        observer.onMirrorEnd("outbound|80||audit", MirrorOutcome.ANSWERED);
        observer.onMirrorEnd("outbound|80||audit", MirrorOutcome.ANSWERED);
        observer.onMirrorEnd("outbound|80||audit", MirrorOutcome.CUT);

        assertThat(count(registry, "answered")).isEqualTo(2);
        assertThat(count(registry, "cut")).isEqualTo(1);
    }

    private static Double count(CollectorRegistry registry, String outcome) {
        return registry.getSampleValue(
                "sallyport_mirrored_requests_total",
                new String[] {"cluster", "outcome"},
                new String[] {"outbound|80||audit", outcome});
    }
}
