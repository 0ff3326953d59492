package io.sallyport.snapshot;

import io.sallyport.cluster.ClusterRegistry;
import io.sallyport.format.MetricPlan;
import io.sallyport.identity.CertificatesInUse;
import io.sallyport.trace.Traces;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One generation of configuration, compiled: all that a request can meet. Immutable, but for the health and the
/// connections of the clusters, which outlive generations.
///
/// @param generation 1 for the first that was served, 0 for the empty one before it
/// @param loadedAt when it was compiled
/// @param contentHash of the files and secrets it was made of
/// @param listeners by where they are bound
/// @param clusters by name
/// @param policies of a cluster's name the resource that its traffic policy is from, for explanations
/// @param authorization who may call what
/// @param certificates that are used
/// @param traces how requests are traced
/// @param log how requests are logged
/// @param metrics how they are counted
public record Snapshot(
        long generation,
        Instant loadedAt,
        String contentHash,
        Map<BindAddress, ListenerSnapshot> listeners,
        ClusterRegistry clusters,
        Map<String, String> policies,
        Policies authorization,
        CertificatesInUse certificates,
        Traces traces,
        LogPlans log,
        ByGateway<MetricPlan> metrics) {

    public Snapshot {
        listeners = Map.copyOf(listeners);
    }

    /// What is current before the first generation: nothing.
    public static Snapshot empty(Instant now) {
        return new Snapshot(
                0,
                now,
                "",
                Map.of(),
                ClusterRegistry.EMPTY,
                Map.of(),
                Policies.NONE,
                CertificatesInUse.NONE,
                Traces.NONE,
                LogPlans.USUAL,
                ByGateway.usual());
    }

    /// Whether some request must pass checks that may take time.
    public boolean hasChecks() {
        return authorization.hasChecks();
    }

    /// The chain of that name on that listener in this generation, or null where it is gone.
    public @Nullable FilterChain chain(BindAddress bind, String name) {
        ListenerSnapshot listener = listeners.get(bind);
        return listener == null ? null : listener.chains().get(name);
    }
}
