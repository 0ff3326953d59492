package io.sallyport.cluster;

import java.util.List;
import java.util.Map;

/// Which of a service's endpoints belong to a cluster, and where they stand as seen from here; decided anew with every
/// change of them. Two that decide alike are equal: a cluster outlives a reload by that.
public interface EndpointPlacement {
    Placed place(List<EndpointSpec> all);

    /// @param endpoints with their priorities
    /// @param localityWeights as [io.sallyport.cluster.balance.BalancingSpec#localityWeights()]
    record Placed(List<EndpointSpec> endpoints, Map<String, Double> localityWeights) {
        public Placed {
            endpoints = List.copyOf(endpoints);
            localityWeights = Map.copyOf(localityWeights);
        }
    }
}
