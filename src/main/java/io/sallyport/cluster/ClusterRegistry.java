package io.sallyport.cluster;

import io.sallyport.identity.CredentialException;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The clusters of one generation by name; immutable.
///
/// A reload makes the next registry from the current one, waits for [#ready], swaps, and closes what is gone with
/// [#closeAllBut]. A reload that fails closes what it made: `next.closeAllBut(current)`.
public final class ClusterRegistry {
    public static final ClusterRegistry EMPTY = new ClusterRegistry(Map.of());

    private final Map<String, Cluster> clusters;

    private ClusterRegistry(Map<String, Cluster> clusters) {
        this.clusters = clusters;
    }

    public @Nullable Cluster cluster(String name) {
        return clusters.get(name);
    }

    /// In the order of the specs.
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

    /// The registry of the next generation: running clusters whose spec is equal are kept, the others are new and have
    /// begun to look up their names. What is known of the health of an address outlives a change of its cluster's
    /// spec.
    ///
    /// @throws IllegalArgumentException if two specs have one name
    /// @throws CredentialException if the TLS material of one is unusable. Nothing new is left running in either
    ///     case
    public ClusterRegistry next(Collection<ClusterSpec> specs, Maker maker) throws CredentialException {
        Map<String, Cluster> next = LinkedHashMap.newLinkedHashMap(specs.size());
        ClusterRegistry made = new ClusterRegistry(next);
        try {
            for (ClusterSpec spec : specs) {
                if (next.containsKey(spec.name())) {
                    throw new IllegalArgumentException("two clusters are named " + spec.name());
                }
                Cluster running = clusters.get(spec.name());
                next.put(
                        spec.name(),
                        running != null && running.spec().equals(spec) ? running : maker.create(spec, running));
            }
            return made;
        } catch (RuntimeException | CredentialException e) {
            made.closeAllBut(this);
            throw e;
        }
    }

    /// Closes the clusters that the other registry does not share: their names are no longer looked up, and every event
    /// loop closes their idle connections at once and the others after their last response.
    public void closeAllBut(ClusterRegistry kept) {
        for (Cluster cluster : clusters.values()) {
            if (kept.clusters.get(cluster.name()) != cluster) {
                cluster.close();
            }
        }
    }

    /// Completes when each cluster's first look-up has ended, or after the longest time to wait: a name that does not
    /// resolve must not hold up a start or a reload.
    public CompletionStage<?> ready(Duration longest) {
        CompletableFuture<?>[] all = clusters.values().stream()
                .map(cluster -> cluster.ready().toCompletableFuture())
                .toArray(CompletableFuture<?>[]::new);
        return CompletableFuture.allOf(all).copy().completeOnTimeout(null, longest.toMillis(), TimeUnit.MILLISECONDS);
    }
}
