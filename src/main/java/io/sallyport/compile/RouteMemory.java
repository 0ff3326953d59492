package io.sallyport.compile;

import io.sallyport.config.index.ServiceEntryIndex;
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
import org.jspecify.annotations.Nullable;

/// What one compilation made of VirtualServices, for the next one to use again: a change of one of many then makes
/// little that is new.
///
/// The routes of a VirtualService that does not delegate depend on it, on where it stands, on the place, and on
/// the names of the clusters that they lead to. These names depend on the services alone; where the services may
/// have changed they are asked for again, and where the names are the same, so are the routes.
final class RouteMemory {
    private record Required(Destination destination, String namespace, int port, String cluster) {}

    /// @param line of the VirtualService: routes name the lines that they are from
    private record Routes(List<Route> routes, List<Required> clusters, int line) {}

    /// What a host is made of beside its routes.
    record HostPlace(ServerRef server, boolean httpsRedirect, Set<String> gateways) {}

    private record Host(HostPlace place, List<List<Route>> routes, HttpHost host) {}

    /// What a compilation leaves to the next.
    ///
    /// @param routes by the VirtualService itself: one that was read anew is another
    /// @param hosts by their chain's first server, and their names
    /// @param services that were looked up
    record Made(
            Map<RoutePlace, Map<VirtualService, Routes>> routes,
            Map<ServerRef, Map<String, Host>> hosts,
            @Nullable ServiceEntryIndex services) {
        static final Made NOTHING = new Made(Map.of(), Map.of(), null);
    }

    private final Made before;
    private final Made now;
    private final ClusterCompiler clusters;
    private final boolean sameServices;
    private final List<Required> recorded = new ArrayList<>();
    private final Map<Forward, Forward> forwards = new HashMap<>();

    RouteMemory(Made before, ClusterCompiler clusters, ServiceEntryIndex services) {
        this.before = before;
        this.now = new Made(new HashMap<>(), new HashMap<>(), services);
        this.clusters = clusters;
        this.sameServices = before.services() == services;
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

    RoutesAt at(RoutePlace place) {
        Map<VirtualService, Routes> known = before.routes().getOrDefault(place, Map.of());
        return new RoutesAt(known, now.routes().computeIfAbsent(place, _ -> new IdentityHashMap<>(known.size() + 1)));
    }

    /// The routes at one place.
    final class RoutesAt {
        private final Map<VirtualService, Routes> known;
        private final Map<VirtualService, Routes> next;

        private RoutesAt(Map<VirtualService, Routes> known, Map<VirtualService, Routes> next) {
            this.known = known;
            this.next = next;
        }

        /// @param compiler makes the routes of the VirtualService where they are not those of the last compilation
        List<Route> of(VirtualService service, Supplier<List<Route>> compiler) {
            Routes routes = known.get(service);
            int line = service.meta().at().line();
            if (routes == null || routes.line() != line || !sameClusters(routes.clusters())) {
                recorded.clear();
                List<Route> compiled = compiler.get();
                routes = new Routes(compiled, List.copyOf(recorded), line);
                if (service.http().stream().anyMatch(route -> route.delegate() != null)) {
                    return compiled;
                }
            }
            next.put(service, routes);
            return routes.routes();
        }
    }

    private boolean sameClusters(List<Required> required) {
        for (Required each : required) {
            boolean again = sameServices && clusters.requireAgain(each.cluster());
            if (!again
                    && !clusters.require(each.destination(), each.namespace(), each.port(), true)
                            .equals(each.cluster())) {
                return false;
            }
        }
        return true;
    }

    HostsOf hostsOf(ServerRef chain) {
        Map<String, Host> known = before.hosts().getOrDefault(chain, Map.of());
        return new HostsOf(known, now.hosts().computeIfAbsent(chain, _ -> HashMap.newHashMap(known.size())));
    }

    /// The hosts of one chain.
    static final class HostsOf {
        private final Map<String, Host> known;
        private final Map<String, Host> next;

        private HostsOf(Map<String, Host> known, Map<String, Host> next) {
            this.known = known;
            this.next = next;
        }

        /// The host with the routes of some VirtualServices.
        ///
        /// @param place the first server that offers it, and what the servers say of it
        /// @param routes of each VirtualService
        /// @param compiler makes the host where it is not that of the last compilation
        HttpHost host(
                String name,
                HostPlace place,
                List<List<Route>> routes,
                Function<List<List<Route>>, HttpHost> compiler) {
            Host host = known.get(name);
            if (host == null || !isSame(host.routes(), routes) || !host.place().equals(place)) {
                host = new Host(place, routes, compiler.apply(routes));
            }
            next.put(name, host);
            return host.host();
        }
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
