package io.sallyport.format;

import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// How requests of one configuration are counted, where it is not as usual: the metrics that there are, by the labels
/// that they do without.
public final class MetricPlan {
    private final List<Group> requests;
    private final List<Group> grpc;
    private final List<Group> connections;

    /// Metrics with the same labels.
    ///
    /// @param removed labels that they do without
    public record Group(Set<Metric> metrics, Set<String> removed) {
        public boolean has(Metric metric) {
            return metrics.contains(metric);
        }

        private boolean isOfGrpcAlone() {
            return metrics.stream()
                    .allMatch(each -> each == Metric.GRPC_REQUEST_MESSAGES || each == Metric.GRPC_RESPONSE_MESSAGES);
        }
    }

    /// @param metrics those that there are, with the labels that each does without
    public MetricPlan(Map<Metric, ? extends Set<String>> metrics) {
        Map<Set<String>, EnumSet<Metric>> ofRequests = new LinkedHashMap<>();
        Map<Set<String>, EnumSet<Metric>> ofConnections = new LinkedHashMap<>();
        new TreeMap<>(metrics).forEach((metric, removed) -> (metric.isOfConnections() ? ofConnections : ofRequests)
                .computeIfAbsent(Set.copyOf(removed), _ -> EnumSet.noneOf(Metric.class))
                .add(metric));
        grpc = groups(ofRequests);
        requests = grpc.stream().filter(each -> !each.isOfGrpcAlone()).toList();
        connections = groups(ofConnections);
    }

    private static List<Group> groups(Map<Set<String>, EnumSet<Metric>> byRemoved) {
        Collection<Group> groups = new ArrayList<>();
        byRemoved.forEach((removed, metrics) -> groups.add(new Group(metrics, removed)));
        return List.copyOf(groups);
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
}
