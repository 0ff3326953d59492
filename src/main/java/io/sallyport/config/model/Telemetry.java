package io.sallyport.config.model;

import io.sallyport.format.Metric;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// `telemetry.istio.io` Telemetry, about traces, the access log and metrics.
///
/// @param selector labels of the workloads it applies to; null for every workload of its namespace, or of the mesh in
///     the root namespace
/// @param targets what it is attached to instead of workloads, `targetRef` and `targetRefs`; empty for workloads
public record Telemetry(
        ResourceMeta meta,
        @Nullable Map<String, String> selector,
        List<AuthorizationPolicy.TargetRef> targets,
        List<Tracing> tracing,
        List<AccessLogging> accessLogging,
        List<Metrics> metrics)
        implements AttachedPolicy {

    /// `Tracing`. What is null is as a resource that applies more widely has it.
    ///
    /// @param mode the side of traffic that it is about
    /// @param providers that get spans; the first one counts. Empty for those that apply more widely
    /// @param customTags by their names; they replace those that apply more widely
    public record Tracing(
            Mode mode,
            List<String> providers,
            @Nullable Double randomSamplingPercentage,
            @Nullable Boolean disableSpanReporting,
            @Nullable Map<String, CustomTag> customTags,
            @Nullable Boolean enableIstioTags,
            @Nullable Boolean disableContextPropagation) {}

    /// `AccessLogging`.
    ///
    /// @param mode the side of traffic that it is about
    /// @param providers that write; empty for those that apply more widely
    /// @param filter a condition in CEL; null for all requests
    public record AccessLogging(
            Mode mode,
            List<String> providers,
            boolean disabled,
            @Nullable String filter) {}

    /// `Metrics`.
    ///
    /// @param providers that show them; empty for those that apply more widely
    /// @param reportingInterval at which bytes of open TCP connections are counted; zero for at their end, null
    ///     for as those that apply more widely have it
    public record Metrics(
            List<String> providers,
            List<MetricsOverride> overrides,
            @Nullable Duration reportingInterval) {}

    /// `MetricsOverrides`.
    ///
    /// @param customMetric the name of the one that it is about instead of `metric`; empty where that says it
    /// @param disabled null for as overrides before it have it
    /// @param tagOverrides by the names of the labels
    public record MetricsOverride(
            Mode mode,
            Metric metric,
            String customMetric,
            @Nullable Boolean disabled,
            Map<String, TagOverride> tagOverrides) {}

    /// `TagOverride`.
    ///
    /// @param value an expression in CEL; empty for REMOVE
    public record TagOverride(Operation operation, String value) {
        public enum Operation {
            UPSERT,
            REMOVE
        }
    }

    /// `WorkloadMode`. Gateways are clients of what they forward to.
    public enum Mode {
        CLIENT_AND_SERVER,
        CLIENT,
        SERVER
    }

    /// `CustomTag`.
    ///
    /// @param kind null where it says nothing that is supported
    /// @param name of the variable or of the header
    /// @param value of a literal, a text with operators, or what there is in the absence of the variable or the
    ///     header
    public record CustomTag(@Nullable Kind kind, String name, String value) {
        public enum Kind {
            LITERAL,
            ENVIRONMENT,
            HEADER,
            FORMATTER
        }
    }
}
