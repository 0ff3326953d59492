package io.sallyport.snapshot;

import io.sallyport.outcome.WorkloadNames;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What is known of the workload that a connection comes from.
///
/// @param namespace null where it is unknown
/// @param labels empty where they are unknown
/// @param owner what runs it, such as a Deployment; null where that is unknown
public record Workload(
        @Nullable String namespace,
        Map<String, String> labels,
        @Nullable String owner) {
    public static final Workload UNKNOWN = new Workload(null, Map.of(), null);

    public Workload {
        labels = Map.copyOf(labels);
    }

    /// What logs and metrics call it; null where nothing is known of it. A workload of another mesh has no name here,
    /// whatever its identity is like: whom others call so is not one of ours, and there may be any number of them.
    ///
    /// @param identity its verified SPIFFE id, or null
    public @Nullable WorkloadNames names(@Nullable String identity) {
        return equals(UNKNOWN) ? null : WorkloadNames.of(labels, namespace, owner, WorkloadNames.account(identity));
    }

    /// Whether it is one that the conditions name (`sourceNamespace`, `sourceLabels`). An unknown one meets none.
    ///
    /// @param inNamespace null for any
    boolean is(@Nullable String inNamespace, Map<String, String> withLabels) {
        return (inNamespace == null || inNamespace.equals(namespace))
                && labels.entrySet().containsAll(withLabels.entrySet());
    }
}
