package io.sallyport.config.validation;

import io.sallyport.config.model.Telemetry;
import io.sallyport.config.model.Telemetry.CustomTag;
import io.sallyport.config.model.Telemetry.MetricsOverride;
import io.sallyport.config.model.Telemetry.TagOverride;
import io.sallyport.config.model.Telemetry.Tracing;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.problem.Quote;
import io.sallyport.config.yaml.Place;
import io.sallyport.format.CelExpression;
import io.sallyport.format.FormatException;
import io.sallyport.format.FormatParser;
import io.sallyport.format.Metric;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Telemetry as Istio's `ValidateTelemetry` has it.
final class TelemetryValidator {
    /// Of Prometheus' data model; `le` and what begins with `__` are its own.
    private static final Pattern LABEL = Pattern.compile("[a-zA-Z_][a-zA-Z0-9_]*");

    private static final Duration SHORTEST_INTERVAL = Duration.ofMillis(100);
    private static final Duration LONGEST_INTERVAL = Duration.ofHours(24);

    private TelemetryValidator() {}

    static void validate(Telemetry telemetry, Place spec) {
        AttachmentChecks.validate(telemetry, spec);
        for (int i = 0; i < telemetry.tracing().size(); i++) {
            tracing(telemetry.tracing().get(i), spec.field("tracing").index(i));
        }
        for (int i = 0; i < telemetry.accessLogging().size(); i++) {
            filter(
                    telemetry.accessLogging().get(i).filter(),
                    spec.field("accessLogging").index(i));
        }
        for (int i = 0; i < telemetry.metrics().size(); i++) {
            interval(
                    telemetry.metrics().get(i).reportingInterval(),
                    spec.field("metrics").index(i));
            List<MetricsOverride> overrides = telemetry.metrics().get(i).overrides();
            for (int j = 0; j < overrides.size(); j++) {
                override(
                        overrides.get(j),
                        spec.field("metrics").index(i).field("overrides").index(j));
            }
        }
        if (telemetry.tracing().size() > 1) {
            String message = "of several elements each replaces what those before it say";
            spec.field("tracing").index(1).report(ProblemCode.SEVERAL_TRACINGS, message, "write one element");
        }
    }

    /// Each open connection pays for it.
    private static void interval(@Nullable Duration interval, Place place) {
        if (interval == null || interval.isZero()) {
            return;
        }
        boolean tooShort = interval.compareTo(SHORTEST_INTERVAL) < 0;
        if (tooShort || interval.compareTo(LONGEST_INTERVAL) > 0) {
            place.field("reportingInterval")
                    .report(
                            ProblemCode.BAD_METRICS,
                            "the interval is too " + (tooShort ? "short" : "long"),
                            "100ms to 24h, or 0s for the end of connections");
        }
    }

    private static void override(MetricsOverride override, Place place) {
        if (!override.customMetric().isEmpty() && Metric.custom(override.customMetric()) == null) {
            String message = "the gateway has no metric " + Quote.of(override.customMetric());
            place.field("match")
                    .field("customMetric")
                    .report(ProblemCode.UNKNOWN_METRIC, message, "Istio's have names as requests_total");
        }
        override.tagOverrides().forEach((name, tag) -> {
            Place at = place.field("tagOverrides").key(name);
            if (name.isEmpty()) {
                at.report(ProblemCode.BAD_METRICS, "a tag has no name", "give the name");
            } else if (tag.operation() == TagOverride.Operation.UPSERT && !isLabel(name)) {
                String message = Quote.of(name) + " cannot be the name of a label in Prometheus";
                at.report(
                        ProblemCode.BAD_METRICS, message, "use letters, digits and _, no __ at the start, and not le");
            }
            if (tag.operation() == TagOverride.Operation.UPSERT) {
                value(tag.value(), at);
            }
            if (tag.operation() == TagOverride.Operation.REMOVE && !tag.value().isEmpty()) {
                at.field("value").report(ProblemCode.BAD_METRICS, "REMOVE has no value", "remove it, or use UPSERT");
            }
        });
    }

    private static boolean isLabel(String name) {
        return LABEL.matcher(name).matches() && !name.startsWith("__") && !name.equals("le");
    }

    private static void value(String expression, Place tag) {
        if (expression.isEmpty()) {
            tag.report(ProblemCode.BAD_METRICS, "UPSERT needs a value", "give an expression");
            return;
        }
        try {
            CelExpression.value(expression);
        } catch (FormatException e) {
            tag.field("value").report(ProblemCode.BAD_EXPRESSION, String.valueOf(e.getMessage()));
        }
    }

    private static void filter(@Nullable String expression, Place place) {
        if (expression == null || expression.isEmpty()) {
            return;
        }
        try {
            CelExpression.condition(expression);
        } catch (FormatException e) {
            place.field("filter")
                    .field("expression")
                    .report(ProblemCode.BAD_EXPRESSION, String.valueOf(e.getMessage()));
        }
    }

    private static void tracing(Tracing tracing, Place place) {
        if (tracing.providers().size() > 1) {
            String message = "spans go to the first provider alone";
            place.field("providers").index(1).report(ProblemCode.SEVERAL_TRACINGS, message, "name one provider");
        }
        Double percentage = tracing.randomSamplingPercentage();
        if (percentage != null && !(percentage >= 0 && percentage <= 100)) {
            String message = percentage + " is no percentage";
            place.field("randomSamplingPercentage").report(ProblemCode.BAD_TRACING, message, "0 to 100");
        }
        if (tracing.customTags() != null) {
            tracing.customTags().forEach((name, tag) -> tag(name, tag, place.field("customTags")));
        }
    }

    private static void tag(String name, CustomTag tag, Place tags) {
        Place place = tags.key(name);
        if (name.isBlank()) {
            place.report(ProblemCode.BAD_TRACING, "a tag has no name", "give the name");
        }
        if (tag.kind() == CustomTag.Kind.HEADER && !tag.name().isEmpty() && !HeaderChecks.isName(tag.name())) {
            String message = Quote.of(tag.name()) + " is not a header's name";
            place.field("header").field("name").report(ProblemCode.BAD_HEADER_NAME, message);
        }
        if (tag.kind() == CustomTag.Kind.FORMATTER) {
            try {
                FormatParser.headerValue(tag.value());
            } catch (FormatException e) {
                place.field("formatter").field("value").report(ProblemCode.BAD_TRACING, String.valueOf(e.getMessage()));
            }
        }
    }
}
