package io.sallyport.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.testing.MetricSamples;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What a gateway that has met each kind of traffic sends to a collector is what a scrape gets.
@Timeout(180)
class ExportedMetricsTest {
    private final MetricSamples scraped =
            MetricSamples.ofText(RecordedTraffic.recorded().after());
    private final MetricSamples exported =
            MetricSamples.of(List.of(RecordedTraffic.recorded().exported()));

    @Test
    void everySeriesIsThere() {
        assertThat(exported.values().keySet())
                .isEqualTo(scraped.values().keySet())
                .hasSizeGreaterThan(500);
        assertThat(exported.helps()).isEqualTo(scraped.helps());
    }

    @Test
    void whatHasBeenCountedIsTheSame() {
        assertThat(istios(exported.values()))
                .isEqualTo(istios(scraped.values()))
                .hasSizeGreaterThan(100);
    }

    private static Map<String, Double> istios(Map<String, Double> all) {
        Map<String, Double> some = new TreeMap<>(all);
        some.keySet().removeIf(series -> !series.startsWith("istio_"));
        return some;
    }
}
