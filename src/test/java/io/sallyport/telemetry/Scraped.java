package io.sallyport.telemetry;

import io.micrometer.prometheus.PrometheusConfig;
import io.micrometer.prometheus.PrometheusMeterRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/// An exposition on a clock that stands still, and what a scrape of it gets.
public final class Scraped {
    final AtomicLong clock = new AtomicLong(-1_000_000);
    public final Exposition exposition =
            new Exposition(new PrometheusMeterRegistry(PrometheusConfig.DEFAULT), clock::get);

    static final HistogramBounds BOUNDS = new HistogramBounds(
            List.of(1.0, 5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 500.0, 1000.0, 5000.0, 30_000.0),
            List.of(100.0, 1000.0),
            List.of());

    String text(MetricFormat format) {
        var out = new ByteArrayOutputStream();
        try {
            exposition.write(format, out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    String text() {
        return text(MetricFormat.TEXT);
    }

    public List<String> lines() {
        return text().lines().toList();
    }
}
