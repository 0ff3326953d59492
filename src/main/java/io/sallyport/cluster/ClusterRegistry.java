package io.sallyport.cluster;

import io.sallyport.identity.CredentialException;
import io.sallyport.persistent.PersistentMap;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The clusters of one generation by name; immutable.
///
/// A reload makes the next registry from the current one, waits for [#ready], swaps, and closes what is gone with
/// [#closeAllBut]. A reload that fails closes what it made: `next.closeAllBut(current)`.
public final class ClusterRegistry {
    public static final ClusterRegistry EMPTY =
            new ClusterRegistry(PersistentMap.empty(), PersistentMap.empty(), List.of());

    private final PersistentMap<String, ClusterSpec> specs;
    private final PersistentMap<String, Cluster> clusters;
    /// Those that the registry before did not have.
    private final List<Cluster> made;

    private ClusterRegistry(
            PersistentMap<String, ClusterSpec> specs, PersistentMap<String, Cluster> clusters, List<Cluster> made) {
        this.specs = specs;
        this.clusters = clusters;
        this.made = made;
    }

    public @Nullable Cluster cluster(String name) {
        return clusters.get(name);
    }

    /// In no particular order.
    public Collection<Cluster> clusters() {
        return clusters.values();
    }

    /// Makes running clusters.
    public interface Maker {
        /// @param before the cluster of the same name in the generation before, whose health is taken over; null for
        /// none
        /// @throws CredentialException if the spec's TLS material is unusable
        Cluster create(ClusterSpec spec, @Nullable Cluster before) throws CredentialException;
    }

    /// As [#next(PersistentMap, Maker)].
    ///
    /// @throws IllegalArgumentException if two specs have one name
    public ClusterRegistry next(Collection<ClusterSpec> all, Maker maker) throws CredentialException {
        PersistentMap<String, ClusterSpec> byName = PersistentMap.empty();
        for (ClusterSpec spec : all) {
            if (byName.containsKey(spec.name())) {
                throw new IllegalArgumentException("two clusters are named " + spec.name());
            }
            byName = byName.with(spec.name(), spec);
        }
        return next(byName, maker);
    }

    /// The registry of the next generation: running clusters whose spec is equal are kept, the others are new and have
    /// begun to look up their names. What is known of the health of an address outlives a change of its cluster's
    /// spec.
    ///
    /// @param all by name
    /// @throws CredentialException if the TLS material of one is unusable. Nothing new is left running then
    public ClusterRegistry next(PersistentMap<String, ClusterSpec> all, Maker maker) throws CredentialException {
        List<String> changed = new ArrayList<>();
        all.difference(specs, (name, _, _) -> changed.add(name));
        PersistentMap<String, Cluster> next = clusters;
        List<Cluster> fresh = new ArrayList<>();
        try {
            for (String name : changed) {
                ClusterSpec spec = all.get(name);
                Cluster running = clusters.get(name);
                if (spec == null) {
                    next = next.without(name);
                } else if (running == null || !running.spec().equals(spec)) {
                    Cluster cluster = maker.create(spec, running);
                    fresh.add(cluster);
                    next = next.with(name, cluster);
                }
            }
            return new ClusterRegistry(all, next, fresh);
        } catch (RuntimeException | CredentialException e) {
            fresh.forEach(Cluster::close);
            throw e;
        }
    }

    /// Closes the clusters that the other registry does not share: their names are no longer looked up, and every event
    /// loop closes their idle connections at once and the others after their last response.
    public void closeAllBut(ClusterRegistry kept) {
        kept.clusters.difference(clusters, (_, own, _) -> {
            if (own != null) {
                own.close();
            }
        });
    }

    /// Completes when the first look-up of each new cluster has ended, or after the longest time to wait: a name that
    /// does not resolve must not hold up a start or a reload.
    public CompletionStage<?> ready(Duration longest) {
        CompletableFuture<?>[] all = made.stream()
                .map(cluster -> cluster.ready().toCompletableFuture())
                .toArray(CompletableFuture<?>[]::new);
        return CompletableFuture.allOf(all).copy().completeOnTimeout(null, longest.toMillis(), TimeUnit.MILLISECONDS);
    }
}
