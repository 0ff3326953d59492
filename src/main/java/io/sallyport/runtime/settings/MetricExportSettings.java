package io.sallyport.runtime.settings;

import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Settings under `sallyport.metrics.otlp`. OpenTelemetry's own variables, which they are by default, mean what its
/// specification says (Environment Variable Specification; OTLP Exporter Configuration), but for who gets metrics:
/// nobody, unless a variable or setting of metrics says so, for most gateways are scraped.
public interface MetricExportSettings {
    @Meaning("Sends no metrics, whatever else is set.")
    @WithDefault("${OTEL_SDK_DISABLED:false}")
    boolean disabled();

    @Meaning("`otlp` sends all metrics to a collector, `none` does not; `/metrics` is there in either case. Unset:"
            + " `otlp` where `endpoint` is set.")
    @WithDefault("${OTEL_METRICS_EXPORTER:}")
    Optional<String> exporter();

    @Meaning("Where metrics go, as it is: `http://collector:4317`, or `https://collector:4318/v1/metrics`.")
    @WithDefault("${OTEL_EXPORTER_OTLP_METRICS_ENDPOINT:}")
    Optional<String> endpoint();

    @Meaning("Where metrics go if `exporter` is `otlp` and `endpoint` is not set, without the path `/v1/metrics`, which"
            + " is added with `http/protobuf`.")
    @WithDefault("${OTEL_EXPORTER_OTLP_ENDPOINT:}")
    Optional<String> baseEndpoint();

    @Meaning("`grpc` or `http/protobuf`.")
    @WithDefault("${OTEL_EXPORTER_OTLP_METRICS_PROTOCOL:${OTEL_EXPORTER_OTLP_PROTOCOL:grpc}}")
    String protocol();

    @Meaning("Headers of what is sent to the collector, `name=value,…`, values percent-encoded.")
    @WithDefault("${OTEL_EXPORTER_OTLP_METRICS_HEADERS:${OTEL_EXPORTER_OTLP_HEADERS:}}")
    Optional<List<String>> headers();

    @Meaning("Longest time for one request to the collector, milliseconds, or with a unit: `10s`.")
    @WithDefault("${OTEL_EXPORTER_OTLP_METRICS_TIMEOUT:${OTEL_EXPORTER_OTLP_TIMEOUT:10000}}")
    String timeout();

    @Meaning("`gzip` or `none`.")
    @WithDefault("${OTEL_EXPORTER_OTLP_METRICS_COMPRESSION:${OTEL_EXPORTER_OTLP_COMPRESSION:none}}")
    String compression();

    @Meaning(
            "PEM file with the authorities that the collector's certificate is verified by. Unset: those of the system.")
    @WithDefault("${OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE:${OTEL_EXPORTER_OTLP_CERTIFICATE:}}")
    Optional<Path> certificate();

    @Meaning("Time from one export to the next, milliseconds, or with a unit: `30s`; 100ms at least.")
    @WithDefault("${OTEL_METRIC_EXPORT_INTERVAL:60000}")
    String interval();

    @Meaning("Longest time for one export, milliseconds, or with a unit, 100ms at least; the next one"
            + " says what is left out.")
    @WithDefault("${OTEL_METRIC_EXPORT_TIMEOUT:30000}")
    String exportTimeout();

    @Meaning("`cumulative`: counts are those since the start. There is no other.")
    @WithDefault("${OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE:cumulative}")
    String temporality();
}
