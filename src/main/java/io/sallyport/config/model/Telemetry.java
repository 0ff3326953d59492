package io.sallyport.config.model;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// `telemetry.istio.io` Telemetry, as far as it is about traces and the access log.
///
/// @param selector labels of the workloads it applies to; null for every workload of its namespace, or of the mesh in
///     the root namespace
/// @param targets what it is attached to instead of workloads, `targetRef` and `targetRefs`; empty for workloads
public record Telemetry(
        ResourceMeta meta,
        @Nullable Map<String, String> selector,
        List<AuthorizationPolicy.TargetRef> targets,
        List<Tracing> tracing,
        List<AccessLogging> accessLogging)
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
    /// @param value of a literal, or what there is in the absence of the other two
    public record CustomTag(@Nullable Kind kind, String name, String value) {
        public enum Kind {
            LITERAL,
            ENVIRONMENT,
            HEADER
        }
    }
}
