package io.sallyport.compile;

import io.sallyport.config.index.TelemetryIndex;
import io.sallyport.config.model.Telemetry;
import io.sallyport.config.model.Telemetry.Metrics;
import io.sallyport.config.model.Telemetry.MetricsOverride;
import io.sallyport.config.model.Telemetry.Mode;
import io.sallyport.config.model.Telemetry.TagOverride;
import io.sallyport.config.model.Telemetry.TagOverride.Operation;
import io.sallyport.format.CelExpression;
import io.sallyport.format.FormatException;
import io.sallyport.format.Metric;
import io.sallyport.format.MetricPlan;
import io.sallyport.snapshot.ByGateway;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Compiles how requests are counted, as Telemetries say (Istio, `mergeMetrics`).
final class MetricCompiler {
    private MetricCompiler() {}

    static ByGateway<MetricPlan> compile(TelemetryIndex telemetries) {
        try {
            return byGateway(telemetries);
        } catch (FormatException e) {
            // It was reported before.
            return ByGateway.usual();
        }
    }

    private static ByGateway<MetricPlan> byGateway(TelemetryIndex telemetries) throws FormatException {
        List<Telemetry> widest = telemetries.ofInstance();
        Map<String, MetricPlan> gateways = new HashMap<>();
        for (Map.Entry<String, Telemetry> each : telemetries.ofGateways().entrySet()) {
            if (!each.getValue().metrics().isEmpty()) {
                List<Telemetry> all = new ArrayList<>(widest);
                all.add(each.getValue());
                MetricPlan plan = plan(all);
                gateways.put(each.getKey(), plan == null ? new Overrides().plan(null) : plan);
            }
        }
        return new ByGateway<>(plan(widest), gateways);
    }

    /// Null for as it is usual.
    private static @Nullable MetricPlan plan(List<Telemetry> said) throws FormatException {
        List<Metrics> all =
                said.stream().flatMap(each -> each.metrics().stream()).toList();
        List<String> inScope = List.of(TelemetryIndex.PROMETHEUS);
        for (Metrics each : all) {
            inScope = each.providers().isEmpty() ? inScope : each.providers();
        }
        if (!inScope.contains(TelemetryIndex.PROMETHEUS)) {
            return null;
        }
        Overrides overrides = new Overrides();
        boolean any = false;
        Duration interval = null;
        List<String> providers = List.of(TelemetryIndex.PROMETHEUS);
        for (Metrics each : all) {
            providers = each.providers().isEmpty() ? providers : each.providers();
            if (providers.contains(TelemetryIndex.PROMETHEUS)) {
                interval = each.reportingInterval() == null ? interval : each.reportingInterval();
                for (MetricsOverride override : each.overrides()) {
                    if (override.mode() != Mode.SERVER) {
                        overrides.add(override);
                        any = true;
                    }
                }
            }
        }
        Duration reported = interval == null || interval.isZero() ? null : interval;
        if (any) {
            return overrides.plan(reported);
        }
        return reported == null ? null : MetricPlan.usual(reported);
    }

    /// What overrides say together; of each metric and of each of its labels the last one counts.
    private static final class Overrides {
        private final Set<Metric> disabled = EnumSet.noneOf(Metric.class);
        private final Map<Metric, Map<String, TagOverride>> tags = new EnumMap<>(Metric.class);
        /// By their texts: what is the same is one object, so that metrics with the same labels are found.
        private final Map<String, CelExpression> expressions = new HashMap<>();
        /// All at once, which any other override takes back.
        private boolean allDisabled;

        private void add(MetricsOverride override) {
            Boolean off = override.disabled();
            Set<Metric> metrics = metrics(override);
            if (metrics.size() > 1 && Boolean.TRUE.equals(off)) {
                allDisabled = true;
                return;
            }
            allDisabled = false;
            for (Metric metric : metrics) {
                if (off != null && off) {
                    disabled.add(metric);
                } else if (off != null) {
                    disabled.remove(metric);
                }
                tags.computeIfAbsent(metric, _ -> new TreeMap<>()).putAll(override.tagOverrides());
            }
        }

        private static Set<Metric> metrics(MetricsOverride override) {
            if (!override.customMetric().isEmpty()) {
                Metric custom = Metric.custom(override.customMetric());
                return custom == null ? Set.of() : Set.of(custom);
            }
            return override.metric() == Metric.ALL_METRICS
                    ? EnumSet.complementOf(EnumSet.of(Metric.ALL_METRICS))
                    : Set.of(override.metric());
        }

        private MetricPlan plan(@Nullable Duration reportingInterval) throws FormatException {
            Map<Metric, MetricPlan.Edits> metrics = new EnumMap<>(Metric.class);
            for (Metric metric : Metric.values()) {
                if (metric != Metric.ALL_METRICS && !allDisabled && !disabled.contains(metric)) {
                    metrics.put(metric, edits(tags.getOrDefault(metric, Map.of())));
                }
            }
            return new MetricPlan(metrics, reportingInterval);
        }

        private MetricPlan.Edits edits(Map<String, TagOverride> of) throws FormatException {
            Set<String> removed = new TreeSet<>();
            Map<String, CelExpression> set = new TreeMap<>();
            for (Map.Entry<String, TagOverride> each : of.entrySet()) {
                String source = each.getValue().value();
                if (each.getValue().operation() == Operation.REMOVE) {
                    removed.add(each.getKey());
                } else {
                    CelExpression known = expressions.get(source);
                    CelExpression value = known == null ? CelExpression.value(source) : known;
                    expressions.put(source, value);
                    set.put(each.getKey(), value);
                }
            }
            return new MetricPlan.Edits(removed, set);
        }
    }
}
