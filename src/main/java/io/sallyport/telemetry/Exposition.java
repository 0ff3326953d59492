package io.sallyport.telemetry;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.prometheus.PrometheusConfig;
import io.micrometer.prometheus.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongSupplier;

/// All metrics: those with a fixed number of series, in Micrometer's registry, and the sources of those with any
/// number of label sets.
public final class Exposition {
    /// How long series are still shown after what they count has gone.
    public static final long GONE_MILLIS = 3_600_000;

    private static final long FORGETTING_MILLIS = 60_000;

    private final PrometheusMeterRegistry registry;
    private final LongSupplier millis;
    private final List<MetricSource> sources = new CopyOnWriteArrayList<>();
    private long forgottenAt;

    /// @param millis a clock that never goes back
    public Exposition(PrometheusMeterRegistry registry, LongSupplier millis) {
        this.registry = registry;
        this.millis = millis;
        forgottenAt = millis.getAsLong();
        sources.add(new RegistryMetrics(registry.getPrometheusRegistry()));
    }

    /// A registry that takes no meters whose names and help texts do not fit Prometheus, and makes no histograms and
    /// quantiles of its own.
    public static PrometheusMeterRegistry emptyRegistry() {
        var registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        // promtool's check objects to the names of the two, of which `process_cpu_usage` has the useful part, and to
        // the want of help texts in Netty's.
        registry.config()
                .meterFilter(MeterFilter.denyNameStartsWith("netty."))
                .meterFilter(MeterFilter.denyNameStartsWith("process.cpu.time"))
                .meterFilter(MeterFilter.denyNameStartsWith("system.cpu.count"))
                .meterFilter(new PlainSummaries());
        return registry;
    }

    /// For metrics with a fixed number of series.
    public MeterRegistry registry() {
        return registry;
    }

    public void add(MetricSource source) {
        sources.add(source);
    }

    /// Forgets what has been gone for an hour; does nothing where it has done so within the last minute.
    public synchronized void forget() {
        long now = millis.getAsLong();
        if (now - forgottenAt >= FORGETTING_MILLIS) {
            forgottenAt = now;
            sources.forEach(source -> source.forget(now));
        }
    }

    /// Writes all metrics as text.
    ///
    /// @param out gets some 64 KiB at a time
    /// @throws IOException if `out` does
    public void write(MetricFormat format, OutputStream out) throws IOException {
        MetricText text = new MetricText(format, out);
        write(text);
        text.close();
    }

    /// Hands over all metrics.
    ///
    /// @throws IOException if `out` does
    public void write(MetricWriter out) throws IOException {
        forget();
        for (MetricSource source : sources) {
            source.write(out);
        }
    }
}
