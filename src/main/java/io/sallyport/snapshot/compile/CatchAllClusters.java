package io.sallyport.snapshot.compile;

import io.sallyport.upstream.ClusterSpec;
import io.sallyport.upstream.Discovery;
import java.util.List;

/// Clusters of hosts that no resource names: each is the host and port that the client asks for.
final class CatchAllClusters {
    private CatchAllClusters() {}

    /// Where the egress mode lets everything out (Istio's `PassthroughCluster`).
    static ClusterSpec passthrough(List<String> allowedCidrs) {
        return ClusterSpec.of("PassthroughCluster", 0, Discovery.DYNAMIC, List.of());
    }

    /// Services of the mesh, found by their names.
    static ClusterSpec meshServices() {
        return ClusterSpec.of("MeshServices", 0, Discovery.DYNAMIC, List.of());
    }
}
