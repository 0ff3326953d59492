package io.sallyport.compile;

import io.sallyport.cluster.Discovery;
import io.sallyport.cluster.EndpointPlacement;
import io.sallyport.cluster.EndpointPlacement.Placed;
import io.sallyport.cluster.EndpointSpec;
import io.sallyport.config.index.InstanceScope;
import io.sallyport.config.model.LocalityLbSetting;
import io.sallyport.config.model.LocalityLbSetting.Distribute;
import io.sallyport.config.model.LocalityLbSetting.Failover;
import io.sallyport.config.model.Position;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/// Gives endpoints the priorities and localities the shares that they have as seen from this instance, by the rules of
/// Istio's pilot (`networking/core/loadbalancer`).
record LocalityCompiler(Locality own, Map<String, String> ownLabels) {
    private static final String REGION = "topology.kubernetes.io/region";
    private static final String ZONE = "topology.kubernetes.io/zone";
    private static final String SUBZONE = "topology.istio.io/subzone";
    private static final Position NOWHERE = Position.of("");
    private static final String NETWORK = "topology.istio.io/network";

    /// One more than the farthest of [#failover].
    private static final int DISTANCES = 5;

    LocalityCompiler(InstanceScope scope) {
        this(Locality.parse(scope.locality()), withTopology(scope.labels(), Locality.parse(scope.locality()), null));
    }

    /// Applies a subset's labels and a traffic policy's localities to endpoints that are discovered later.
    ///
    /// @param labels of the subset; empty for the whole service
    /// @param setting without positions, which do not matter here
    private record DiscoveredPlacement(
            LocalityCompiler localities,
            Map<String, String> labels,
            @Nullable LocalityLbSetting setting,
            boolean canFail)
            implements EndpointPlacement {
        @Override
        public Placed place(List<EndpointSpec> all) {
            List<EndpointSpec> members =
                    all.stream().filter(endpoint -> isIn(endpoint, labels)).toList();
            return localities.place(members, setting, canFail);
        }
    }

    /// Without outlierDetection or health checks no endpoint is ever taken for unhealthy, so there is no failover.
    Placed place(EndpointCompiler.Source source, EffectivePolicy policy) {
        // A single name is one endpoint, wherever it leads.
        return source.discovery() == Discovery.LOGICAL_DNS
                ? new Placed(source.endpoints(), Map.of())
                : place(source.endpoints(), setting(policy), canFail(source, policy));
    }

    /// As [#place], for endpoints that are found later.
    EndpointPlacement later(EndpointCompiler.Source source, EffectivePolicy policy, Map<String, String> labels) {
        LocalityLbSetting setting = setting(policy);
        return new DiscoveredPlacement(
                this, labels, setting == null ? null : withoutPositions(setting), canFail(source, policy));
    }

    private static @Nullable LocalityLbSetting setting(EffectivePolicy policy) {
        return policy.loadBalancer() == null ? null : policy.loadBalancer().localityLbSetting();
    }

    private static boolean canFail(EndpointCompiler.Source source, EffectivePolicy policy) {
        return policy.outlierDetection() != null || source.healthCheck() != null;
    }

    /// A resource that only moves within its file decides as before.
    private static LocalityLbSetting withoutPositions(LocalityLbSetting setting) {
        return new LocalityLbSetting(
                setting.distribute().stream()
                        .map(entry -> new Distribute(entry.from(), entry.to(), NOWHERE))
                        .toList(),
                setting.failover().stream()
                        .map(entry -> new Failover(entry.from(), entry.to(), NOWHERE))
                        .toList(),
                setting.failoverPriority(),
                setting.enabled(),
                NOWHERE);
    }

    Placed place(List<EndpointSpec> endpoints, @Nullable LocalityLbSetting setting, boolean canFail) {
        boolean disabled = setting != null && Boolean.FALSE.equals(setting.enabled());
        if (disabled || endpoints.isEmpty()) {
            return new Placed(endpoints, Map.of());
        }
        if (setting != null && !setting.distribute().isEmpty()) {
            return distribute(endpoints, setting.distribute());
        }
        return new Placed(canFail ? prioritized(endpoints, setting) : endpoints, Map.of());
    }

    /// The first entry that this instance's locality is in decides; what is in none of its destinations is left out.
    private Placed distribute(List<EndpointSpec> endpoints, List<Distribute> entries) {
        for (Distribute entry : entries) {
            if (own.isIn(entry.from())) {
                Map<String, Double> weights = new HashMap<>();
                Set<EndpointSpec> placed = new HashSet<>();
                entry.to().forEach((pattern, share) -> {
                    List<EndpointSpec> within = endpoints.stream()
                            .filter(endpoint -> !placed.contains(endpoint)
                                    && Locality.parse(endpoint.locality()).isIn(pattern))
                            .toList();
                    placed.addAll(within);
                    divide(share, within, weights);
                });
                return new Placed(endpoints.stream().filter(placed::contains).toList(), weights);
            }
        }
        return new Placed(endpoints, Map.of());
    }

    /// Where a pattern covers several localities, they share by the weights of their endpoints.
    private static void divide(int share, List<EndpointSpec> endpoints, Map<String, Double> weights) {
        double total = endpoints.stream().mapToLong(EndpointSpec::weight).sum();
        for (EndpointSpec endpoint : endpoints) {
            String locality = endpoint.locality() == null ? "" : endpoint.locality();
            weights.merge(locality, share * endpoint.weight() / total, Double::sum);
        }
    }

    private List<EndpointSpec> prioritized(List<EndpointSpec> endpoints, @Nullable LocalityLbSetting setting) {
        List<String> labels = setting == null ? List.of() : setting.failoverPriority();
        List<Failover> failover = setting == null ? List.of() : setting.failover();
        ToIntFunction<EndpointSpec> byLocality = endpoint -> own.isKnown() ? failover(endpoint, failover) : 0;
        if (labels.isEmpty()) {
            return ranked(endpoints, byLocality);
        }
        ToIntFunction<EndpointSpec> byLabels =
                endpoint -> ownLabels.isEmpty() ? 0 : mismatches(endpoint, labels) * DISTANCES;
        return ranked(
                endpoints,
                failover.isEmpty()
                        ? byLabels
                        : endpoint -> byLabels.applyAsInt(endpoint) + byLocality.applyAsInt(endpoint));
    }

    /// The nearer the better; of other regions the one that failover names comes first.
    private int failover(EndpointSpec endpoint, List<Failover> failover) {
        Locality there = Locality.parse(endpoint.locality());
        int distance = own.distance(there);
        if (distance < 3) {
            return distance;
        }
        for (Failover entry : failover) {
            if (entry.from().equals(own.region())) {
                return entry.to().equals(there.region()) ? 3 : 4;
            }
        }
        return 3;
    }

    /// The number of labels from the first one on whose value at the endpoint differs from this instance's, or from
    /// `value` in `label=value`.
    private int mismatches(EndpointSpec endpoint, List<String> labels) {
        Map<String, String> theirs = labels(endpoint);
        int matching = 0;
        for (String label : labels) {
            int equals = label.indexOf('=');
            String name = equals < 0 ? label : label.substring(0, equals);
            String expected = equals < 0 ? ownLabels.getOrDefault(name, "") : label.substring(equals + 1);
            if (!theirs.getOrDefault(name, "").equals(expected)) {
                break;
            }
            matching++;
        }
        return labels.size() - matching;
    }

    /// Whether the endpoint belongs to the subset with these labels. Its locality and network count as labels,
    /// too.
    static boolean isIn(EndpointSpec endpoint, Map<String, String> subset) {
        return subset.isEmpty() || labels(endpoint).entrySet().containsAll(subset.entrySet());
    }

    private static Map<String, String> labels(EndpointSpec endpoint) {
        return withTopology(endpoint.labels(), Locality.parse(endpoint.locality()), endpoint.network());
    }

    /// What the locality says outweighs labels that were written, which outweigh the network (Istio pilot,
    /// `AugmentLabels`).
    private static Map<String, String> withTopology(
            Map<String, String> labels, Locality locality, @Nullable String network) {
        Map<String, String> all = new HashMap<>(labels);
        put(all, REGION, locality.region());
        put(all, ZONE, locality.zone());
        put(all, SUBZONE, locality.subzone());
        if (network != null && all.getOrDefault(NETWORK, "").isEmpty()) {
            put(all, NETWORK, network);
        }
        return all;
    }

    private static void put(Map<String, String> labels, String name, String value) {
        if (!value.isEmpty()) {
            labels.put(name, value);
        }
    }

    /// Priorities from 0 on without gaps, in the order of the ranks.
    private static List<EndpointSpec> ranked(List<EndpointSpec> endpoints, ToIntFunction<EndpointSpec> rank) {
        TreeSet<Integer> ranks = new TreeSet<>();
        endpoints.forEach(endpoint -> ranks.add(rank.applyAsInt(endpoint)));
        return endpoints.stream()
                .map(endpoint -> endpoint.withPriority(
                        ranks.headSet(rank.applyAsInt(endpoint)).size()))
                .toList();
    }
}
