package io.sallyport.explain.egress;

import io.sallyport.cluster.ClusterSpec;
import io.sallyport.compile.SnapshotPlan;
import io.sallyport.egress.EgressPermit;
import io.sallyport.route.Forward;
import io.sallyport.route.MatchedRoute;
import io.sallyport.route.WeightedCluster;
import io.sallyport.snapshot.FilterChain;
import io.sallyport.snapshot.ListenerSnapshot;
import io.sallyport.snapshot.MeshHost;
import io.sallyport.snapshot.MeshRoutes;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Reads the egress list of a compiled configuration.
public final class EgressEntries {
    private static final Comparator<EgressEntry> BY_HOST = Comparator.comparing(
                    EgressEntry::permit, Comparator.comparing(EgressPermit::host))
            .thenComparing(entry -> entry.permit().port());

    private EgressEntries() {}

    /// The mesh listener's routes, or null where there is no mesh listener.
    public static @Nullable MeshRoutes routes(SnapshotPlan plan) {
        return routes(plan.listeners().values());
    }

    /// Likewise of a generation.
    public static @Nullable MeshRoutes routes(Collection<ListenerSnapshot> listeners) {
        for (ListenerSnapshot listener : listeners) {
            for (FilterChain chain : listener.all()) {
                if (chain.application() instanceof FilterChain.Mesh mesh) {
                    return mesh.routes();
                }
            }
        }
        return null;
    }

    /// The list by host and port, and what is let out without being named last; empty where there is no mesh listener.
    public static List<EgressEntry> of(SnapshotPlan plan) {
        MeshRoutes routes = routes(plan);
        if (routes == null) {
            return List.of();
        }
        Stream<EgressEntry> named = routes.hosts().stream()
                .map(host -> entry(host, plan.clusters()))
                .sorted(BY_HOST);
        return Stream.concat(named, routes.catchAlls().stream().map(host -> entry(host, plan.clusters())))
                .toList();
    }

    private static EgressEntry entry(MeshHost host, Map<String, ClusterSpec> clusters) {
        List<ClusterSpec> reached = clusterNames(host).stream()
                .map(clusters::get)
                .filter(Objects::nonNull)
                .toList();
        return new EgressEntry(
                host.permit(),
                reached.isEmpty() ? "not forwarded" : joined(reached, ClusterReach::text),
                reached.isEmpty() ? "" : joined(reached, ClusterReach::guard));
    }

    private static String joined(List<ClusterSpec> clusters, Function<ClusterSpec, String> text) {
        return clusters.stream().map(text).distinct().collect(Collectors.joining("; or "));
    }

    private static Set<String> clusterNames(MeshHost host) {
        Set<String> names = new LinkedHashSet<>();
        List<WeightedCluster> destinations = new ArrayList<>();
        if (host.http() != null) {
            for (MatchedRoute matched : host.http().routes().ordered()) {
                if (matched.route().action() instanceof Forward forward) {
                    destinations.addAll(forward.clusters());
                }
            }
        }
        host.bytes().forEach(route -> destinations.addAll(route.clusters()));
        destinations.forEach(destination -> names.add(destination.clusterName()));
        return names;
    }
}
