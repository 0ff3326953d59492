package io.sallyport.compile;

import io.sallyport.config.index.GatewayIndex.AdmittedHost;
import io.sallyport.config.index.HostMap;
import io.sallyport.config.model.PortProtocol;
import io.sallyport.config.model.VirtualService;
import io.sallyport.persistent.PersistentMap;
import io.sallyport.route.HostIndex;
import io.sallyport.route.Route;
import io.sallyport.route.RouteIndex;
import io.sallyport.snapshot.FilterChain;
import io.sallyport.snapshot.HttpHost;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Makes the virtual hosts of filter chains: every VirtualService host that one of a chain's servers admits, with the
/// routes of all VirtualServices that share it, in merge order. Where the servers are what they were, only the hosts
/// of VirtualServices with other routes are made anew.
final class HttpChainCompiler {
    private final Compilation compilation;
    private final HttpRouteCompiler routes;
    /// Of hosts that one VirtualService has for itself, by its routes: one object for all its hosts and their ports.
    private final Map<List<Route>, RouteIndex> indexes = new IdentityHashMap<>();

    HttpChainCompiler(Compilation compilation) {
        this.compilation = compilation;
        this.routes = new HttpRouteCompiler(compilation);
    }

    /// Brings the routes of all chains up to date.
    void prepare(List<List<GatewayServer>> chains) {
        Map<RoutePlace, List<GatewayServer>> places = new LinkedHashMap<>();
        for (List<GatewayServer> servers : chains) {
            servers.forEach(server -> places.computeIfAbsent(place(server), _ -> new ArrayList<>())
                    .add(server));
        }
        places.forEach((place, servers) ->
                compilation.routes().update(place, servers, service -> routes.compile(service, place)));
        compilation.routes().settle();
    }

    private RoutePlace place(GatewayServer server) {
        return server.place(compilation.options().scope());
    }

    FilterChain.Http compile(List<GatewayServer> servers) {
        HttpChain last = compilation.routes().chain(servers.getFirst().ref());
        HttpChain chain = last != null && last.canonical() && GatewayServer.areSame(servers, last.servers())
                ? changed(last)
                : null;
        if (chain == null) {
            chain = made(servers);
        }
        compilation.routes().keep(servers.getFirst().ref(), chain);
        boolean grpcWeb = servers.stream().anyMatch(server -> server.protocol() == PortProtocol.GRPC_WEB);
        return new FilterChain.Http(chain.hosts(), grpcWeb);
    }

    private List<PersistentMap<VirtualService, RouteMemory.Routes>> routesOf(List<GatewayServer> servers) {
        return servers.stream()
                .map(server -> compilation.routes().at(place(server)))
                .toList();
    }

    /// The last one with other hosts where routes are others; null where all have to be looked at.
    private @Nullable HttpChain changed(HttpChain last) {
        List<GatewayServer> servers = last.servers();
        List<PersistentMap<VirtualService, RouteMemory.Routes>> routesNow = routesOf(servers);
        Set<String> names = new HashSet<>();
        for (int i = 0; i < servers.size(); i++) {
            GatewayServer server = servers.get(i);
            routesNow.get(i).difference(last.routes().get(i), (service, _, _) -> addHosts(server, service, names));
        }
        if (!names.stream().allMatch(HostIndex::isCanonical)) {
            return null;
        }
        Map<String, @Nullable HttpHost> hosts = new HashMap<>();
        names.forEach(name -> hosts.put(name, host(name, servers, last.byHost(), routesNow)));
        HostIndex<HttpHost> index =
                hosts.isEmpty() ? last.hosts() : last.hosts().changed(hosts);
        return new HttpChain(servers, last.byHost(), routesNow, true, index);
    }

    private void addHosts(GatewayServer server, VirtualService service, Set<String> names) {
        for (AdmittedHost admitted : compilation.index().gateways().admitted(server.gateway(), service)) {
            if (admitted.index() == server.index()) {
                names.add(admitted.host());
            }
        }
    }

    private HttpChain made(List<GatewayServer> servers) {
        HostMap<GatewayServer> byHost = new HostMap<>();
        Set<String> names = new HashSet<>();
        for (GatewayServer server : servers) {
            names.addAll(bound(server).keySet());
            server.hosts().forEach(host -> byHost.add(host, server));
            if (server.httpsRedirect()) {
                names.addAll(server.hosts());
            }
        }
        boolean canonical = names.stream().allMatch(HostIndex::isCanonical);
        List<PersistentMap<VirtualService, RouteMemory.Routes>> routesNow = routesOf(servers);
        HostIndex.Builder<HttpHost> hosts = HostIndex.builder();
        for (String name : canonical ? names : new TreeSet<>(names)) {
            HttpHost host = host(name, servers, byHost, routesNow);
            if (host != null) {
                hosts.add(name, host);
            }
        }
        return new HttpChain(servers, byHost, routesNow, canonical, hosts.build());
    }

    private PersistentMap<String, List<VirtualService>> bound(GatewayServer server) {
        return compilation.index().boundHosts().of(server.gateway().meta().qualifiedName(), server.index());
    }

    /// Null where no server has that host for requests.
    private @Nullable HttpHost host(
            String name,
            List<GatewayServer> servers,
            HostMap<GatewayServer> byHost,
            List<PersistentMap<VirtualService, RouteMemory.Routes>> routesNow) {
        Domain domain = new Domain();
        for (int i = 0; i < servers.size(); i++) {
            GatewayServer server = servers.get(i);
            List<VirtualService> services = bound(server).getOrDefault(name, List.of());
            for (VirtualService service : services) {
                RouteMemory.Routes known = routesNow.get(i).get(service);
                if (known != null) {
                    domain.add(server, service, known.routes());
                }
            }
            // A redirect to https needs no route: the host alone decides.
            if (server.httpsRedirect() && byHost.get(name).contains(server)) {
                domain.offeredBy(server);
            }
        }
        if (domain.server == null) {
            return null;
        }
        (servers.size() == 1 ? servers : byHost.mostSpecific(name)).forEach(domain::offeredBy);
        return domain.host(name);
    }

    private final class Domain {
        private @Nullable GatewayServer server;
        private final Set<String> gateways = new TreeSet<>();
        private boolean httpsRedirect;
        /// A VirtualService that two gateways on one port share counts once.
        private final Map<String, List<Route>> byService = new LinkedHashMap<>(2);

        /// If one of the servers redirects to HTTPS, no other one serves the domain in plain text, in whatever
        /// order they come: those that admit a VirtualService for the domain, and those whose host covers it.
        void offeredBy(GatewayServer offering) {
            server = server == null ? offering : server;
            httpsRedirect |= offering.httpsRedirect();
            gateways.add(offering.ref().gateway());
        }

        void add(GatewayServer offering, VirtualService service, List<Route> routes) {
            offeredBy(offering);
            byService.putIfAbsent(service.meta().qualifiedName(), routes);
        }

        HttpHost host(String name) {
            GatewayServer first = Objects.requireNonNull(server);
            List<String> offering = compilation.routes().shared(List.copyOf(gateways));
            return new HttpHost(name, index(), httpsRedirect, first.ref(), offering);
        }

        private RouteIndex index() {
            Collection<List<Route>> routes = byService.values();
            if (routes.size() == 1) {
                return indexes.computeIfAbsent(routes.iterator().next(), RouteIndex::of);
            }
            List<Route> all = new ArrayList<>();
            routes.forEach(all::addAll);
            return RouteIndex.of(all);
        }
    }
}
