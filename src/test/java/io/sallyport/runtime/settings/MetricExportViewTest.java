package io.sallyport.runtime.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.otlp.CollectorEndpoint;
import io.sallyport.otlp.MetricExport;
import io.sallyport.trace.Collector;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// OpenTelemetry's variables for metrics, and the settings that stand for them.
class MetricExportViewTest {
    private static final Duration HALF_A_MINUTE = Duration.ofSeconds(30);

    private static Settings otel(String... namesAndValues) throws SettingsException {
        Map<String, String> environment = new HashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            environment.put("OTEL_" + namesAndValues[i], namesAndValues[i + 1]);
        }
        return SettingsLoader.load(Map.of(), environment, List.of());
    }

    private static CollectorEndpoint collector(String... namesAndValues) throws SettingsException {
        return Objects.requireNonNull(MetricExportView.collector(otel(namesAndValues)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "EXPORTER_OTLP_ENDPOINT=http://c:4317",
                "EXPORTER_OTLP_TRACES_ENDPOINT=http://c:4317",
                "METRICS_EXPORTER=none EXPORTER_OTLP_METRICS_ENDPOINT=http://c:4317",
                "SDK_DISABLED=true METRICS_EXPORTER=otlp EXPORTER_OTLP_METRICS_ENDPOINT=http://c:4317",
                "METRICS_EXPORTER=otlp SDK_DISABLED=true",
            })
    void nobodyGetsMetricsUnlessItIsSaidOfMetrics(String variables) throws Exception {
        String[] namesAndValues = variables.isEmpty() ? new String[0] : variables.split("[ =]");
        assertThat(MetricExportView.collector(otel(namesAndValues))).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "EXPORTER_OTLP_METRICS_ENDPOINT, http://c:4318/as/it-is, '', /as/it-is",
        "EXPORTER_OTLP_METRICS_ENDPOINT, http://c:4317, otlp, /",
        "EXPORTER_OTLP_ENDPOINT, http://c:4318, otlp, /v1/metrics",
        "EXPORTER_OTLP_ENDPOINT, http://c:4318/otlp/, otlp, /otlp/v1/metrics",
    })
    void anEndpointOfMetricsIsEnoughAndTheOneOfAllNeedsTheExporter(
            String name, String url, String exporter, String path) throws Exception {
        CollectorEndpoint endpoint = collector(name, url, "METRICS_EXPORTER", exporter);
        assertThat(endpoint.collector().path()).isEqualTo(path);
        assertThat(endpoint.host()).isEqualTo("c");
    }

    @Test
    void whatIsSaidOfMetricsWinsOverWhatIsSaidOfAll() throws Exception {
        CollectorEndpoint endpoint = collector(
                "EXPORTER_OTLP_ENDPOINT", "http://all:4317",
                "EXPORTER_OTLP_METRICS_ENDPOINT", "https://metrics:4318/x",
                "EXPORTER_OTLP_PROTOCOL", "grpc",
                "EXPORTER_OTLP_METRICS_PROTOCOL", "http/protobuf",
                "EXPORTER_OTLP_HEADERS", "a=1",
                "EXPORTER_OTLP_METRICS_HEADERS", "api-key=2",
                "EXPORTER_OTLP_TIMEOUT", "1000",
                "EXPORTER_OTLP_METRICS_TIMEOUT", "2s",
                "EXPORTER_OTLP_METRICS_COMPRESSION", "gzip",
                "EXPORTER_OTLP_METRICS_CERTIFICATE", "/roots.pem");
        assertThat(endpoint)
                .isEqualTo(new CollectorEndpoint(
                        new Collector(
                                "",
                                "",
                                Collector.Protocol.HTTP_PROTOBUF,
                                "metrics:4318",
                                "/x",
                                List.of(Map.entry("api-key", "2")),
                                Duration.ofSeconds(2),
                                true),
                        "metrics",
                        4318,
                        true,
                        Path.of("/roots.pem")));
    }

    @Test
    void whatIsSaidOfAllHoldsForMetricsToo() throws Exception {
        CollectorEndpoint endpoint = collector(
                "METRICS_EXPORTER", "otlp",
                "EXPORTER_OTLP_ENDPOINT", "https://all",
                "EXPORTER_OTLP_PROTOCOL", "http/protobuf",
                "EXPORTER_OTLP_HEADERS", "a=1",
                "EXPORTER_OTLP_TIMEOUT", "1000",
                "EXPORTER_OTLP_COMPRESSION", "gzip",
                "EXPORTER_OTLP_CERTIFICATE", "/roots.pem");
        assertThat(endpoint.roots()).isEqualTo(Path.of("/roots.pem"));
        assertThat(endpoint.collector().gzip()).isTrue();
        assertThat(endpoint.collector().timeout()).isEqualTo(Duration.ofSeconds(1));
        assertThat(endpoint.collector().headers()).containsExactly(Map.entry("a", "1"));
        assertThat(endpoint.collector().protocol()).isEqualTo(Collector.Protocol.HTTP_PROTOBUF);
    }

    @ParameterizedTest
    @CsvSource({"'', PT1M", "500, PT0.5S", "30s, PT30S", "5m, PT5M"})
    void theIntervalIsInMillisecondsOrHasAUnit(String text, Duration interval) throws Exception {
        Settings settings = text.isEmpty() ? otel() : otel("METRIC_EXPORT_INTERVAL", text);
        assertThat(MetricExportView.times(settings)).isEqualTo(new MetricExport.Times(interval, HALF_A_MINUTE));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "METRICS_EXPORTER | prometheus | exporter | must be otlp or none; /metrics is there",
                "METRICS_EXPORTER | otlp | exporter | needs sallyport.metrics.otlp.endpoint",
                "EXPORTER_OTLP_METRICS_ENDPOINT | collector:4317 | endpoint | must be http://host:port",
                "EXPORTER_OTLP_METRICS_PROTOCOL | http/json | protocol | must be grpc or http/protobuf",
                "EXPORTER_OTLP_METRICS_HEADERS | a b=c | headers | is not a header",
                "EXPORTER_OTLP_METRICS_TIMEOUT | soon | timeout | must be milliseconds",
                "EXPORTER_OTLP_METRICS_COMPRESSION | zstd | compression | must be gzip or none",
                "METRIC_EXPORT_INTERVAL | 99 | interval | must be milliseconds, or a duration such as 30s",
                "METRIC_EXPORT_INTERVAL | 25h | interval | must be milliseconds, or a duration such as 30s",
                "METRIC_EXPORT_TIMEOUT | never | export-timeout | must be milliseconds, or a duration such as 30s",
                "EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE | delta | temporality | must be cumulative",
                "EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE | lowmemory | temporality | must be cumulative",
            })
    void aWrongOneIsNamed(String name, String value, String key, String reason) {
        boolean exporter = name.equals("METRICS_EXPORTER");
        String[] namesAndValues = exporter || name.endsWith("METRICS_ENDPOINT")
                ? new String[] {name, value}
                : new String[] {name, value, "EXPORTER_OTLP_METRICS_ENDPOINT", "http://c:1"};
        assertThatThrownBy(() -> otel(namesAndValues))
                .isInstanceOfSatisfying(SettingsException.class, refused -> assertThat(refused.problems())
                        .singleElement()
                        .satisfies(problem -> {
                            assertThat(problem.key()).isEqualTo("sallyport.metrics.otlp." + key);
                            assertThat(problem.reason()).contains(reason);
                        }));
    }

    @Test
    void variablesForOtherProgramsDoNotMatterWhereNoMetricsAreSent() throws Exception {
        Settings settings = otel(
                "EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "delta",
                "EXPORTER_OTLP_METRICS_PROTOCOL", "http/json",
                "METRIC_EXPORT_INTERVAL", "never");
        assertThat(MetricExportView.collector(settings)).isNull();
    }

    @Test
    void cumulativeMayBeWrittenInAnyCase() throws Exception {
        assertThat(collector(
                        "EXPORTER_OTLP_METRICS_ENDPOINT", "http://c:1",
                        "EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "Cumulative"))
                .isNotNull();
    }
}
