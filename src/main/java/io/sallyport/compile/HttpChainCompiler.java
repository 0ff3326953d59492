package io.sallyport.compile;

import io.sallyport.config.index.GatewayIndex;
import io.sallyport.config.index.HostMap;
import io.sallyport.config.model.PortProtocol;
import io.sallyport.config.model.VirtualService;
import io.sallyport.route.HostIndex;
import io.sallyport.route.Route;
import io.sallyport.route.RouteIndex;
import io.sallyport.snapshot.FilterChain;
import io.sallyport.snapshot.HttpHost;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Makes the virtual hosts of one filter chain: every VirtualService host that one of the chain's servers admits, with
/// the routes of all VirtualServices that share it, in merge order.
final class HttpChainCompiler {
    private final Compilation compilation;
    private final HttpRouteCompiler routes;

    HttpChainCompiler(Compilation compilation) {
        this.compilation = compilation;
        this.routes = new HttpRouteCompiler(compilation);
    }

    FilterChain.Http compile(List<GatewayServer> servers) {
        Map<String, Domain> domains = new LinkedHashMap<>();
        HostMap<GatewayServer> byHost = new HostMap<>();
        for (GatewayServer server : servers) {
            collect(server, domains);
            server.hosts().forEach(host -> byHost.add(host, server));
        }
        HostIndex.Builder<HttpHost> hosts = HostIndex.builder();
        RouteMemory.HostsOf memory =
                compilation.routes().hostsOf(servers.getFirst().ref());
        domains.forEach((name, domain) -> {
            (servers.size() == 1 ? servers : byHost.mostSpecific(name)).forEach(domain::offeredBy);
            hosts.add(name, domain.host(name, memory));
        });
        boolean grpcWeb = servers.stream().anyMatch(server -> server.protocol() == PortProtocol.GRPC_WEB);
        return new FilterChain.Http(hosts.build(), grpcWeb);
    }

    private void collect(GatewayServer server, Map<String, Domain> domains) {
        String gateway = server.gateway().meta().qualifiedName();
        RoutePlace place = server.place(compilation.options().scope());
        RouteMemory.RoutesAt memory = compilation.routes().at(place);
        for (VirtualService service : compilation.index().virtualServices().ofGateway(gateway)) {
            List<Route> compiled = null;
            for (GatewayIndex.AdmittedHost admitted :
                    compilation.index().gateways().admitted(server.gateway(), service)) {
                if (admitted.index() != server.index() || service.http().isEmpty()) {
                    continue;
                }
                if (compiled == null) {
                    compiled = memory.of(service, () -> routes.compile(service, place));
                }
                Domain domain = domains.computeIfAbsent(admitted.host(), _ -> new Domain(server));
                domain.offeredBy(server);
                domain.add(service, compiled);
            }
        }
        if (server.httpsRedirect()) {
            // A redirect to https needs no route: the host alone decides.
            server.hosts().forEach(host -> domains.computeIfAbsent(host, _ -> new Domain(server)));
        }
    }

    private static final class Domain {
        private final GatewayServer server;
        private Set<String> gateways = Set.of();
        private boolean httpsRedirect;
        /// Most domains have one VirtualService, and need no map.
        private @Nullable VirtualService first;

        private List<Route> ofFirst = List.of();
        private Map<String, List<Route>> byService = Map.of();

        Domain(GatewayServer server) {
            this.server = server;
        }

        /// If one of the servers redirects to HTTPS, no other one serves the domain in plain text, in whatever
        /// order they come: those that admit a VirtualService for the domain, and those whose host covers it.
        void offeredBy(GatewayServer offering) {
            httpsRedirect |= offering.httpsRedirect();
            String gateway = offering.ref().gateway();
            if (gateways.isEmpty()) {
                gateways = Set.of(gateway);
            } else if (!gateways.contains(gateway)) {
                gateways = new TreeSet<>(gateways);
                gateways.add(gateway);
            }
        }

        /// A VirtualService that two gateways on one port share counts once.
        void add(VirtualService service, List<Route> routes) {
            if (first == null) {
                first = service;
                ofFirst = routes;
            } else if (!first.equals(service)) {
                if (byService.isEmpty()) {
                    byService = new LinkedHashMap<>();
                    byService.put(first.meta().qualifiedName(), ofFirst);
                }
                byService.putIfAbsent(service.meta().qualifiedName(), routes);
            }
        }

        private List<List<Route>> routes() {
            if (first == null) {
                return List.of();
            }
            return byService.isEmpty() ? List.of(ofFirst) : List.copyOf(byService.values());
        }

        HttpHost host(String name, RouteMemory.HostsOf memory) {
            RouteMemory.HostPlace place = new RouteMemory.HostPlace(server.ref(), httpsRedirect, Set.copyOf(gateways));
            return memory.host(name, place, routes(), routes -> compiled(name, routes));
        }

        private HttpHost compiled(String name, List<List<Route>> routes) {
            List<Route> all = new ArrayList<>();
            routes.forEach(all::addAll);
            return new HttpHost(name, RouteIndex.of(all), httpsRedirect, server.ref(), List.copyOf(gateways));
        }
    }
}
