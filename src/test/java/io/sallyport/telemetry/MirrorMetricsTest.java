package io.sallyport.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.outcome.MirrorOutcome;
import io.sallyport.outcome.RequestObserver;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MirrorMetricsTest {
    private final Scraped scraped = new Scraped();
    private final Set<String> clusters = new HashSet<>(Set.of("outbound|80||audit"));
    private final MirrorMetrics metrics = new MirrorMetrics(() -> clusters);

    @BeforeEach
    void show() {
        scraped.exposition.add(metrics);
    }

    private List<String> samples() {
        return scraped.lines().stream()
                .filter(line -> line.startsWith("sallyport_mirrored_requests_total{"))
                .toList();
    }

    @Test
    void copiesAreCountedByClusterAndOutcomeAlsoBehindOtherObservers() {
        RequestObserver observer = RequestObserver.NONE.and(metrics).and(RequestObserver.NONE);

        observer.onMirrorEnd("outbound|80||audit", MirrorOutcome.ANSWERED);
        observer.onMirrorEnd("outbound|80||audit", MirrorOutcome.ANSWERED);
        observer.onMirrorEnd("outbound|80||audit", MirrorOutcome.CUT);

        assertThat(samples())
                .containsExactly(
                        "sallyport_mirrored_requests_total{cluster=\"outbound|80||audit\",outcome=\"answered\"} 2.0",
                        "sallyport_mirrored_requests_total{cluster=\"outbound|80||audit\",outcome=\"cut\"} 1.0");
    }

    @Test
    void clustersThatAreGoneLeaveAfterAnHour() {
        metrics.onMirrorEnd("outbound|80||audit", MirrorOutcome.ANSWERED);
        minutes(600);
        assertThat(samples()).hasSize(1);

        clusters.clear();
        minutes(59);
        assertThat(samples()).hasSize(1);
        minutes(2);
        assertThat(samples()).isEmpty();
    }

    private void minutes(int count) {
        for (int i = 0; i < count; i++) {
            scraped.clock.addAndGet(60_000);
            scraped.exposition.forget();
        }
    }
}
