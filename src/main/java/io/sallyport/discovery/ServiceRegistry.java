package io.sallyport.discovery;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// A [ServiceCatalog] to which objects are added one by one. [#publish] notifies the listeners, so that a
/// burst of changes is one change.
public final class ServiceRegistry implements ServiceCatalog {
    private static final Logger LOG = Logger.getLogger(ServiceRegistry.class);

    private final Map<ServiceName, MeshService> services = new TreeMap<>();
    private final SliceIndex slices = new SliceIndex();
    private final Map<ServiceName, Set<Listener>> listeners = new HashMap<>();
    private final Map<InetAddress, MeshPod> podsByAddress = new ConcurrentHashMap<>();
    private final Set<ServiceName> dirty = new HashSet<>();
    private boolean servicesChanged;
    private volatile Map<InetAddress, MeshService> servicesByAddress = Map.of();
    private volatile MeshServices published = MeshServices.UNKNOWN;

    /// Adds or replaces the service.
    public synchronized void put(MeshService service) {
        if (!service.equals(services.put(service.name(), service))) {
            servicesChanged = true;
            dirty.add(service.name());
        }
    }

    public synchronized void remove(ServiceName service) {
        servicesChanged |= services.remove(service) != null;
        dirty.add(service);
    }

    public synchronized void put(EndpointSlice slice) {
        dirty.addAll(slices.put(slice));
    }

    public synchronized void removeSlice(String id) {
        dirty.addAll(slices.remove(id));
    }

    public synchronized void put(MeshPod pod) {
        MeshPod before = slices.put(pod);
        if (pod.equals(before)) {
            return;
        }
        forgetAddresses(before);
        for (String address : pod.addresses()) {
            InetAddress literal = literal(address);
            if (literal != null) {
                podsByAddress.put(literal, pod);
            }
        }
        dirty.addAll(slices.servicesOf(pod));
    }

    public synchronized void removePod(String namespace, String name) {
        MeshPod before = slices.removePod(namespace, name);
        forgetAddresses(before);
        if (before != null) {
            dirty.addAll(slices.servicesOf(before));
        }
    }

    public synchronized void put(MeshNode node) {
        if (slices.put(node)) {
            dirty.addAll(services.keySet());
        }
    }

    public synchronized void removeNode(String name) {
        // Its pods go, too; until then they are where they were.
        slices.removeNode(name);
    }

    /// An address may be another pod's already.
    private void forgetAddresses(@Nullable MeshPod pod) {
        if (pod != null) {
            for (String address : pod.addresses()) {
                InetAddress literal = literal(address);
                if (literal != null) {
                    podsByAddress.remove(literal, pod);
                }
            }
        }
    }

    /// Notifies the listeners of what changed since the last call; the first call means that the registry is complete.
    ///
    /// @return whether there are other services than before
    public synchronized boolean publish() {
        MeshServices before = published;
        boolean changed = servicesChanged || !before.isKnown();
        if (changed) {
            Map<InetAddress, MeshService> byAddress = new HashMap<>();
            for (MeshService service : services.values()) {
                for (String address : service.addresses()) {
                    InetAddress literal = literal(address);
                    if (literal != null) {
                        byAddress.put(literal, service);
                    }
                }
            }
            servicesByAddress = byAddress;
            published = new MeshServices(true, new ArrayList<>(services.values()), before.revision() + 1);
            servicesChanged = false;
        }
        if (before.isKnown()) {
            dirty.forEach(name -> listeners.getOrDefault(name, Set.of()).forEach(Listener::reportAlone));
        } else {
            listeners.values().forEach(all -> all.forEach(Listener::reportAlone));
        }
        dirty.clear();
        return changed;
    }

    @Override
    public MeshServices services() {
        return published;
    }

    @Override
    public @Nullable MeshPod pod(InetAddress address) {
        return podsByAddress.get(address);
    }

    @Override
    public List<InetSocketAddress> endpoints(InetSocketAddress service) {
        MeshService known = servicesByAddress.get(service.getAddress());
        if (known == null) {
            return List.of();
        }
        List<InetSocketAddress> all = new ArrayList<>();
        synchronized (this) {
            for (MeshEndpoint endpoint : slices.endpoints(known, service.getPort())) {
                InetAddress literal = literal(endpoint.address());
                if (literal != null) {
                    all.add(new InetSocketAddress(literal, endpoint.port()));
                }
            }
        }
        return all;
    }

    @Override
    public synchronized Watch watch(ServiceName service, int port, Consumer<List<MeshEndpoint>> listener) {
        Listener added = new Listener(service, port, listener);
        listeners.computeIfAbsent(service, _ -> new HashSet<>()).add(added);
        if (published.isKnown()) {
            added.report();
        }
        return () -> forget(added);
    }

    private synchronized void forget(Listener listener) {
        Set<Listener> all = listeners.get(listener.service);
        if (all != null && all.remove(listener) && all.isEmpty()) {
            listeners.remove(listener.service);
        }
    }

    /// The numbers of known objects, for reports.
    public synchronized Counts counts() {
        return new Counts(services.size(), slices.size(), slices.pods());
    }

    public record Counts(int services, int slices, int pods) {}

    /// The literal's address; no name is looked up.
    static @Nullable InetAddress literal(String address) {
        try {
            return InetAddress.ofLiteral(address);
        } catch (IllegalArgumentException noLiteral) {
            return null;
        }
    }

    private final class Listener {
        private final ServiceName service;
        private final int port;
        private final Consumer<List<MeshEndpoint>> listener;
        private @Nullable List<MeshEndpoint> reported;

        Listener(ServiceName service, int port, Consumer<List<MeshEndpoint>> listener) {
            this.service = service;
            this.port = port;
            this.listener = listener;
        }

        /// What one service has must not cost others their news.
        void reportAlone() {
            try {
                report();
            } catch (RuntimeException defect) {
                LOG.errorf(defect, "the endpoints of %s cannot be used", service);
            }
        }

        /// A service that is gone has no endpoints, whatever slices are left.
        void report() {
            MeshService known = services.get(service);
            List<MeshEndpoint> now = known == null ? List.of() : slices.endpoints(known, port);
            if (!now.equals(reported)) {
                reported = now;
                listener.accept(now);
            }
        }
    }
}
