package io.sallyport.compile;

import io.netty.handler.ipfilter.IpSubnetFilterRule;
import io.sallyport.config.model.Destination;
import io.sallyport.config.model.RouteDestination;
import io.sallyport.config.model.TcpRoute;
import io.sallyport.config.model.TlsRoute;
import io.sallyport.config.model.VirtualService;
import io.sallyport.net.AddressRange;
import io.sallyport.route.WeightedCluster;
import io.sallyport.snapshot.L4Route;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Translates the TCP and TLS routes of one VirtualService, as one place sees them.
final class L4RouteCompiler {
    private final Compilation compilation;

    L4RouteCompiler(Compilation compilation) {
        this.compilation = compilation;
    }

    List<L4Route> tcp(VirtualService service, RoutePlace place) {
        List<L4Route> routes = new ArrayList<>();
        for (int i = 0; i < service.tcp().size(); i++) {
            TcpRoute route = service.tcp().get(i);
            List<L4Route.Match> matches = route.match().stream()
                    .map(match -> match(
                            service,
                            place,
                            match.gateways(),
                            match.port(),
                            new Source(match.sourceSubnet(), match.sourceLabels(), match.sourceNamespace()),
                            List.of(),
                            match.destinationSubnets()))
                    .flatMap(Optional::stream)
                    .toList();
            if (route.match().isEmpty() || !matches.isEmpty()) {
                routes.add(route(service, i, matches, route.route(), place));
            }
        }
        return routes;
    }

    List<L4Route> tls(VirtualService service, RoutePlace place) {
        List<L4Route> routes = new ArrayList<>();
        for (int i = 0; i < service.tls().size(); i++) {
            TlsRoute route = service.tls().get(i);
            List<L4Route.Match> matches = route.match().stream()
                    .map(match -> match(
                            service,
                            place,
                            match.gateways(),
                            match.port(),
                            new Source("", match.sourceLabels(), match.sourceNamespace()),
                            match.sniHosts(),
                            match.destinationSubnets()))
                    .flatMap(Optional::stream)
                    .toList();
            if (!matches.isEmpty()) {
                routes.add(route(service, i, matches, route.route(), place));
            }
        }
        return routes;
    }

    /// The conditions on the client.
    private record Source(String subnet, Map<String, String> labels, String namespace) {}

    /// Empty where no connection at this place can meet the match.
    private static Optional<L4Route.Match> match(
            VirtualService service,
            RoutePlace place,
            List<String> gateways,
            int port,
            Source source,
            List<String> serverNames,
            List<String> destinations) {
        if (!place.admits(service.meta().namespace(), gateways, port, source.labels, source.namespace)) {
            return Optional.empty();
        }
        String namespace = place.isMesh() && !source.namespace.isEmpty() ? source.namespace : null;
        return Optional.of(new L4Route.Match(
                serverNames.stream().map(host -> host.toLowerCase(Locale.ROOT)).toList(),
                destinations.stream().map(L4RouteCompiler::range).toList(),
                source.subnet.isEmpty() ? List.of() : List.of(range(source.subnet)),
                0,
                place.isMesh() ? source.labels : Map.of(),
                namespace));
    }

    private L4Route route(
            VirtualService service,
            int index,
            List<L4Route.Match> matches,
            List<RouteDestination> destinations,
            RoutePlace place) {
        List<WeightedCluster> clusters = destinations.stream()
                .map(destination -> new WeightedCluster(
                        cluster(destination.destination(), service.meta().namespace(), place), destination.weight()))
                .toList();
        return new L4Route(service.meta().qualifiedName(), index, matches, clusters);
    }

    private String cluster(Destination destination, String namespace, RoutePlace place) {
        String asked = compilation.clusters().requireAsked(destination, namespace, place, false);
        return asked == null ? compilation.clusters().require(destination, namespace, place.port(), false) : asked;
    }

    private static IpSubnetFilterRule range(String range) {
        return AddressRange.parse(range).rule();
    }
}
