package io.sallyport.config.decode;

import io.sallyport.config.model.ResourceMeta;
import io.sallyport.config.model.Telemetry;
import io.sallyport.config.model.Telemetry.AccessLogging;
import io.sallyport.config.model.Telemetry.CustomTag;
import io.sallyport.config.model.Telemetry.Metrics;
import io.sallyport.config.model.Telemetry.MetricsOverride;
import io.sallyport.config.model.Telemetry.Mode;
import io.sallyport.config.model.Telemetry.TagOverride;
import io.sallyport.config.model.Telemetry.Tracing;
import io.sallyport.config.yaml.ObjectReader;
import io.sallyport.format.Metric;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/// telemetry/v1alpha1/telemetry.proto.
final class TelemetryDecoder {
    private TelemetryDecoder() {}

    static Telemetry read(ResourceMeta meta, ObjectReader spec) {
        return new Telemetry(
                meta,
                AuthorizationPolicyDecoder.selector(spec),
                AuthorizationPolicyDecoder.targets(spec),
                spec.objects("tracing", TelemetryDecoder::tracing),
                spec.objects("accessLogging", TelemetryDecoder::accessLogging),
                spec.objects("metrics", TelemetryDecoder::metrics));
    }

    private static Metrics metrics(ObjectReader in) {
        return new Metrics(
                in.objects("providers", provider -> provider.requiredText("name")),
                in.objects("overrides", TelemetryDecoder::override),
                in.duration("reportingInterval"));
    }

    private static MetricsOverride override(ObjectReader in) {
        MetricsOverride matching = in.object("match", match -> {
            match.atMostOne("metric", "customMetric");
            return new MetricsOverride(
                    match.constant("mode", Mode.values()),
                    match.constant("metric", Metric.values()),
                    match.text("customMetric"),
                    null,
                    Map.of());
        });
        return new MetricsOverride(
                matching == null ? Mode.CLIENT_AND_SERVER : matching.mode(),
                matching == null ? Metric.ALL_METRICS : matching.metric(),
                matching == null ? "" : matching.customMetric(),
                in.optionalBool("disabled"),
                in.objectMapOrNull("tagOverrides", TelemetryDecoder::tagOverride));
    }

    private static TagOverride tagOverride(ObjectReader in) {
        return new TagOverride(in.constant("operation", TagOverride.Operation.values()), in.text("value"));
    }

    private static AccessLogging accessLogging(ObjectReader in) {
        return new AccessLogging(
                mode(in),
                in.objects("providers", provider -> provider.requiredText("name")),
                in.bool("disabled"),
                in.object("filter", filter -> filter.requiredText("expression")));
    }

    private static Mode mode(ObjectReader in) {
        return Objects.requireNonNullElse(
                in.object("match", match -> match.constant("mode", Mode.values())), Mode.CLIENT_AND_SERVER);
    }

    private static Tracing tracing(ObjectReader in) {
        // Sampling does not go by the request's id here, so that both values are the same.
        in.has("useRequestIdForTraceSampling");
        return new Tracing(
                mode(in),
                in.objects("providers", provider -> provider.requiredText("name")),
                in.optionalNumber("randomSamplingPercentage"),
                in.optionalBool("disableSpanReporting"),
                in.has("customTags") ? in.objectMap("customTags", TelemetryDecoder::customTag) : null,
                in.optionalBool("enableIstioTags"),
                in.optionalBool("disableContextPropagation"));
    }

    private static CustomTag customTag(ObjectReader in) {
        in.atMostOne("literal", "environment", "header", "formatter");
        CustomTag literal =
                in.object("literal", tag -> new CustomTag(CustomTag.Kind.LITERAL, "", tag.requiredText("value")));
        CustomTag environment = in.object("environment", tag -> named(CustomTag.Kind.ENVIRONMENT, tag));
        CustomTag header = in.object("header", tag -> named(CustomTag.Kind.HEADER, tag));
        CustomTag formatter =
                in.object("formatter", tag -> new CustomTag(CustomTag.Kind.FORMATTER, "", tag.requiredText("value")));
        if (Stream.of("literal", "environment", "header", "formatter").noneMatch(in::has)) {
            in.missing("literal", "is required, or environment, header or formatter");
        }
        return Stream.of(literal, environment, header, formatter)
                .filter(Objects::nonNull)
                .findFirst()
                .orElseGet(() -> new CustomTag(null, "", ""));
    }

    private static CustomTag named(CustomTag.Kind kind, ObjectReader in) {
        return new CustomTag(kind, in.requiredText("name"), in.text("defaultValue"));
    }
}
