package io.sallyport.snapshot;

import io.sallyport.cluster.Cluster;
import io.sallyport.policy.AppliedPolicies;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The authorization policies of one generation, by what they apply to.
///
/// @param instance those of this instance itself, for everything that it serves
/// @param gateways those of Gateways that policies name, `namespace/name`, the instance's own among them
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
    private static final EndpointPolicies.Judges NOBODY = new EndpointPolicies.Judges(AppliedPolicies.NONE, new int[0]);
    public static final Policies NONE = new Policies(AppliedPolicies.NONE, Map.of(), Map.of(), Set.of(), _ -> null);

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

    /// Those of a Gateway that policies name, the instance's own among them; null for any other.
    public @Nullable AppliedPolicies ofGateway(String qualifiedName) {
        return gateways.get(qualifiedName);
    }

    /// Those of a cluster's endpoints.
    ///
    /// @param host that the request or connection is for, for a cluster that leads to whatever service is asked for
    /// @param port that is asked for, likewise
    public EndpointPolicies.Judges ofCluster(Cluster cluster, String host, int port) {
        EndpointPolicies policies = ofCluster(cluster.name(), host);
        return policies == null ? NOBODY : policies.of(cluster, port);
    }

    /// As the other; null where there are none.
    public @Nullable EndpointPolicies ofCluster(String cluster, String host) {
        return byHost.contains(cluster) ? unlisted.apply(host) : clusters.get(cluster);
    }
}
