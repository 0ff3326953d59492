package io.sallyport.telemetry;

import io.sallyport.outcome.WorkloadNames;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/// Who reports metrics: the gateway itself, Istio's `source_…` labels.
///
/// @param cluster that it runs in, Istio's cluster id
public record InstanceLabels(WorkloadNames names, String cluster) {
    private static final String NAME = "sallyport";

    public static final InstanceLabels UNKNOWN = new InstanceLabels(SeriesLabels.NOBODY, SeriesLabels.UNKNOWN);

    /// @param labels of this instance; what they do not name is `sallyport`
    public static InstanceLabels of(Map<String, String> labels, String namespace, String cluster) {
        var all = new HashMap<>(labels);
        all.putIfAbsent("app", NAME);
        return new InstanceLabels(Objects.requireNonNull(WorkloadNames.of(all, namespace, null, null)), cluster);
    }
}
