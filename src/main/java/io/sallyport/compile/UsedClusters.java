package io.sallyport.compile;

import io.sallyport.cluster.ClusterSpec;
import io.sallyport.config.index.ConfigurationIndex;
import io.sallyport.config.index.DestinationRuleIndex;
import io.sallyport.config.index.ServiceEntryIndex;
import io.sallyport.config.model.Destination;
import io.sallyport.persistent.PersistentMap;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The clusters that HTTP routes of Gateways lead to, from one compilation to the next, each with how many routes do.
///
/// Of most of them nothing but services and rules say anything: these are the same while services and rules are. All
/// others are made anew each time.
final class UsedClusters {
    /// A destination as a route names it.
    ///
    /// @param namespace of the resource that names it
    /// @param port of the listener; 0 where the destination names one
    /// @param cluster its name
    record Required(Destination destination, String namespace, int port, String cluster) {}

    /// @param of the destination in full, which is the cluster's whatever ports services come to have
    private record Use(Required of, int times) {}

    /// What a compilation leaves to the next.
    ///
    /// @param uses by the clusters' names
    /// @param open those that are made anew
    /// @param specs of the others
    /// @param origins of the others
    record Made(
            @Nullable ServiceEntryIndex services,
            @Nullable DestinationRuleIndex rules,
            PersistentMap<String, Use> uses,
            PersistentMap<String, Required> open,
            PersistentMap<String, ClusterSpec> specs,
            PersistentMap<String, ClusterCompiler.Origin> origins) {
        static final Made NOTHING = new Made(
                null, null, PersistentMap.empty(), PersistentMap.empty(), PersistentMap.empty(), PersistentMap.empty());
    }

    private final ConfigurationIndex index;
    private final ClusterCompiler clusters;
    private final boolean sameServices;
    private PersistentMap<String, Use> uses;
    private PersistentMap<String, Required> open;
    private PersistentMap<String, ClusterSpec> specs;
    private PersistentMap<String, ClusterCompiler.Origin> origins;

    @SuppressWarnings("ReferenceEquality") // An index of the same resources is the same object.
    UsedClusters(Made before, ConfigurationIndex index, ClusterCompiler clusters) {
        this.index = index;
        this.clusters = clusters;
        sameServices = before.services == index.serviceEntries();
        boolean same = sameServices && before.rules == index.destinationRules() && !index.isAnyWithheld();
        uses = before.uses;
        open = same ? before.open : allOf(before.uses);
        specs = same ? before.specs : PersistentMap.empty();
        origins = same ? before.origins : PersistentMap.empty();
    }

    private static PersistentMap<String, Required> allOf(PersistentMap<String, Use> uses) {
        PersistentMap<String, Required> all = PersistentMap.empty();
        for (Use use : uses.values()) {
            all = all.with(use.of.cluster, use.of);
        }
        return all;
    }

    /// Whether destinations have the names that they had.
    boolean haveNames() {
        return sameServices;
    }

    /// Whether the destination still has that name.
    boolean hasName(Required required) {
        return clusters.name(required.destination, required.namespace, required.port)
                .equals(required.cluster);
    }

    /// A route leads there.
    Required use(Destination destination, String namespace, int listenerPort) {
        int port = destination.port() == 0 ? listenerPort : 0;
        String name = clusters.name(destination, namespace, port);
        Use use = uses.get(name);
        // All routes have the same string.
        Required required = new Required(destination, namespace, port, use == null ? name : use.of.cluster);
        if (use == null) {
            Required of = new Required(clusters.inFull(destination, namespace, port), namespace, port, name);
            uses = uses.with(name, new Use(of, 1));
            open = open.with(name, of);
        } else {
            uses = uses.with(required.cluster, new Use(use.of, use.times + 1));
        }
        return required;
    }

    /// A route that led there is gone.
    void release(Required required) {
        String name = required.cluster;
        Use use = uses.get(name);
        if (use != null && use.times > 1) {
            uses = uses.with(name, new Use(use.of, use.times - 1));
            return;
        }
        uses = uses.without(name);
        open = open.without(name);
        specs = specs.without(name);
        origins = origins.without(name);
    }

    /// Makes those that are not there, when all routes are known and before any other cluster is required.
    Made made() {
        List<ClusterCompiler.Cluster> others = new ArrayList<>();
        for (Required required : open.values()) {
            ClusterCompiler.Cluster cluster = clusters.make(required.destination, required.namespace, required.port);
            ClusterSpec spec = cluster.spec();
            if (spec != null && ClusterCompiler.isPlain(spec) && !index.isAnyWithheld()) {
                open = open.without(required.cluster);
                specs = specs.with(required.cluster, spec);
                origins = origins.with(required.cluster, cluster.origin());
            } else {
                others.add(cluster);
            }
        }
        clusters.begin(specs, origins, others);
        return new Made(index.serviceEntries(), index.destinationRules(), uses, open, specs, origins);
    }
}
