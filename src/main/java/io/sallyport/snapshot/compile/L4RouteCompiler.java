package io.sallyport.snapshot.compile;

import io.netty.handler.ipfilter.IpSubnetFilterRule;
import io.sallyport.config.model.L4MatchAttributes;
import io.sallyport.config.model.RouteDestination;
import io.sallyport.config.model.TcpRoute;
import io.sallyport.config.model.TlsMatchAttributes;
import io.sallyport.config.model.TlsRoute;
import io.sallyport.config.model.VirtualService;
import io.sallyport.identity.AddressRange;
import io.sallyport.route.WeightedCluster;
import io.sallyport.snapshot.L4Route;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

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
            List<L4Route.Match> matches = new ArrayList<>();
            for (L4MatchAttributes match : route.match()) {
                if (place.admits(
                        service.meta().namespace(),
                        match.gateways(),
                        match.port(),
                        match.sourceLabels(),
                        match.sourceNamespace())) {
                    matches.add(match(
                            place,
                            List.of(),
                            match.destinationSubnets(),
                            match.sourceSubnet(),
                            match.sourceLabels(),
                            match.sourceNamespace()));
                }
            }
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
            List<L4Route.Match> matches = new ArrayList<>();
            for (TlsMatchAttributes match : route.match()) {
                if (place.admits(
                        service.meta().namespace(),
                        match.gateways(),
                        match.port(),
                        match.sourceLabels(),
                        match.sourceNamespace())) {
                    List<String> names = match.sniHosts().stream()
                            .map(host -> host.toLowerCase(Locale.ROOT))
                            .toList();
                    matches.add(match(
                            place,
                            names,
                            match.destinationSubnets(),
                            "",
                            match.sourceLabels(),
                            match.sourceNamespace()));
                }
            }
            if (!matches.isEmpty()) {
                routes.add(route(service, i, matches, route.route(), place));
            }
        }
        return routes;
    }

    private static L4Route.Match match(
            RoutePlace place,
            List<String> serverNames,
            List<String> destinations,
            String source,
            Map<String, String> sourceLabels,
            String sourceNamespace) {
        @Nullable String namespace = place.isMesh() && !sourceNamespace.isEmpty() ? sourceNamespace : null;
        return new L4Route.Match(
                serverNames,
                destinations.stream().map(L4RouteCompiler::range).toList(),
                source.isEmpty() ? List.of() : List.of(range(source)),
                0,
                place.isMesh() ? sourceLabels : Map.of(),
                namespace);
    }

    private L4Route route(
            VirtualService service,
            int index,
            List<L4Route.Match> matches,
            List<RouteDestination> destinations,
            RoutePlace place) {
        List<WeightedCluster> clusters = destinations.stream()
                .map(destination -> new WeightedCluster(
                        compilation
                                .clusters()
                                .require(
                                        destination.destination(),
                                        service.meta().namespace(),
                                        place.port(),
                                        false),
                        destination.weight()))
                .toList();
        return new L4Route(service.meta().qualifiedName(), index, matches, clusters);
    }

    private static IpSubnetFilterRule range(String range) {
        return AddressRange.parse(range).rule();
    }
}
