package io.sallyport.cluster.balance;

import io.sallyport.cluster.ClusterSpec;
import io.sallyport.cluster.Endpoint;
import io.sallyport.cluster.EndpointSet;
import io.sallyport.cluster.WarmUp;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Makes the pickers that a cluster's spec configures, from outside to inside: by priority, by locality, and by hash or
/// load balancer. Levels that are not configured are left out.
public final class PickerFactory {
    /// Slots of a hash table that take a millisecond or two to fill.
    private static final long COSTLY = 8192;

    private final LoadBalancing kind;
    private final LoadBalancer balancer;
    private final @Nullable HashPolicy hash;
    private final Map<String, Double> standardWeights;
    private final @Nullable WarmUp warmUp;

    /// @param clock nanoseconds, monotonic
    /// @param before endpoints of the cluster that this one stands in for
    public PickerFactory(ClusterSpec spec, LongSupplier clock, EndpointSet before) {
        BalancingSpec balancing = spec.balancing();
        kind = spec.loadBalancing();
        hash = balancing.hash();
        standardWeights = balancing.localityWeights();
        warmUp = balancing.slowStart() == null ? null : new WarmUp(balancing.slowStart(), clock, before);
        balancer = balancer(kind, warmUp);
    }

    /// @param warmUp of new endpoints, or null; RANDOM knows none (Istio: `LoadBalancerSettings.warmup`)
    static LoadBalancer balancer(LoadBalancing kind, @Nullable WarmUp warmUp) {
        return switch (kind) {
            case LEAST_REQUEST -> new LeastRequest(warmUp);
            case ROUND_ROBIN -> new RoundRobin(warmUp);
            case RANDOM -> new WeightedRandom();
        };
    }

    /// Whether [#of] would hold up an event loop.
    public boolean isCostly(EndpointSet set) {
        return hash != null && hash.cost(set.size()) > COSTLY;
    }

    public EndpointPicker of(EndpointSet set) {
        if (warmUp != null) {
            warmUp.begin(set);
        }
        Map<Integer, EndpointSet> levels =
                new TreeMap<>(groups(set, endpoint -> endpoint.spec().priority()));
        Map<String, Double> own = set.localityWeights();
        Map<String, Double> localityWeights = own == null ? standardWeights : own;
        return levels.size() > 1 ? priorities(levels, localityWeights) : level(set, localityWeights);
    }

    private EndpointPicker priorities(Map<Integer, EndpointSet> levels, Map<String, Double> localityWeights) {
        List<EndpointPicker> pickers = levels.values().stream()
                .map(level -> level(level, localityWeights))
                .toList();
        return new PriorityPicker(List.copyOf(levels.values()), pickers, hash == null ? null : hash.key());
    }

    private EndpointPicker level(EndpointSet set, Map<String, Double> localityWeights) {
        if (hash != null) {
            return new HashPicker(hash.key(), table(hash, set, localityWeights), set);
        }
        return localityWeights.isEmpty() ? context -> balancer.pick(set, context) : localities(set, localityWeights);
    }

    private EndpointPicker localities(EndpointSet set, Map<String, Double> localityWeights) {
        List<EndpointSet> sets = new ArrayList<>();
        List<LoadBalancer> balancers = new ArrayList<>();
        List<Double> weights = new ArrayList<>();
        byLocality(set).forEach((locality, members) -> {
            weights.add(localityWeights.getOrDefault(locality, 0.0));
            sets.add(members);
            balancers.add(balancer(kind, warmUp));
        });
        return new LocalityPicker(set, balancer, weights, sets, balancers);
    }

    private static HashTable table(HashPolicy policy, EndpointSet set, Map<String, Double> localityWeights) {
        List<String> names = set.asList().stream().map(Endpoint::hashName).toList();
        double[] weights = weights(set, localityWeights);
        return switch (policy.algorithm()) {
            case HashPolicy.Ring(int size) -> HashRing.of(names, weights, size);
            case HashPolicy.Maglev(int size) -> MaglevTable.of(names, weights, size);
        };
    }

    /// A locality's share is divided among its endpoints by their weights.
    private static double[] weights(EndpointSet set, Map<String, Double> localityWeights) {
        if (localityWeights.isEmpty()) {
            return set.asList().stream().mapToDouble(Endpoint::weight).toArray();
        }
        Map<String, EndpointSet> localities = byLocality(set);
        return set.asList().stream()
                .mapToDouble(endpoint -> endpoint.weight()
                        * localityWeights.getOrDefault(locality(endpoint), 0.0)
                        / localities.getOrDefault(locality(endpoint), set).totalWeight())
                .toArray();
    }

    private static Map<String, EndpointSet> byLocality(EndpointSet set) {
        return groups(set, PickerFactory::locality);
    }

    private static String locality(Endpoint endpoint) {
        String locality = endpoint.spec().locality();
        return locality == null ? "" : locality;
    }

    private static <K> Map<K, EndpointSet> groups(EndpointSet set, Function<Endpoint, K> by) {
        Map<K, List<Endpoint>> members = new LinkedHashMap<>();
        set.asList().forEach(endpoint -> members.computeIfAbsent(by.apply(endpoint), _ -> new ArrayList<>())
                .add(endpoint));
        Map<K, EndpointSet> sets = new LinkedHashMap<>();
        members.forEach((key, endpoints) -> sets.put(key, new EndpointSet(endpoints)));
        return sets;
    }
}
