package io.sallyport.runtime.settings;

import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Settings under `sallyport.tracing`. OpenTelemetry's own variables, which most of them are by default, mean what
/// its specification says (Environment Variable Specification; OTLP Exporter Configuration).
public interface TracingSettings {
    @Meaning("Traces nothing: the headers of traces pass as they come, whatever resources say.")
    @WithDefault("${OTEL_SDK_DISABLED:false}")
    boolean disabled();

    @Meaning("`otlp`, or `none`: nobody gets spans but the providers that resources name.")
    @WithDefault("${OTEL_TRACES_EXPORTER:otlp}")
    String exporter();

    @Meaning("Where spans go, as it is: `http://collector:4317`, or `https://collector:4318/v1/traces`. Unset:"
            + " `base-endpoint`; without either nobody gets spans but the providers that resources name.")
    @WithDefault("${OTEL_EXPORTER_OTLP_TRACES_ENDPOINT:}")
    Optional<String> endpoint();

    @Meaning("Where spans go, without the path `/v1/traces`, which is added with `http/protobuf`.")
    @WithDefault("${OTEL_EXPORTER_OTLP_ENDPOINT:}")
    Optional<String> baseEndpoint();

    @Meaning("`grpc` or `http/protobuf`.")
    @WithDefault("${OTEL_EXPORTER_OTLP_TRACES_PROTOCOL:${OTEL_EXPORTER_OTLP_PROTOCOL:grpc}}")
    String protocol();

    @Meaning("Headers of what is sent to the collector, `name=value,…`, values percent-encoded.")
    @WithDefault("${OTEL_EXPORTER_OTLP_TRACES_HEADERS:${OTEL_EXPORTER_OTLP_HEADERS:}}")
    Optional<List<String>> headers();

    @Meaning("Longest time for one batch of spans, milliseconds, or with a unit: `10s`.")
    @WithDefault("${OTEL_EXPORTER_OTLP_TRACES_TIMEOUT:${OTEL_EXPORTER_OTLP_TIMEOUT:10000}}")
    String timeout();

    @Meaning("`gzip` or `none`.")
    @WithDefault("${OTEL_EXPORTER_OTLP_TRACES_COMPRESSION:${OTEL_EXPORTER_OTLP_COMPRESSION:none}}")
    String compression();

    @Meaning(
            "PEM file with the authorities that the collector's certificate is verified by. Unset: those of the system.")
    @WithDefault("${OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE:${OTEL_EXPORTER_OTLP_CERTIFICATE:}}")
    Optional<Path> certificate();

    @Meaning("Name of this service in traces, log records and metrics that collectors get. Unset: `service.name` of the"
            + " resource attributes, or `sallyport`.")
    @WithDefault("${OTEL_SERVICE_NAME:}")
    Optional<String> serviceName();

    @Meaning("Attributes of the resource that reports traces, log records and metrics, `key=value,…`, values"
            + " percent-encoded.")
    @WithDefault("${OTEL_RESOURCE_ATTRIBUTES:}")
    Optional<List<String>> resourceAttributes();

    @Meaning("Which requests are sampled: `always_on`, `always_off`, `traceidratio`, or one of these behind"
            + " `parentbased_`, which respect what the caller has decided. Unset: `parentbased_traceidratio` of 0.01.")
    @WithDefault("${OTEL_TRACES_SAMPLER:}")
    Optional<String> sampler();

    @Meaning(
            "Share of requests that the samplers of a ratio take, 0 to 1. Unset: all, or 0.01 where `sampler` is unset,"
                    + " too.")
    @WithDefault("${OTEL_TRACES_SAMPLER_ARG:}")
    Optional<String> samplerArg();

    @Meaning(
            "Headers by which traces are passed on: `tracecontext`, `b3` (one header), `b3multi`, several of them in the"
                    + " order in which they are read, or `none`. `baggage` passes in any case.")
    @WithDefault("${OTEL_PROPAGATORS:tracecontext,baggage}")
    List<String> propagators();

    @Meaning(
            "Sampled requests that may wait to be reported, for each event loop and collector; beyond it their spans are"
                    + " dropped and counted.")
    @WithDefault("2048")
    int queue();

    @Meaning("Value of the attribute `istio.mesh_id`.")
    @WithDefault("${ISTIO_META_MESH_ID:unknown}")
    String meshId();
}
