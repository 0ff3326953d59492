package io.sallyport.config.index;

import io.sallyport.config.index.GatewayIndex.AdmittedHost;
import io.sallyport.config.model.Gateway;
import io.sallyport.config.model.VirtualService;
import io.sallyport.persistent.ListDifference;
import io.sallyport.persistent.PersistentMap;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// Which VirtualServices have each host at the servers of the Gateways that they are bound to, and in the mesh.
/// The next one is made of what is different.
public final class BoundHosts {
    /// Stands for the mesh listener, which has one server.
    private static final int MESH = -1;

    private record Server(String gateway, int index) {}

    private record Place(Server server, String host) {}

    private final GatewayIndex gateways;
    private final HostResolution hosts;
    /// The VirtualServices of each host, in merge order.
    private final PersistentMap<Server, PersistentMap<String, List<VirtualService>>> all;
    /// Of a gateway, the places where several VirtualServices meet.
    private final PersistentMap<String, PersistentMap<Place, List<VirtualService>>> shared;

    private BoundHosts(
            GatewayIndex gateways,
            HostResolution hosts,
            PersistentMap<Server, PersistentMap<String, List<VirtualService>>> all,
            PersistentMap<String, PersistentMap<Place, List<VirtualService>>> shared) {
        this.gateways = gateways;
        this.hosts = hosts;
        this.all = all;
        this.shared = shared;
    }

    static BoundHosts empty(GatewayIndex gateways, HostResolution hosts) {
        return new BoundHosts(gateways, hosts, PersistentMap.empty(), PersistentMap.empty());
    }

    /// Whether it is about these Gateways.
    @SuppressWarnings("ReferenceEquality")
    boolean isOf(GatewayIndex index) {
        return gateways == index;
    }

    /// The next one, for the same Gateways.
    ///
    /// @param difference of bound VirtualServices
    BoundHosts changed(ListDifference<VirtualService> difference) {
        Map<Server, PersistentMap<String, List<VirtualService>>> byServer = new HashMap<>();
        Map<String, PersistentMap<Place, List<VirtualService>>> byGateway = new HashMap<>();
        difference.by(this::places).forEach((place, change) -> {
            String gateway = place.server.gateway;
            List<VirtualService> next = MergeOrder.changed(at(place), change);
            byServer.compute(
                    place.server,
                    (server, before) -> set(before == null ? ofServer(server) : before, place.host, next, 1));
            byGateway.compute(
                    gateway, (_, before) -> set(before == null ? ofGateway(gateway) : before, place, next, 2));
        });
        return new BoundHosts(gateways, hosts, with(all, byServer), with(shared, byGateway));
    }

    private static <K> PersistentMap<K, List<VirtualService>> set(
            PersistentMap<K, List<VirtualService>> map, K key, List<VirtualService> services, int least) {
        return services.size() < least ? map.without(key) : map.with(key, services);
    }

    private static <K, T> PersistentMap<K, PersistentMap<T, List<VirtualService>>> with(
            PersistentMap<K, PersistentMap<T, List<VirtualService>>> map,
            Map<K, PersistentMap<T, List<VirtualService>>> changed) {
        PersistentMap<K, PersistentMap<T, List<VirtualService>>> next = map;
        for (Map.Entry<K, PersistentMap<T, List<VirtualService>>> each : changed.entrySet()) {
            next = each.getValue().isEmpty() ? next.without(each.getKey()) : next.with(each.getKey(), each.getValue());
        }
        return next;
    }

    /// Where a VirtualService meets requests; of a wildcard only the part that a server has.
    private Set<Place> places(VirtualService service) {
        Set<Place> places = new HashSet<>(2);
        String namespace = service.meta().namespace();
        for (String name : VirtualServiceIndex.gatewaysOf(service)) {
            Gateway gateway = gateways.get(name);
            if (gateway != null) {
                for (AdmittedHost admitted : gateways.admitted(gateway, service)) {
                    places.add(new Place(new Server(name, admitted.index()), admitted.host()));
                }
            } else if (name.equals(GatewayReference.MESH)) {
                for (String host : service.hosts()) {
                    places.add(new Place(new Server(name, MESH), hosts.fullyQualified(host, namespace)));
                }
            }
        }
        return places;
    }

    private List<VirtualService> at(Place place) {
        List<VirtualService> services = ofServer(place.server).get(place.host);
        return services == null ? List.of() : services;
    }

    private PersistentMap<String, List<VirtualService>> ofServer(Server server) {
        PersistentMap<String, List<VirtualService>> found = all.get(server);
        return found == null ? PersistentMap.empty() : found;
    }

    private PersistentMap<Place, List<VirtualService>> ofGateway(String gateway) {
        PersistentMap<Place, List<VirtualService>> found = shared.get(gateway);
        return found == null ? PersistentMap.empty() : found;
    }

    /// The VirtualServices of a server's hosts, by host, each in merge order.
    ///
    /// @param gateway `namespace/name`
    /// @param index of the server
    public PersistentMap<String, List<VirtualService>> of(String gateway, int index) {
        return ofServer(new Server(gateway, index));
    }

    /// The gateways, `mesh` among them, where VirtualServices share a host.
    public Set<String> sharing() {
        return new TreeSet<>(shared.keySet());
    }

    /// The VirtualServices that share a host of a gateway with another one, in merge order.
    public List<VirtualService> meeting(String gateway) {
        Set<VirtualService> meeting = Collections.newSetFromMap(new IdentityHashMap<>());
        ofGateway(gateway).values().forEach(meeting::addAll);
        // Those of one name are in the order of the files.
        return MergeOrder.sorted(meeting.stream()
                .sorted(Comparator.comparing(
                        (VirtualService each) -> each.meta().at()))
                .toList());
    }
}
