package io.sallyport.config.index;

import io.sallyport.config.model.ServiceEntry;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// ServiceEntries by host, as the instance sees them.
public final class ServiceEntryIndex {
    private final HostMap<ServiceEntry> visible = new HostMap<>();
    private final HostMap<ServiceEntry> all = new HostMap<>();
    private final List<ServiceEntry> discovered = new ArrayList<>();

    /// @param services of the mesh that are discovered
    ServiceEntryIndex(Collection<ServiceEntry> entries, Collection<ServiceEntry> services, InstanceScope scope) {
        List<ServiceEntry> own = new ArrayList<>();
        List<ServiceEntry> others = new ArrayList<>();
        for (ServiceEntry entry : MergeOrder.sorted(entries)) {
            String namespace = entry.meta().namespace();
            (namespace.equals(scope.namespace()) ? own : others).add(entry);
        }
        // Where two namespaces name one host, the instance's own wins, then the merge order decides.
        own.addAll(others);
        for (ServiceEntry entry : own) {
            String namespace = entry.meta().namespace();
            boolean isVisible = ExportTo.isVisible(entry.exportTo(), namespace, scope.namespace());
            for (String host : entry.hosts()) {
                // As it is written: only other resources say `payments` for a service of their own namespace (Istio
                // pilot `serviceentry/conversion.go`).
                String name = HostPatterns.canonical(host);
                all.add(name, entry);
                if (isVisible && governs(name, namespace)) {
                    visible.add(name, entry);
                }
            }
        }
        services.forEach(service -> addService(service, scope));
    }

    /// What somebody has written of a service outweighs what the mesh itself says.
    private void addService(ServiceEntry service, InstanceScope scope) {
        String host = service.hosts().getFirst();
        boolean written = !visible.get(host).isEmpty();
        all.add(host, service);
        if (!written && ExportTo.isVisible(service.exportTo(), service.meta().namespace(), scope.namespace())) {
            visible.add(host, service);
            discovered.add(service);
        }
    }

    /// The visible services of the mesh that no ServiceEntry names.
    public List<ServiceEntry> discovered() {
        return discovered;
    }

    /// The namespace that comes first is the service's; what others say of the same host does not count.
    private boolean governs(String name, String namespace) {
        List<ServiceEntry> earlier = visible.get(name);
        return earlier.isEmpty() || earlier.getFirst().meta().namespace().equals(namespace);
    }

    /// The entry that governs a host: one that names it, else the one with the longest wildcard; null if there is none.
    public @Nullable ServiceEntry find(String fullName) {
        return visible.first(fullName);
    }

    /// The entry that defines a port of the host, or null. Entries of one namespace and host are one service whose
    /// ports add up; those of other namespaces do not count.
    public @Nullable ServiceEntry find(String fullName, int port) {
        for (ServiceEntry entry : findAll(fullName)) {
            if (entry.port(port) != null) {
                return entry;
            }
        }
        return null;
    }

    /// All entries that together are the service of that name: same host pattern, same namespace. Empty if unknown.
    public List<ServiceEntry> findAll(String fullName) {
        return visible.mostSpecific(fullName);
    }

    /// Like [#find(String)], with the entries that `exportTo` hides from this instance.
    public @Nullable ServiceEntry findHidden(String fullName) {
        return all.first(fullName);
    }

    /// The hosts of all visible entries.
    public Iterable<String> hosts() {
        return visible.patterns();
    }
}
