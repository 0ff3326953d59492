package io.sallyport.config.model;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A policy, or what is like one, for workloads that it selects, or for what it is attached to.
public sealed interface AttachedPolicy extends Resource permits AuthorizationPolicy, RequestAuthentication, Telemetry {
    /// Labels of the workloads it applies to; null for every workload of its namespace, or of the mesh in the root
    /// namespace.
    @Nullable
    Map<String, String> selector();

    /// What it is attached to instead of workloads, `targetRef` and `targetRefs`; empty for workloads.
    List<AuthorizationPolicy.TargetRef> targets();

    /// Whether it is attached to that very object.
    default boolean targets(String kind, String namespace, String name) {
        return meta().namespace().equals(namespace)
                && targets().stream()
                        .anyMatch(target ->
                                target.kind().equals(kind) && target.name().equals(name));
    }
}
