package io.sallyport.compile;

import io.sallyport.compile.UsedClusters.Required;
import io.sallyport.config.index.ConfigurationIndex;
import io.sallyport.config.index.DelegateMerger;
import io.sallyport.config.index.GatewayIndex.AdmittedHost;
import io.sallyport.config.index.VirtualServiceTrait;
import io.sallyport.config.model.Destination;
import io.sallyport.config.model.HttpRoute;
import io.sallyport.config.model.VirtualService;
import io.sallyport.persistent.ListDifference;
import io.sallyport.persistent.PersistentMap;
import io.sallyport.route.Route;
import io.sallyport.snapshot.ServerRef;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The HTTP routes of VirtualServices at Gateways, from one compilation to the next: a change of one of many
/// makes little that is new.
///
/// The routes of a VirtualService depend on it, on those that it delegates to, on the place, and on the names of the
/// clusters that they lead to. These names depend on the services alone; where the services may have changed they are
/// asked for again, and where the names are the same, so are the routes.
final class RouteMemory {
    /// @param target null where there is none of that name
    private record Delegated(String name, @Nullable VirtualService target) {}

    /// Of one VirtualService at one place.
    ///
    /// @param clusters that they lead to
    /// @param delegated whose routes are among them
    record Routes(List<Route> routes, List<Required> clusters, List<Delegated> delegated) {}

    /// All of one place.
    ///
    /// @param servers that are there
    /// @param bound to their Gateway
    /// @param routes of those that meet requests there, by the VirtualService itself: one that was read anew is
    ///     another
    record AtPlace(
            List<GatewayServer> servers, List<VirtualService> bound, PersistentMap<VirtualService, Routes> routes) {
        static final AtPlace NOTHING = new AtPlace(List.of(), List.of(), PersistentMap.emptyByIdentity());
    }

    /// What a compilation leaves to the next.
    ///
    /// @param chains by their first servers
    record Made(Map<RoutePlace, AtPlace> places, Map<ServerRef, HttpChain> chains, UsedClusters.Made clusters) {
        static final Made NOTHING = new Made(Map.of(), Map.of(), UsedClusters.Made.NOTHING);
    }

    private final ConfigurationIndex index;
    private final ClusterCompiler clusters;
    private final UsedClusters used;
    private final Made before;
    private final Map<RoutePlace, AtPlace> places = new HashMap<>();
    private final Map<ServerRef, HttpChain> chains = new HashMap<>();
    private final Map<Object, Object> shared = new HashMap<>();
    /// Of each VirtualService, as its first place has them.
    private final Map<VirtualService, Routes> first = new IdentityHashMap<>();
    private UsedClusters.Made usedMade = UsedClusters.Made.NOTHING;
    /// Of the routes that are being made for a Gateway.
    private @Nullable List<Required> recorded;

    RouteMemory(Made before, ClusterCompiler clusters, ConfigurationIndex index) {
        this.before = before;
        this.clusters = clusters;
        this.index = index;
        this.used = new UsedClusters(before.clusters, index, clusters);
    }

    Made made() {
        return new Made(places, chains, usedMade);
    }

    /// The name of a destination's cluster, for the routes that are being made; see [ClusterCompiler#require].
    String require(Destination destination, String namespace, int port) {
        if (recorded == null) {
            return clusters.require(destination, namespace, port, true);
        }
        Required required = used.use(destination, namespace, port);
        recorded.add(required);
        return required.cluster();
    }

    /// The same value as one object, however many routes or hosts have it: most routes of a large configuration ask and
    /// do one
    /// of a few things, and what many requests use stays in the processors' caches.
    @SuppressWarnings("unchecked") // What is equal is of the same class.
    <T> T shared(T value) {
        Object known = shared.putIfAbsent(value, value);
        return known == null ? value : (T) known;
    }

    /// Brings the routes of a place up to date.
    ///
    /// @param servers all that are at the place, of one Gateway
    /// @param compiler makes the routes of a VirtualService there
    void update(RoutePlace place, List<GatewayServer> servers, Function<VirtualService, List<Route>> compiler) {
        AtPlace last = before.places.getOrDefault(place, AtPlace.NOTHING);
        List<VirtualService> bound = index.virtualServices().ofGateway(place.gateway());
        ListDifference<VirtualService> difference = ListDifference.between(last.bound, bound);
        PersistentMap<VirtualService, Routes> routes = last.routes;
        for (VirtualService service : difference.removed()) {
            routes = without(routes, service);
        }
        boolean sameServers = GatewayServer.areSame(servers, last.servers);
        for (VirtualService service : sameServers ? List.<VirtualService>of() : bound) {
            if (!isTaken(service, servers)) {
                routes = without(routes, service);
            }
        }
        for (VirtualService service : stale(routes)) {
            routes = without(routes, service);
            routes = routes.with(service, compiled(service, compiler));
        }
        for (VirtualService service : sameServers ? difference.added() : bound) {
            if (!routes.containsKey(service) && isTaken(service, servers)) {
                routes = routes.with(service, compiled(service, compiler));
            }
        }
        places.put(place, new AtPlace(List.copyOf(servers), bound, routes));
    }

    private PersistentMap<VirtualService, Routes> without(
            PersistentMap<VirtualService, Routes> routes, VirtualService service) {
        Routes known = routes.get(service);
        if (known == null) {
            return routes;
        }
        known.clusters.forEach(used::release);
        return routes.without(service);
    }

    /// Whether one of the servers takes requests for it.
    private boolean isTaken(VirtualService service, List<GatewayServer> servers) {
        if (service.http().isEmpty()) {
            return false;
        }
        for (AdmittedHost admitted :
                index.gateways().admitted(servers.getFirst().gateway(), service)) {
            for (GatewayServer server : servers) {
                if (admitted.index() == server.index()) {
                    return true;
                }
            }
        }
        return false;
    }

    /// Those whose routes are others now.
    private List<VirtualService> stale(PersistentMap<VirtualService, Routes> routes) {
        List<VirtualService> stale = new ArrayList<>();
        for (VirtualService service : index.virtualServices().those(VirtualServiceTrait.DELEGATING)) {
            Routes known = routes.get(service);
            if (known != null && !delegatesLike(known)) {
                stale.add(service);
            }
        }
        if (!used.haveNames()) {
            routes.forEach((service, known) -> {
                if (!known.clusters.stream().allMatch(used::hasName)) {
                    stale.add(service);
                }
            });
        }
        return stale;
    }

    @SuppressWarnings("ReferenceEquality") // One that was read anew may come to stand elsewhere.
    private boolean delegatesLike(Routes known) {
        return known.delegated.stream().allMatch(each -> index.virtualServices().get(each.name) == each.target);
    }

    private List<Delegated> delegated(VirtualService service) {
        List<Delegated> delegated = new ArrayList<>(0);
        for (HttpRoute route : service.http()) {
            if (route.delegate() != null) {
                String name = DelegateMerger.qualifiedName(route.delegate(), service);
                delegated.add(new Delegated(name, index.virtualServices().get(name)));
            }
        }
        return List.copyOf(delegated);
    }

    private Routes compiled(VirtualService service, Function<VirtualService, List<Route>> compiler) {
        List<Required> required = new ArrayList<>();
        recorded = required;
        List<Route> routes = compiler.apply(service);
        recorded = null;
        return asAtFirst(service, new Routes(List.copyOf(routes), List.copyOf(required), delegated(service)));
    }

    /// The ports of a Gateway seldom differ in the routes of a VirtualService: then they have the same object.
    private Routes asAtFirst(VirtualService service, Routes here) {
        Routes there = first.putIfAbsent(service, here);
        if (there == null || !there.routes.equals(here.routes)) {
            return here;
        }
        return there.equals(here) ? there : new Routes(there.routes, here.clusters, here.delegated);
    }

    /// Makes the clusters, when the routes of all places are up to date.
    void settle() {
        before.places.forEach((place, last) -> {
            if (!places.containsKey(place)) {
                last.routes.values().forEach(gone -> gone.clusters.forEach(used::release));
            }
        });
        usedMade = used.made();
    }

    /// The routes of a place.
    PersistentMap<VirtualService, Routes> at(RoutePlace place) {
        AtPlace there = places.get(place);
        return there == null ? AtPlace.NOTHING.routes : there.routes;
    }

    /// A chain as the last compilation made it.
    @Nullable
    HttpChain chain(ServerRef first) {
        return before.chains.get(first);
    }

    void keep(ServerRef first, HttpChain chain) {
        chains.put(first, chain);
    }
}
