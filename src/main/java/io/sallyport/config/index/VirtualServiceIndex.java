package io.sallyport.config.index;

import io.sallyport.config.model.VirtualService;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// VirtualServices by name and by the gateway they are bound to.
public final class VirtualServiceIndex {
    private final Map<String, VirtualService> byName = new HashMap<>();
    private final Map<String, List<VirtualService>> byGateway = new HashMap<>();

    VirtualServiceIndex(Collection<VirtualService> virtualServices, InstanceScope scope) {
        for (VirtualService virtualService : MergeOrder.sorted(virtualServices)) {
            byName.putIfAbsent(virtualService.meta().qualifiedName(), virtualService);
            String namespace = virtualService.meta().namespace();
            if (isDelegate(virtualService)
                    || !ExportTo.isVisible(virtualService.exportTo(), namespace, scope.namespace())) {
                continue;
            }
            for (String gateway : gatewaysOf(virtualService)) {
                byGateway.computeIfAbsent(gateway, key -> new ArrayList<>()).add(virtualService);
            }
        }
    }

    /// A VirtualService without hosts has routes only for those that delegate to it (`Delegate`).
    public static boolean isDelegate(VirtualService virtualService) {
        return virtualService.hosts().isEmpty();
    }

    /// The gateways as `namespace/name` or `mesh`, each once, in the order given; `mesh` when none is given.
    public static Set<String> gatewaysOf(VirtualService virtualService) {
        if (virtualService.gateways().isEmpty()) {
            return Set.of(GatewayReference.MESH);
        }
        if (virtualService.gateways().size() == 1) {
            String only = virtualService.gateways().getFirst();
            return Set.of(GatewayReference.resolve(only, virtualService.meta().namespace()));
        }
        Set<String> names = new LinkedHashSet<>();
        for (String reference : virtualService.gateways()) {
            names.add(GatewayReference.resolve(reference, virtualService.meta().namespace()));
        }
        return names;
    }

    /// The VirtualService named `namespace/name`, or null; delegates and hidden ones too.
    public @Nullable VirtualService get(String qualifiedName) {
        return byName.get(qualifiedName);
    }

    public Collection<String> names() {
        return byName.keySet();
    }

    /// The VirtualServices bound to a gateway (`namespace/name` or `mesh`) that this instance sees, in merge order,
    /// without delegates.
    public List<VirtualService> ofGateway(String gateway) {
        return byGateway.getOrDefault(gateway, List.of());
    }
}
