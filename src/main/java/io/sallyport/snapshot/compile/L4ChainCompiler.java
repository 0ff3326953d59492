package io.sallyport.snapshot.compile;

import io.netty.handler.ipfilter.IpSubnetFilterRule;
import io.sallyport.config.index.GatewayReference;
import io.sallyport.config.model.L4MatchAttributes;
import io.sallyport.config.model.RouteDestination;
import io.sallyport.config.model.TcpRoute;
import io.sallyport.config.model.TlsMatchAttributes;
import io.sallyport.config.model.TlsRoute;
import io.sallyport.config.model.VirtualService;
import io.sallyport.identity.AddressRange;
import io.sallyport.route.WeightedCluster;
import io.sallyport.snapshot.FilterChain;
import io.sallyport.snapshot.L4Route;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Translates TCP and TLS routes for the servers that forward bytes.
final class L4ChainCompiler {
    private final Compilation compilation;

    L4ChainCompiler(Compilation compilation) {
        this.compilation = compilation;
    }

    /// The TCP routes of servers that share a plain port, or of one that terminates TLS.
    FilterChain.Tcp tcp(List<GatewayServer> servers) {
        List<L4Route> routes = new ArrayList<>();
        for (GatewayServer server : servers) {
            for (VirtualService service : servicesOf(server)) {
                for (int i = 0; i < service.tcp().size(); i++) {
                    addTcp(server, service, i, routes);
                }
            }
        }
        return new FilterChain.Tcp(routes);
    }

    /// The TLS routes of a passthrough server; AUTO_PASSTHROUGH has none, its SNI names the cluster.
    FilterChain.Application passthrough(GatewayServer server) {
        if (server.isAutoPassthrough()) {
            compilation.clusters().requireAll(server.hosts());
            return new FilterChain.SniCluster();
        }
        List<L4Route> routes = new ArrayList<>();
        for (VirtualService service : servicesOf(server)) {
            for (int i = 0; i < service.tls().size(); i++) {
                addTls(server, service, i, routes);
            }
            for (int i = 0; i < service.tcp().size(); i++) {
                addTcp(server, service, i, routes);
            }
        }
        return new FilterChain.Tcp(routes);
    }

    private List<VirtualService> servicesOf(GatewayServer server) {
        String gateway = server.gateway().meta().qualifiedName();
        return compilation.index().virtualServices().ofGateway(gateway).stream()
                .filter(service -> compilation.index().gateways().admitted(server.gateway(), service).stream()
                        .anyMatch(admitted -> admitted.index() == server.index()))
                .toList();
    }

    private void addTcp(GatewayServer server, VirtualService service, int index, List<L4Route> routes) {
        TcpRoute route = service.tcp().get(index);
        List<L4Route.Match> matches = new ArrayList<>();
        for (L4MatchAttributes match : route.match()) {
            if (concerns(
                    server, service, match.gateways(), match.port(), match.sourceLabels(), match.sourceNamespace())) {
                List<IpSubnetFilterRule> source =
                        match.sourceSubnet().isEmpty() ? List.of() : subnets(List.of(match.sourceSubnet()));
                matches.add(new L4Route.Match(List.of(), subnets(match.destinationSubnets()), source, 0));
            }
        }
        if (route.match().isEmpty() || !matches.isEmpty()) {
            routes.add(new L4Route(
                    service.meta().qualifiedName(), index, matches, clusters(route.route(), service, server)));
        }
    }

    private void addTls(GatewayServer server, VirtualService service, int index, List<L4Route> routes) {
        TlsRoute route = service.tls().get(index);
        List<L4Route.Match> matches = new ArrayList<>();
        for (TlsMatchAttributes match : route.match()) {
            if (concerns(
                    server, service, match.gateways(), match.port(), match.sourceLabels(), match.sourceNamespace())) {
                List<String> names = match.sniHosts().stream()
                        .map(host -> host.toLowerCase(Locale.ROOT))
                        .toList();
                matches.add(new L4Route.Match(names, subnets(match.destinationSubnets()), List.of(), 0));
            }
        }
        if (!matches.isEmpty()) {
            routes.add(new L4Route(
                    service.meta().qualifiedName(), index, matches, clusters(route.route(), service, server)));
        }
    }

    private boolean concerns(
            GatewayServer server,
            VirtualService service,
            List<String> gateways,
            int port,
            Map<String, String> sourceLabels,
            String sourceNamespace) {
        if (port != 0 && port != server.server().port().number()) {
            return false;
        }
        if (!gateways.isEmpty()) {
            String own = server.gateway().meta().qualifiedName();
            return gateways.stream().anyMatch(reference -> GatewayReference.resolve(
                            reference, service.meta().namespace())
                    .equals(own));
        }
        return compilation.options().scope().labels().entrySet().containsAll(sourceLabels.entrySet())
                && (sourceNamespace.isEmpty()
                        || sourceNamespace.equals(compilation.options().scope().namespace()));
    }

    private List<WeightedCluster> clusters(
            List<RouteDestination> destinations, VirtualService service, GatewayServer server) {
        return destinations.stream()
                .map(destination -> new WeightedCluster(
                        compilation
                                .clusters()
                                .require(
                                        destination.destination(),
                                        service.meta().namespace(),
                                        server.server().port().number(),
                                        false),
                        destination.weight()))
                .toList();
    }

    private static List<IpSubnetFilterRule> subnets(List<String> subnets) {
        return subnets.stream()
                .map(subnet -> AddressRange.parse(subnet).rule())
                .toList();
    }
}
