package io.sallyport.snapshot;

import io.sallyport.cluster.Cluster;
import io.sallyport.policy.AppliedPolicies;
import io.sallyport.policy.Policy;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The authorization policies of one generation, by what they apply to.
public final class Policies {
    private static final EndpointPolicies.Judges NOBODY = new EndpointPolicies.Judges(AppliedPolicies.NONE, new int[0]);
    public static final Policies NONE =
            new Policies(AppliedPolicies.NONE, Map.of(), Map.of(), Set.of(), _ -> null, List.of(), false);

    private final List<AppliedPolicies> instance;
    private final Map<String, AppliedPolicies> gateways;
    private final Map<String, EndpointPolicies> clusters;
    private final Set<String> byHost;
    private final Function<String, @Nullable EndpointPolicies> unlisted;
    private final List<Policy> written;
    private final boolean readsFields;
    private final boolean checks;

    /// @param instance those of this instance itself, for everything that it serves
    /// @param gateways those of Gateways that policies name, `namespace/name`, the instance's own among them
    /// @param clusters those of the endpoints behind clusters, by the clusters' names
    /// @param byHost the clusters that lead to whatever mesh service is asked for
    /// @param unlisted those of a mesh service that no resource lists, by the host that is asked for; null where it
    ///     has none
    /// @param written every AuthorizationPolicy, once, as it is compiled for requests
    /// @param checks whether any of all these has checks that take time: authorizers, rules for tokens
    public Policies(
            AppliedPolicies instance,
            Map<String, AppliedPolicies> gateways,
            Map<String, EndpointPolicies> clusters,
            Set<String> byHost,
            Function<String, @Nullable EndpointPolicies> unlisted,
            List<Policy> written,
            boolean checks) {
        this.instance = List.of(instance);
        this.gateways = Map.copyOf(gateways);
        this.clusters = Map.copyOf(clusters);
        this.byHost = Set.copyOf(byHost);
        this.unlisted = unlisted;
        this.written = List.copyOf(written);
        this.readsFields = clusters.values().stream().anyMatch(EndpointPolicies::readsFields);
        this.checks = checks;
    }

    /// Those of this instance itself.
    public AppliedPolicies instance() {
        return instance.getFirst();
    }

    /// Every AuthorizationPolicy, once, for explanations.
    public List<Policy> written() {
        return written;
    }

    /// The Gateways that are asked to apply a policy, `Gateway namespace/name`.
    public List<String> gatewaysOf(Policy policy) {
        return gateways.values().stream()
                .filter(applied -> applied.requests().has(policy))
                .map(AppliedPolicies::scope)
                .sorted()
                .toList();
    }

    /// How many clusters have endpoints that a policy may be about; none of those without. Walks all of them.
    public Map<Policy, Integer> clustersByPolicy() {
        Map<Policy, Integer> counts = new IdentityHashMap<>();
        for (EndpointPolicies each : clusters.values()) {
            each.policies().forEach(policy -> counts.merge(policy, 1, Integer::sum));
        }
        return counts;
    }

    public boolean isEmpty() {
        return instance().isEmpty() && gateways.isEmpty() && byHost.isEmpty();
    }

    /// Whether policies that may have to judge a request again, because endpoints change, ask for its fields.
    public boolean readsFields() {
        return readsFields;
    }

    /// Whether any of them has checks that may take time.
    public boolean hasChecks() {
        return checks;
    }

    /// Whether policies name any Gateway.
    public boolean hasGateways() {
        return !gateways.isEmpty();
    }

    /// Those of the Gateways that offer a host or share a port, as far as policies name them; where they name none, the
    /// instance's own.
    ///
    /// @param offering `namespace/name`
    public List<AppliedPolicies> at(List<String> offering) {
        if (gateways.isEmpty() || offering.isEmpty()) {
            return instance;
        }
        List<AppliedPolicies> named = new ArrayList<>(offering.size());
        for (String gateway : offering) {
            AppliedPolicies applied = gateways.get(gateway);
            if (applied != null) {
                named.add(applied);
            }
        }
        return named.isEmpty() ? instance : named;
    }

    /// Those of a cluster's endpoints.
    ///
    /// @param host that the request or connection is for, for a cluster that leads to whatever service is asked for
    /// @param port that is asked for, likewise
    public EndpointPolicies.Judges ofCluster(Cluster cluster, String host, int port) {
        EndpointPolicies policies = ofCluster(cluster.name(), host);
        return policies == null ? NOBODY : policies.of(cluster, port);
    }

    /// Whether endpoints of the cluster may have policies that deny, whatever any allows.
    public boolean mayDeny(String cluster, String host) {
        EndpointPolicies policies = ofCluster(cluster, host);
        return policies != null && policies.mayDeny();
    }

    /// As the other; null where there are none.
    public @Nullable EndpointPolicies ofCluster(String cluster, String host) {
        return byHost.contains(cluster) ? unlisted.apply(host) : clusters.get(cluster);
    }
}
