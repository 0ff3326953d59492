package io.sallyport.discovery;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A workload's instance.
///
/// @param serviceAccount without its namespace
/// @param addresses that are its own; empty for one that shares its node's, and for one that has ended
public record MeshPod(
        String namespace, String name, Map<String, String> labels, String serviceAccount, List<String> addresses) {
    private static final String DEPLOYMENT = "pod-template-hash";
    private static final String STATEFUL_SET = "statefulset.kubernetes.io/pod-name";

    public MeshPod {
        labels = Map.copyOf(labels);
        addresses = List.copyOf(addresses);
    }

    /// The Deployment or StatefulSet that runs it, as its name and Kubernetes' own labels say: `payments` for
    /// `payments-5d9c8-x2x7k`, or `db` for `db-0`. Null for any other.
    public @Nullable String workload() {
        String hash = labels.get(DEPLOYMENT);
        int end = hash == null ? -1 : name.lastIndexOf('-' + hash + '-');
        if (end < 0 && name.equals(labels.get(STATEFUL_SET))) {
            end = name.lastIndexOf('-');
        }
        return end <= 0 ? null : name.substring(0, end);
    }
}
