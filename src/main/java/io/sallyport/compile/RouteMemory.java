package io.sallyport.compile;

import io.sallyport.config.model.Destination;
import io.sallyport.config.model.VirtualService;
import io.sallyport.route.Forward;
import io.sallyport.route.Route;
import io.sallyport.snapshot.HttpHost;
import io.sallyport.snapshot.ServerRef;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

/// What one compilation made of VirtualServices, for the next one to use again: a change of one of many then makes
/// little that is new.
///
/// The routes of a VirtualService that does not delegate depend on it, on the place, and on the names of the clusters
/// that they lead to. These names are asked for again in each compilation, which makes the clusters as well; where they
/// are the same, so are the routes.
final class RouteMemory {
    private record Required(Destination destination, String namespace, int port, String cluster) {}

    private record Routes(List<Route> routes, List<Required> clusters) {}

    /// What a host is made of beside its routes.
    record HostPlace(ServerRef server, boolean httpsRedirect, Set<String> gateways) {}

    private record Host(List<List<Route>> routes, HttpHost host) {}

    /// What a compilation leaves to the next.
    ///
    /// @param routes by the VirtualService itself: one that was read anew is another
    /// @param hosts by their names
    record Made(Map<RoutePlace, Map<VirtualService, Routes>> routes, Map<HostPlace, Map<String, Host>> hosts) {
        static final Made NOTHING = new Made(Map.of(), Map.of());
    }

    private final Made before;
    private final Made now = new Made(new HashMap<>(), new HashMap<>());
    private final ClusterCompiler clusters;
    private final List<Required> recorded = new ArrayList<>();
    private final Map<Forward, Forward> forwards = new HashMap<>();

    RouteMemory(Made before, ClusterCompiler clusters) {
        this.before = before;
        this.clusters = clusters;
    }

    Made made() {
        return now;
    }

    /// The name of a destination's cluster, for the routes that are being made; see [ClusterCompiler#require].
    String require(Destination destination, String namespace, int port) {
        String name = clusters.require(destination, namespace, port, true);
        recorded.add(new Required(destination, namespace, port, name));
        return name;
    }

    /// The same forward as one object, however many routes have it: most routes of a large configuration do one of a
    /// few things, and what many requests use stays in the processors' caches.
    Forward shared(Forward forward) {
        Forward known = forwards.putIfAbsent(forward, forward);
        return known == null ? forward : known;
    }

    /// The routes of a VirtualService at a place.
    ///
    /// @param compiler makes them where they are not those of the last compilation
    List<Route> routes(VirtualService service, RoutePlace place, Supplier<List<Route>> compiler) {
        Routes routes = before.routes().getOrDefault(place, Map.of()).get(service);
        if (routes == null || !sameClusters(routes.clusters())) {
            recorded.clear();
            List<Route> compiled = compiler.get();
            routes = new Routes(compiled, List.copyOf(recorded));
        }
        if (service.http().stream().allMatch(route -> route.delegate() == null)) {
            now.routes().computeIfAbsent(place, _ -> new IdentityHashMap<>()).put(service, routes);
        }
        return routes.routes();
    }

    private boolean sameClusters(List<Required> required) {
        for (Required each : required) {
            if (!clusters.require(each.destination(), each.namespace(), each.port(), true)
                    .equals(each.cluster())) {
                return false;
            }
        }
        return true;
    }

    /// The host that servers offer with the routes of some VirtualServices.
    ///
    /// @param place the first of these servers, and what they say of the host
    /// @param routes of each of them
    /// @param compiler makes it where it is not that of the last compilation
    HttpHost host(
            String name, HostPlace place, List<List<Route>> routes, Function<List<List<Route>>, HttpHost> compiler) {
        Host host = before.hosts().getOrDefault(place, Map.of()).get(name);
        if (host == null || !isSame(host.routes(), routes)) {
            host = new Host(routes, compiler.apply(routes));
        }
        now.hosts().computeIfAbsent(place, _ -> new HashMap<>()).put(name, host);
        return host.host();
    }

    @SuppressWarnings("ReferenceEquality") // The very lists: comparing what they hold costs more than a new host.
    private static boolean isSame(List<List<Route>> some, List<List<Route>> others) {
        if (some.size() != others.size()) {
            return false;
        }
        for (int i = 0; i < some.size(); i++) {
            if (some.get(i) != others.get(i)) {
                return false;
            }
        }
        return true;
    }
}
