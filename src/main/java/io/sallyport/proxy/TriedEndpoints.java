package io.sallyport.proxy;

import io.sallyport.cluster.Endpoint;
import io.sallyport.cluster.EndpointSet;
import io.sallyport.route.RetryPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// The endpoints that have failed a request, to be avoided by its next tries.
final class TriedEndpoints {
    private final List<Endpoint> hosts = new ArrayList<>(2);
    /// An endpoint of each locality to be avoided.
    private final List<Endpoint> localities = new ArrayList<>(1);

    boolean isEmpty() {
        return hosts.isEmpty() && localities.isEmpty();
    }

    boolean excludes(Endpoint endpoint) {
        for (int i = 0; i < hosts.size(); i++) {
            if (hosts.get(i) == endpoint) {
                return true;
            }
        }
        return isInTriedLocality(endpoint);
    }

    boolean avoidsLocalities() {
        return !localities.isEmpty();
    }

    private boolean isInTriedLocality(Endpoint endpoint) {
        for (int i = 0; i < localities.size(); i++) {
            if (Objects.equals(
                    localities.get(i).spec().locality(), endpoint.spec().locality())) {
                return true;
            }
        }
        return false;
    }

    /// @param hashed requests of the route are kept together
    /// @param all of the cluster: when all localities have had their turn, each may be tried again
    void add(Endpoint endpoint, RetryPolicy policy, boolean hashed, EndpointSet all) {
        if (policy.avoidsTriedHosts(hashed) && !hosts.contains(endpoint)) {
            hosts.add(endpoint);
        }
        if (policy.avoidsTriedLocalities() && !isInTriedLocality(endpoint)) {
            localities.add(endpoint);
            if (all.asList().stream().allMatch(this::isInTriedLocality)) {
                localities.clear();
            }
        }
    }
}
