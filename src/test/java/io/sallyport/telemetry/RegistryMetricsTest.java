package io.sallyport.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmInfoMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheus.PrometheusMeterRegistry;
import io.prometheus.client.exporter.common.TextFormat;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What Micrometer's registry has is written as its own library would.
class RegistryMetricsTest {
    private final PrometheusMeterRegistry registry = Exposition.emptyRegistry();

    private List<String> ours(MetricFormat format) throws IOException {
        var out = new ByteArrayOutputStream();
        new Exposition(registry, () -> 0).write(format, out);
        return out.toString(StandardCharsets.UTF_8).lines().map(this::plain).toList();
    }

    private List<String> theirs(MetricFormat format) throws IOException {
        var out = new StringWriter();
        TextFormat.writeFormat(
                format.contentType(), out, registry.getPrometheusRegistry().metricFamilySamples());
        return out.toString().lines().map(this::plain).toList();
    }

    /// Without the comma behind the last label, which the library writes, and with whole numbers as they are.
    private String plain(String line) {
        int space = line.lastIndexOf(' ');
        if (line.startsWith("#") || space < 0) {
            return line;
        }
        String value = line.substring(space + 1);
        return line.substring(0, space).replace(",}", "}")
                + ' '
                + (value.endsWith("Inf") ? value : Double.parseDouble(value));
    }

    private static String series(String line) {
        return line.startsWith("#") ? line : line.substring(0, line.lastIndexOf(' '));
    }

    @ParameterizedTest
    @EnumSource(MetricFormat.class)
    void everySampleIsTheLibrarys(MetricFormat format) throws Exception {
        Counter.builder("a.b")
                .description("Quoted \"a\"\nand \\")
                .register(registry)
                .increment(3);
        Counter.builder("a.c").tag("x", "1").register(registry).increment(0.25);
        Counter.builder("a.c").tag("x", "č\"\\\n").register(registry).increment(1e18);
        Gauge.builder("g", () -> Double.NaN).tag("p.q", "").register(registry);
        Gauge.builder("h.seconds", () -> Double.NEGATIVE_INFINITY).register(registry);
        Gauge.builder("i", () -> 1_777_636_800.5).baseUnit("seconds").register(registry);
        Gauge.builder("j", () -> -3).register(registry);
        MultiGauge.builder("k")
                .register(registry)
                .register(List.of(MultiGauge.Row.of(Tags.of("l", "m", "n", "o"), () -> 7)), true);
        Timer.builder("t").tag("y", "z").register(registry).record(Duration.ofMillis(1500));
        Timer.builder("t").tag("y", "w").register(registry).record(Duration.ofMillis(2));
        DistributionSummary.builder("u").baseUnit("bytes").register(registry).record(12);

        assertThat(ours(format))
                .containsExactlyInAnyOrderElementsOf(theirs(format))
                .hasSizeGreaterThan(30);
    }

    /// Of the JVM and the process.
    @Test
    void everySeriesThatQuarkusBindsIsThere() throws Exception {
        try (JvmGcMetrics collections = new JvmGcMetrics()) {
            collections.bindTo(registry);
            List.of(
                            new JvmMemoryMetrics(),
                            new JvmThreadMetrics(),
                            new JvmInfoMetrics(),
                            new ClassLoaderMetrics(),
                            new ProcessorMetrics(),
                            new FileDescriptorMetrics(),
                            new UptimeMetrics())
                    .forEach(binder -> binder.bindTo(registry));
            System.gc();

            // A collection is reported when it is over.
            await().untilAsserted(() -> assertThat(ours(MetricFormat.TEXT))
                    .extracting(RegistryMetricsTest::series)
                    .anyMatch(series -> series.startsWith("jvm_gc_pause_seconds_sum{"))
                    .containsExactlyInAnyOrderElementsOf(theirs(MetricFormat.TEXT).stream()
                            .map(RegistryMetricsTest::series)
                            .toList()));
        }
    }

    @Test
    void noMeterGetsBucketsOrQuantiles() throws Exception {
        Timer.builder("t")
                .publishPercentileHistogram()
                .publishPercentiles(0.5, 0.99)
                .serviceLevelObjectives(Duration.ofMillis(1))
                .register(registry)
                .record(Duration.ofMillis(3));

        assertThat(ours(MetricFormat.TEXT))
                .isEqualTo(theirs(MetricFormat.TEXT))
                .contains("t_seconds_count 1.0", "t_seconds_sum 0.003")
                .noneMatch(line -> line.contains("{"));
    }
}
