package io.sallyport.cluster;

import io.sallyport.cluster.balance.LoadBalancer;
import io.sallyport.cluster.balance.RequestContext;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The endpoints that a cluster has now: immutable, replaced as a whole when others are found.
public final class EndpointSet {
    public static final EndpointSet EMPTY = new EndpointSet(List.of());

    private final Endpoint[] endpoints;
    /// The sum of the weights up to and with each place.
    private final long[] cumulated;

    private final boolean equalWeights;
    private final @Nullable Map<String, Double> localityWeights;

    public EndpointSet(List<Endpoint> endpoints) {
        this(endpoints, null);
    }

    /// @param localityWeights where they depend on the endpoints; null for those of the cluster's spec
    public EndpointSet(List<Endpoint> endpoints, @Nullable Map<String, Double> localityWeights) {
        this.localityWeights = localityWeights;
        this.endpoints = endpoints.toArray(new Endpoint[0]);
        cumulated = new long[this.endpoints.length];
        long sum = 0;
        boolean equal = true;
        for (int i = 0; i < cumulated.length; i++) {
            sum += this.endpoints[i].weight();
            cumulated[i] = sum;
            equal &= this.endpoints[i].weight() == this.endpoints[0].weight();
        }
        equalWeights = equal;
    }

    public int size() {
        return endpoints.length;
    }

    public boolean isEmpty() {
        return endpoints.length == 0;
    }

    public Endpoint get(int index) {
        return endpoints[index];
    }

    public List<Endpoint> asList() {
        return List.of(endpoints);
    }

    public boolean contains(Endpoint endpoint) {
        for (Endpoint each : endpoints) {
            if (each == endpoint) {
                return true;
            }
        }
        return false;
    }

    /// How much of its traffic the set is healthy enough for: the part of its endpoints that are well, times Envoy's
    /// default `overprovisioning_factor`. Looks at each endpoint.
    ///
    /// @param full what a healthy set gets
    /// @return 0 where none is well, to full
    public long health(long full) {
        int well = 0;
        for (Endpoint each : endpoints) {
            if (each.isAvailable() && !each.isInPanic()) {
                well++;
            }
        }
        return ClusterHealth.part(well, size(), full);
    }

    /// Whether too few are well, so that all are used.
    public boolean isInPanic() {
        for (Endpoint each : endpoints) {
            if (each.isInPanic()) {
                return true;
            }
        }
        return false;
    }

    /// Whether one of them may be sent to now that the request does not exclude.
    public boolean hasEligible(RequestContext context) {
        for (Endpoint each : endpoints) {
            if (LoadBalancer.isEligible(each, context)) {
                return true;
            }
        }
        return false;
    }

    @Nullable
    public Map<String, Double> localityWeights() {
        return localityWeights;
    }

    public boolean hasEqualWeights() {
        return equalWeights;
    }

    public long totalWeight() {
        return cumulated.length == 0 ? 0 : cumulated[cumulated.length - 1];
    }

    /// The place whose share of the total weight this point lies in.
    ///
    /// @param point 0 to below [#totalWeight()]
    public int at(long point) {
        int found = Arrays.binarySearch(cumulated, point);
        return found >= 0 ? found + 1 : -found - 1;
    }
}
