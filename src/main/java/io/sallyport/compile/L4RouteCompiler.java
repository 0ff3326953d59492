package io.sallyport.compile;

import io.netty.handler.ipfilter.IpSubnetFilterRule;
import io.sallyport.config.index.HostPatterns;
import io.sallyport.config.model.Destination;
import io.sallyport.config.model.L4MatchAttributes;
import io.sallyport.config.model.RouteDestination;
import io.sallyport.config.model.TcpRoute;
import io.sallyport.config.model.TlsMatchAttributes;
import io.sallyport.config.model.TlsRoute;
import io.sallyport.config.model.VirtualService;
import io.sallyport.net.AddressRange;
import io.sallyport.route.HostIndex;
import io.sallyport.route.WeightedCluster;
import io.sallyport.snapshot.FilterChain;
import io.sallyport.snapshot.L4Route;
import io.sallyport.snapshot.SniClusterNames;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/// Translates TCP and TLS routes: of one VirtualService, as one place sees them, and of the servers of Gateways that
/// forward bytes.
final class L4RouteCompiler {
    /// There is no cluster of that name.
    private static final WeightedCluster NOWHERE = new WeightedCluster("not compiled", 1);

    private final Compilation compilation;

    L4RouteCompiler(Compilation compilation) {
        this.compilation = compilation;
    }

    /// The TCP routes of servers that share a plain port, or of one that terminates TLS.
    FilterChain.Tcp tcp(List<GatewayServer> servers) {
        List<L4Route> all = new ArrayList<>();
        for (GatewayServer server : servers) {
            RoutePlace place = server.place(compilation.options().scope());
            servicesOf(server).forEach(service -> all.addAll(tcp(service, place)));
        }
        return new FilterChain.Tcp(
                all,
                servers.stream()
                        .map(server -> server.gateway().meta().qualifiedName())
                        .distinct()
                        .toList());
    }

    /// The TLS routes of a passthrough server; AUTO_PASSTHROUGH has none, its SNI names the cluster.
    FilterChain.Application passthrough(GatewayServer server) {
        if (server.isAutoPassthrough()) {
            compilation.clusters().requireAll(server.hosts());
            return new FilterChain.SniCluster(unlisted(server.hosts()));
        }
        RoutePlace place = server.place(compilation.options().scope());
        List<L4Route> all = new ArrayList<>();
        for (VirtualService service : servicesOf(server)) {
            all.addAll(tls(service, place));
        }
        return new FilterChain.Tcp(all, List.of(server.gateway().meta().qualifiedName()));
    }

    /// Services of the mesh that only DNS knows, within what the server admits. Their bytes are TLS already, so no
    /// DestinationRule makes it (Istio pilot: clusters for SNI have none).
    private HostIndex<String> unlisted(List<String> admitted) {
        HostIndex.Builder<String> builder = HostIndex.builder();
        compilation.index().serviceEntries().hosts().forEach(host -> builder.add(host, SniClusterNames.LISTED));
        String domain = "*.svc." + compilation.index().hosts().clusterDomain();
        for (String pattern : admitted) {
            String within = HostPatterns.intersection(domain, pattern);
            if (within != null) {
                builder.add(within, compilation.clusters().requireMeshServices());
            }
        }
        return builder.build();
    }

    private List<VirtualService> servicesOf(GatewayServer server) {
        String gateway = server.gateway().meta().qualifiedName();
        return compilation.index().virtualServices().ofGateway(gateway).stream()
                .filter(service -> compilation.index().gateways().admitted(server.gateway(), service).stream()
                        .anyMatch(admitted -> admitted.index() == server.index()))
                .toList();
    }

    List<L4Route> tcp(VirtualService service, RoutePlace place) {
        return made(service, List.of(), routes -> {
            for (int i = 0; i < service.tcp().size(); i++) {
                TcpRoute route = service.tcp().get(i);
                List<Conditions> conditions =
                        route.match().stream().map(Conditions::of).toList();
                add(routes, service, place, i, conditions, route.route());
            }
        });
    }

    List<L4Route> tls(VirtualService service, RoutePlace place) {
        List<String> names = service.hosts().stream()
                .map(host -> host.toLowerCase(Locale.ROOT))
                .toList();
        L4Route.Match hosts = new L4Route.Match(names, List.of(), List.of(), Map.of(), null);
        return made(service, List.of(hosts), routes -> {
            for (int i = 0; i < service.tls().size(); i++) {
                TlsRoute route = service.tls().get(i);
                List<Conditions> conditions =
                        route.match().stream().map(Conditions::of).toList();
                if (!conditions.isEmpty()) {
                    add(routes, service, place, i, conditions, route.route());
                }
            }
        });
    }

    /// The routes of a VirtualService. Where the gateway fails at them, its connections lead nowhere.
    ///
    /// @param connections that are its
    private List<L4Route> made(
            VirtualService service, List<L4Route.Match> connections, Consumer<List<L4Route>> compiler) {
        List<L4Route> routes = new ArrayList<>();
        try {
            compiler.accept(routes);
            return routes;
        } catch (RuntimeException failure) {
            compilation.credentials().report(failure, service.meta());
            return List.of(new L4Route(service.meta().qualifiedName(), 0, connections, List.of(NOWHERE)));
        }
    }

    /// Those of one match.
    private record Conditions(
            List<String> gateways,
            int port,
            List<String> serverNames,
            List<String> destinations,
            String source,
            Map<String, String> labels,
            String namespace) {
        static Conditions of(L4MatchAttributes tcp) {
            return new Conditions(
                    tcp.gateways(),
                    tcp.port(),
                    List.of(),
                    tcp.destinationSubnets(),
                    tcp.sourceSubnet(),
                    tcp.sourceLabels(),
                    tcp.sourceNamespace());
        }

        static Conditions of(TlsMatchAttributes tls) {
            return new Conditions(
                    tls.gateways(),
                    tls.port(),
                    tls.sniHosts(),
                    tls.destinationSubnets(),
                    "",
                    tls.sourceLabels(),
                    tls.sourceNamespace());
        }

        L4Route.Match match(RoutePlace place) {
            return new L4Route.Match(
                    // Istio then leaves out the condition, so that clients without SNI meet it, too.
                    serverNames.contains(HostPatterns.ANY)
                            ? List.of()
                            : serverNames.stream()
                                    .map(host -> host.toLowerCase(Locale.ROOT))
                                    .toList(),
                    ranges(destinations),
                    source.isEmpty() ? List.of() : ranges(List.of(source)),
                    place.isMesh() ? labels : Map.of(),
                    place.isMesh() && !namespace.isEmpty() ? namespace : null);
        }
    }

    /// Adds the route, unless no connection at this place can meet any of its matches.
    private void add(
            List<L4Route> routes,
            VirtualService service,
            RoutePlace place,
            int index,
            List<Conditions> conditions,
            List<RouteDestination> destinations) {
        String namespace = service.meta().namespace();
        List<L4Route.Match> matches = conditions.stream()
                .filter(each -> place.admits(namespace, each.gateways, each.port, each.labels, each.namespace))
                .map(each -> each.match(place))
                .toList();
        if (conditions.isEmpty() || !matches.isEmpty()) {
            List<WeightedCluster> clusters = destinations.stream()
                    .map(each -> new WeightedCluster(cluster(each.destination(), namespace, place), each.weight()))
                    .toList();
            routes.add(new L4Route(service.meta().qualifiedName(), index, matches, clusters));
        }
    }

    private String cluster(Destination destination, String namespace, RoutePlace place) {
        String asked = compilation.clusters().requireAsked(destination, namespace, place, false);
        return asked == null ? compilation.clusters().require(destination, namespace, place.port(), false) : asked;
    }

    private static List<IpSubnetFilterRule> ranges(List<String> texts) {
        return texts.stream().map(text -> AddressRange.parse(text).rule()).toList();
    }
}
