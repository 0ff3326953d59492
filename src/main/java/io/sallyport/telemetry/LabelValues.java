package io.sallyport.telemetry;

import io.sallyport.format.MetricPlan.Label;
import io.sallyport.operators.ExpressionValues;
import io.sallyport.outcome.CapturedValues;
import io.sallyport.outcome.RequestFacts;
import io.sallyport.telemetry.MetricWriter.Type;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/// The values of labels that Telemetries set. Clients may have a say in them, so they are bounded: each label
/// has a limited number of values, and further ones are counted as `other`. A value that no series has any more makes
/// room.
final class LabelValues implements MetricSource {
    private static final String OTHER = "other";
    private static final int LONGEST = 128;

    private final int most;
    private final ConcurrentMap<String, OfLabel> labels = new ConcurrentHashMap<>();

    private static final class OfLabel {
        final Set<String> known = ConcurrentHashMap.newKeySet();
        final AtomicInteger size = new AtomicInteger();
        final LongAdder others = new LongAdder();
        final long sinceMillis = System.currentTimeMillis();
    }

    /// @param most values of each label
    LabelValues(int most) {
        this.most = most;
    }

    /// Of one request, in the order of the labels. From any event loop.
    List<String> of(List<Label> set, RequestFacts facts) {
        List<String> values = new ArrayList<>(set.size());
        for (Label each : set) {
            values.add(value(each, facts));
        }
        return values;
    }

    /// `unknown`, as at Istio, where the expression has no value, or an empty one, which to Prometheus is no label.
    private String value(Label label, RequestFacts facts) {
        CapturedValues fields = facts.log == null ? null : facts.log.counted;
        String value = ExpressionValues.text(label.value(), facts, CapturedValues.from(label.place(), fields));
        if (value == null || value.isEmpty()) {
            return SeriesLabels.UNKNOWN;
        }
        OfLabel known = labels.computeIfAbsent(label.name(), _ -> new OfLabel());
        return known(value.length() > LONGEST ? value.substring(0, LONGEST) : value, known);
    }

    private String known(String value, OfLabel of) {
        if (of.known.contains(value)) {
            return value;
        }
        if (of.size.incrementAndGet() > most) {
            of.size.decrementAndGet();
            of.others.increment();
            return OTHER;
        }
        if (!of.known.add(value)) {
            of.size.decrementAndGet();
        }
        return value;
    }

    /// Keeps the values that those series have.
    void retain(Collection<Series> series) {
        if (labels.isEmpty()) {
            return;
        }
        Map<String, Set<String>> inUse = new HashMap<>();
        for (Series each : series) {
            if (each.labels instanceof EditedLabels edited) {
                List<String> shown = edited.shown();
                for (int i = 0; i < shown.size(); i += 2) {
                    if (labels.containsKey(shown.get(i))) {
                        inUse.computeIfAbsent(shown.get(i), _ -> new HashSet<>())
                                .add(shown.get(i + 1));
                    }
                }
            }
        }
        labels.keySet().retainAll(inUse.keySet());
        labels.forEach((name, values) -> values.known.removeIf(value -> {
            boolean gone = !inUse.getOrDefault(name, Set.of()).contains(value);
            if (gone) {
                values.size.decrementAndGet();
            }
            return gone;
        }));
    }

    @Override
    public void write(MetricWriter out) throws IOException {
        if (labels.isEmpty()) {
            return;
        }
        out.family(
                "sallyport_metric_label_overflow",
                Type.COUNTER,
                "Times that a label which a Telemetry sets was other, because it had too many values.");
        for (Map.Entry<String, OfLabel> each : labels.entrySet()) {
            out.labels()
                    .since(each.getValue().sinceMillis)
                    .label("label", each.getKey())
                    .sample(each.getValue().others.sum());
        }
    }
}
