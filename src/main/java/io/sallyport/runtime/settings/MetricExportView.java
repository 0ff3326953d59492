package io.sallyport.runtime.settings;

import io.sallyport.otlp.CollectorEndpoint;
import io.sallyport.otlp.MetricExport;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// The settings of the export of metrics in the types of the parts that use them. What cannot be read is an
/// IllegalArgumentException, which [SettingsCheck] reports before anybody else asks.
public final class MetricExportView {
    private static final String NONE = "none";
    private static final String OTLP = "otlp";

    private MetricExportView() {}

    /// The collector that gets metrics; null where nobody does.
    public static @Nullable CollectorEndpoint collector(Settings settings) {
        MetricExportSettings metrics = settings.metrics().otlp();
        CollectorView view = CollectorView.of(metrics);
        return isOn(metrics) && view.isThere() ? view.endpoint() : null;
    }

    /// Whether somebody is to get metrics, wherever that is.
    static boolean isOn(MetricExportSettings metrics) {
        boolean chosen = metrics.exporter()
                .map(exporter -> exporter.strip().equals(OTLP))
                .orElse(metrics.endpoint().isPresent());
        return chosen && !metrics.disabled();
    }

    /// When exports are made, and how long they may take.
    public static MetricExport.Times times(Settings settings) {
        MetricExportSettings metrics = settings.metrics().otlp();
        return new MetricExport.Times(interval(metrics.interval()), interval(metrics.exportTimeout()));
    }

    static void exporter(String text) {
        if (!text.strip().equals(OTLP) && !text.strip().equals(NONE)) {
            throw new IllegalArgumentException("must be otlp or none; /metrics is there in either case");
        }
    }

    static Duration interval(String text) {
        return CollectorView.duration(
                text, Duration.ofMillis(100), Duration.ofDays(1), "a duration such as 30s, of 100ms to a day");
    }

    /// In any case (OpenTelemetry, OTLP metrics exporter).
    static void temporality(String text) {
        if (!text.strip().toLowerCase(Locale.ROOT).equals("cumulative")) {
            throw new IllegalArgumentException(
                    "must be cumulative: a collector's processor cumulativetodelta makes differences of it");
        }
    }
}
