package io.sallyport.compile;

import io.sallyport.config.index.InstanceScope;
import io.sallyport.config.index.MergeOrder;
import io.sallyport.config.model.PeerAuthentication;
import io.sallyport.identity.PeerModes;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Composes PeerAuthentications as Istio does: workload before namespace before mesh, UNSET as the scope around
/// it says. Of several in one scope the oldest holds.
final class PeerModesCompiler {
    private final List<PeerAuthentication> all;
    private final InstanceScope scope;
    private final PeerModes.Mode ofMesh;
    private final Map<String, PeerModes> byNamespace = new HashMap<>();

    PeerModesCompiler(Collection<PeerAuthentication> policies, InstanceScope scope) {
        this.all = policies.stream().sorted(MergeOrder.OLDEST_FIRST).toList();
        this.scope = scope;
        this.ofMesh = ofScope(scope.rootNamespace(), PeerModes.Mode.PERMISSIVE);
    }

    PeerModes of(String namespace) {
        return all.isEmpty() ? PeerModes.PERMISSIVE : byNamespace.computeIfAbsent(namespace, this::compose);
    }

    /// Of this instance itself; null where there is no PeerAuthentication.
    PeerModes.@Nullable Mode ofInstance(int port) {
        return all.isEmpty() ? null : of(scope.namespace()).of(scope.labels(), port);
    }

    /// A selector in the root namespace selects nothing.
    private PeerModes compose(String namespace) {
        if (namespace.equals(scope.rootNamespace())) {
            return new PeerModes(ofMesh, List.of());
        }
        PeerModes.Mode standard = ofScope(namespace, ofMesh);
        return new PeerModes(
                standard,
                all.stream()
                        .filter(policy -> policy.isForWorkloads()
                                && policy.meta().namespace().equals(namespace))
                        .map(policy -> selected(policy, standard))
                        .toList());
    }

    private PeerModes.Mode ofScope(String namespace, PeerModes.Mode around) {
        return all.stream()
                .filter(policy ->
                        !policy.isForWorkloads() && policy.meta().namespace().equals(namespace))
                .findFirst()
                .map(policy -> mode(policy.mtls(), around))
                .orElse(around);
    }

    private static PeerModes.Selected selected(PeerAuthentication policy, PeerModes.Mode around) {
        PeerModes.Mode own = mode(policy.mtls(), around);
        Map<Integer, PeerModes.Mode> ports = new HashMap<>();
        policy.ports().forEach((port, mode) -> ports.put(port, mode(mode, own)));
        return new PeerModes.Selected(policy.selector() == null ? Map.of() : policy.selector(), own, ports);
    }

    private static PeerModes.Mode mode(PeerAuthentication.Mode mode, PeerModes.Mode around) {
        return switch (mode) {
            case UNSET -> around;
            case DISABLE -> PeerModes.Mode.DISABLE;
            case PERMISSIVE -> PeerModes.Mode.PERMISSIVE;
            case STRICT -> PeerModes.Mode.STRICT;
        };
    }
}
