package io.sallyport.snapshot;

import io.sallyport.policy.AppliedPolicies;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The authorization policies of one generation, by what they apply to.
///
/// @param instance those of this instance itself, for everything that it serves
/// @param gateways those of Gateways, `namespace/name`
/// @param clusters those of the endpoints behind clusters, by the clusters' names
/// @param byHost the clusters that lead to whatever mesh service is asked for
/// @param unlisted those of a mesh service that no resource lists, by the host that is asked for; null where it has
///     none
public record Policies(
        AppliedPolicies instance,
        Map<String, AppliedPolicies> gateways,
        Map<String, EndpointPolicies> clusters,
        Set<String> byHost,
        Function<String, @Nullable EndpointPolicies> unlisted) {
    public static final Policies NONE =
            new Policies(AppliedPolicies.NONE, Map.of(), Map.of(), Set.of(), _ -> null);

    public Policies {
        gateways = Map.copyOf(gateways);
        clusters = Map.copyOf(clusters);
        byHost = Set.copyOf(byHost);
    }

    public boolean isEmpty() {
        return instance.isEmpty() && gateways.isEmpty() && byHost.isEmpty();
    }

    public boolean hasGateways() {
        return !gateways.isEmpty();
    }

    /// Those of a Gateway besides the instance's own.
    public AppliedPolicies ofGateway(String qualifiedName) {
        return gateways.isEmpty() ? AppliedPolicies.NONE : gateways.getOrDefault(qualifiedName, AppliedPolicies.NONE);
    }

    /// Those of a cluster's endpoints; null where there are none.
    ///
    /// @param host that the request or connection is for, for a cluster that leads to whatever service is asked for
    public @Nullable EndpointPolicies ofCluster(String cluster, String host) {
        return byHost.contains(cluster) ? unlisted.apply(host) : clusters.get(cluster);
    }
}
