package io.sallyport.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.outcome.KeyFetchOutcome;
import io.sallyport.outcome.RequestObserver;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class KeyMetricsTest {
    private final Scraped scraped = new Scraped();
    private long now = 5;
    private final KeyMetrics metrics = new KeyMetrics(() -> now);

    @BeforeEach
    void show() {
        scraped.exposition.add(metrics);
    }

    private List<String> samples() {
        return scraped.lines().stream()
                .filter(line -> line.startsWith("sallyport_jwks"))
                .toList();
    }

    @Test
    void fetchesAreCountedAndKeysGrowOldAlsoBehindOtherObservers() {
        RequestObserver observer = RequestObserver.NONE.and(metrics).and(RequestObserver.NONE);
        observer.onKeyFetch("https://a.test/jwks", KeyFetchOutcome.FETCHED);
        now += 30_000_000_000L;
        observer.onKeyFetch("https://a.test/jwks", KeyFetchOutcome.FETCHED);
        now += 2_500_000_000L;
        observer.onKeyFetch("https://a.test/jwks", KeyFetchOutcome.TIMED_OUT);
        observer.onKeyFetch("https://b.test/jwks", KeyFetchOutcome.GUARDED);

        assertThat(samples())
                .containsExactly(
                        "sallyport_jwks_fetches_total{origin=\"https://a.test/jwks\",outcome=\"fetched\"} 2.0",
                        "sallyport_jwks_fetches_total{origin=\"https://a.test/jwks\",outcome=\"timed_out\"} 1.0",
                        "sallyport_jwks_fetches_total{origin=\"https://b.test/jwks\",outcome=\"guarded\"} 1.0",
                        "sallyport_jwks_age_seconds{origin=\"https://a.test/jwks\"} 2.5");
    }

    @Test
    void whatIsNotUsedAnyMoreIsGone() {
        metrics.onKeyFetch("https://a.test/jwks", KeyFetchOutcome.FETCHED);
        RequestObserver.NONE.and(metrics).onKeysUnused("https://a.test/jwks");

        assertThat(samples()).isEmpty();
    }

    @Test
    void beyondABoundOriginsShareACount() {
        for (int i = 0; i < 2_000; i++) {
            metrics.onKeyFetch("https://a.test/" + i, KeyFetchOutcome.REFUSED);
        }

        assertThat(samples())
                .hasSize(1_001)
                .contains("sallyport_jwks_fetches_total{origin=\"other\",outcome=\"refused\"} 1000.0");
    }
}
