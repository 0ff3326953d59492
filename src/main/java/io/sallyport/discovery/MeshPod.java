package io.sallyport.discovery;

import java.util.List;
import java.util.Map;

/// A workload's instance.
///
/// @param serviceAccount without its namespace
/// @param addresses that are its own; empty for one that shares its node's, and for one that has ended
public record MeshPod(
        String namespace, String name, Map<String, String> labels, String serviceAccount, List<String> addresses) {
    public MeshPod {
        labels = Map.copyOf(labels);
        addresses = List.copyOf(addresses);
    }
}
