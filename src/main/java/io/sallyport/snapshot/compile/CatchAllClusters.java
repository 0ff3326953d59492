package io.sallyport.snapshot.compile;

import io.sallyport.upstream.ClusterSpec;

/// Clusters of hosts that no resource names: each is the host and port that the client asks for.
final class CatchAllClusters {
    private CatchAllClusters() {}

    /// Where the egress mode lets everything out (Istio's `PassthroughCluster`).
    static ClusterSpec passthrough(EgressOptions options) {
        return ClusterSpec.catchAll(ClusterSpec.PASSTHROUGH, new GuardCompiler(options).outside());
    }

    /// Services of the mesh, found by their names.
    static ClusterSpec meshServices(EgressOptions options) {
        return ClusterSpec.catchAll(ClusterSpec.MESH_SERVICES, new GuardCompiler(options).inMesh());
    }
}
