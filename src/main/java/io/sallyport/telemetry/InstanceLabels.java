package io.sallyport.telemetry;

import io.sallyport.outcome.WorkloadNames;

/// Who reports metrics: the gateway itself, Istio's `source_…` labels.
///
/// @param principal of its own SVID
public record InstanceLabels(String workload, String namespace, String principal) {
    public static final InstanceLabels UNKNOWN =
            new InstanceLabels(SeriesLabels.UNKNOWN, SeriesLabels.UNKNOWN, SeriesLabels.UNKNOWN);

    WorkloadNames names() {
        return new WorkloadNames(workload, namespace, workload, SeriesLabels.UNKNOWN, workload, "latest");
    }
}
