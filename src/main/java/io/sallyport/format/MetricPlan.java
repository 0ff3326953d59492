package io.sallyport.format;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// How requests of one configuration are counted, where it is not as usual: the metrics that there are, by the labels
/// that they have.
public final class MetricPlan {
    /// Labels that connections do not have, so that none of theirs can be set.
    private static final Set<String> OF_RESPONSES = Set.of("response_code", "grpc_response_status");

    private final CapturedFields captured = new CapturedFields();
    private final List<Group> requests;
    private final List<Group> grpc;
    private final List<Group> connections;
    private boolean expressions;
    private final boolean usual;
    private final @Nullable Duration reportingInterval;

    /// What becomes of the labels of a metric.
    ///
    /// @param removed those that it does without
    /// @param set those whose values expressions say, by their names
    public record Edits(Set<String> removed, Map<String, CelExpression> set) {
        public static final Edits NONE = new Edits(Set.of(), Map.of());

        public Edits {
            removed = Set.copyOf(removed);
            set = Map.copyOf(set);
        }

        private Edits ofConnections() {
            Map<String, CelExpression> left = new TreeMap<>(set);
            left.keySet().removeAll(OF_RESPONSES);
            return new Edits(removed, left);
        }
    }

    /// Metrics with the same labels.
    ///
    /// @param removed labels that they do without
    /// @param set labels whose values expressions say, by name
    public record Group(Set<Metric> metrics, Set<String> removed, List<Label> set) {
        /// Whether their labels are the usual ones.
        public boolean isUsual() {
            return removed.isEmpty() && set.isEmpty();
        }

        /// Of a label among those that are set; -1 where it is not.
        public int placeOf(String label) {
            for (int i = 0; i < set.size(); i++) {
                if (set.get(i).name().equals(label)) {
                    return i;
                }
            }
            return -1;
        }

        public boolean has(Metric metric) {
            return metrics.contains(metric);
        }

        private boolean isOfGrpcAlone() {
            return metrics.stream()
                    .allMatch(each -> each == Metric.GRPC_REQUEST_MESSAGES || each == Metric.GRPC_RESPONSE_MESSAGES);
        }
    }

    /// A label with a value of its own.
    ///
    /// @param place where the fields that its expression wants begin among those that are captured
    public record Label(String name, CelExpression value, int place) {}

    /// Everything is counted as usual, but for when that is done.
    ///
    /// @param reportingInterval at which bytes of open connections are counted
    public static MetricPlan usual(Duration reportingInterval) {
        return new MetricPlan(Map.of(), true, reportingInterval);
    }

    /// @param metrics those that there are, with what becomes of the labels of each
    public MetricPlan(Map<Metric, Edits> metrics) {
        this(metrics, null);
    }

    /// @param reportingInterval likewise; null for at their end
    public MetricPlan(Map<Metric, Edits> metrics, @Nullable Duration reportingInterval) {
        this(metrics, false, reportingInterval);
    }

    private MetricPlan(Map<Metric, Edits> metrics, boolean usual, @Nullable Duration reportingInterval) {
        this.usual = usual;
        this.reportingInterval = reportingInterval;
        Map<Edits, EnumSet<Metric>> ofRequests = new LinkedHashMap<>();
        Map<Edits, EnumSet<Metric>> ofConnections = new LinkedHashMap<>();
        new TreeMap<>(metrics).forEach((metric, edits) -> {
            Map<Edits, EnumSet<Metric>> groups = metric.isOfConnections() ? ofConnections : ofRequests;
            groups.computeIfAbsent(
                            metric.isOfConnections() ? edits.ofConnections() : edits, _ -> EnumSet.noneOf(Metric.class))
                    .add(metric);
        });
        grpc = groups(ofRequests);
        requests = grpc.stream().filter(each -> !each.isOfGrpcAlone()).toList();
        connections = groups(ofConnections);
    }

    private List<Group> groups(Map<Edits, EnumSet<Metric>> byEdits) {
        List<Group> groups = new ArrayList<>();
        byEdits.forEach((edits, metrics) -> {
            List<Label> set = new ArrayList<>();
            new TreeMap<>(edits.set)
                    .forEach((name, value) -> set.add(new Label(name, value, captured.add(value.attributes()))));
            expressions |= !set.isEmpty();
            groups.add(new Group(metrics, edits.removed, List.copyOf(set)));
        });
        return List.copyOf(groups);
    }

    /// Whether there are all metrics, with their usual labels.
    public boolean isUsual() {
        return usual;
    }

    /// At which bytes of open connections are counted; null for at their end.
    public @Nullable Duration reportingInterval() {
        return reportingInterval;
    }

    /// Of requests; none where they are not counted.
    ///
    /// @param ofGrpc of requests of gRPC, which have metrics of their own besides
    public List<Group> requests(boolean ofGrpc) {
        return ofGrpc ? grpc : requests;
    }

    public List<Group> connections() {
        return connections;
    }

    /// Whether labels have values by expressions.
    public boolean hasExpressions() {
        return expressions;
    }

    /// The header fields that these want.
    public CapturedFields captured() {
        return captured;
    }
}
