package io.sallyport.discovery;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Where a service's port is served.
///
/// @param address an IP literal
/// @param labels of its pod; empty where it has none
/// @param locality `region/zone`, with an empty region where that is unknown; null where nothing is
/// @param pod null for an address that no pod stands behind
public record MeshEndpoint(
        String address,
        int port,
        Map<String, String> labels,
        @Nullable String locality,
        @Nullable MeshPod pod) {
    public MeshEndpoint {
        labels = Map.copyOf(labels);
    }
}
