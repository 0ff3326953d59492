package io.sallyport.config.index;

import io.sallyport.config.model.VirtualService;
import io.sallyport.persistent.ListDifference;
import io.sallyport.persistent.PersistentMap;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// VirtualServices by name and by the gateway they are bound to. The index of the next configuration is made of what is
/// different.
public final class VirtualServiceIndex {
    private final InstanceScope scope;
    private final List<VirtualService> byName;
    private final boolean twins;
    private final PersistentMap<String, List<VirtualService>> byGateway;
    private final Map<VirtualServiceTrait, List<VirtualService>> byTrait;

    private VirtualServiceIndex(
            InstanceScope scope,
            List<VirtualService> byName,
            boolean twins,
            PersistentMap<String, List<VirtualService>> byGateway,
            Map<VirtualServiceTrait, List<VirtualService>> byTrait) {
        this.scope = scope;
        this.byName = byName;
        this.twins = twins;
        this.byGateway = byGateway;
        this.byTrait = byTrait;
    }

    static VirtualServiceIndex empty(InstanceScope scope) {
        return new VirtualServiceIndex(scope, List.of(), false, PersistentMap.empty(), Map.of());
    }

    static VirtualServiceIndex of(List<VirtualService> services, InstanceScope scope) {
        return empty(scope).changed(new ListDifference<>(List.of(), services));
    }

    /// Whether two VirtualServices have one name and age: then their files decide the order, and the next index is made
    /// anew.
    boolean hasTwins() {
        return twins;
    }

    /// The next index, where this one has no twins.
    VirtualServiceIndex changed(ListDifference<VirtualService> difference) {
        if (difference.isEmpty()) {
            return this;
        }
        List<VirtualService> next = MergeOrder.changedByName(byName, difference);
        return new VirtualServiceIndex(
                scope,
                next,
                MergeOrder.hasTwins(next, difference.added()),
                changedByGateway(difference.of(this::isBound)),
                changedByTrait(difference));
    }

    private Map<VirtualServiceTrait, List<VirtualService>> changedByTrait(ListDifference<VirtualService> difference) {
        Map<VirtualServiceTrait, List<VirtualService>> next = new EnumMap<>(VirtualServiceTrait.class);
        for (VirtualServiceTrait trait : VirtualServiceTrait.values()) {
            next.put(trait, MergeOrder.changed(those(trait), difference.of(trait::isOf)));
        }
        return next;
    }

    private PersistentMap<String, List<VirtualService>> changedByGateway(ListDifference<VirtualService> difference) {
        PersistentMap<String, List<VirtualService>> next = byGateway;
        for (Map.Entry<String, ListDifference<VirtualService>> gateway :
                difference.by(VirtualServiceIndex::gatewaysOf).entrySet()) {
            List<VirtualService> bound = MergeOrder.changed(ofGateway(gateway.getKey()), gateway.getValue());
            next = bound.isEmpty() ? next.without(gateway.getKey()) : next.with(gateway.getKey(), bound);
        }
        return next;
    }

    /// Whether this instance sees it, and it is no delegate.
    boolean isBound(VirtualService virtualService) {
        return !isDelegate(virtualService)
                && ExportTo.isVisible(
                        virtualService.exportTo(), virtualService.meta().namespace(), scope.namespace());
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
        int slash = qualifiedName.indexOf('/');
        return slash < 0
                ? null
                : MergeOrder.find(byName, qualifiedName.substring(0, slash), qualifiedName.substring(slash + 1));
    }

    /// All names, `namespace/name`.
    public List<String> names() {
        return byName.stream()
                .map(each -> each.meta().qualifiedName())
                .distinct()
                .toList();
    }

    /// Those of one kind, in merge order.
    public List<VirtualService> those(VirtualServiceTrait trait) {
        return byTrait.getOrDefault(trait, List.of());
    }

    /// The VirtualServices bound to a gateway (`namespace/name` or `mesh`) that this instance sees, in merge order,
    /// without delegates.
    public List<VirtualService> ofGateway(String gateway) {
        List<VirtualService> bound = byGateway.get(gateway);
        return bound == null ? List.of() : bound;
    }
}
