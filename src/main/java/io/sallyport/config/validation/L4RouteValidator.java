package io.sallyport.config.validation;

import io.sallyport.config.model.L4MatchAttributes;
import io.sallyport.config.model.RouteDestination;
import io.sallyport.config.model.TcpRoute;
import io.sallyport.config.model.TlsMatchAttributes;
import io.sallyport.config.model.TlsRoute;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.problem.Quote;
import io.sallyport.config.yaml.Place;
import io.sallyport.net.AddressRange;
import java.util.List;

/// `TLSRoute` and `TCPRoute`.
final class L4RouteValidator {
    private L4RouteValidator() {}

    /// @param hosts of the VirtualService
    static void tls(TlsRoute route, List<String> hosts, Place place) {
        if (route.match().isEmpty()) {
            place.field("match").report(ProblemCode.EMPTY_MATCH, "a TLS route needs a match", "give sniHosts");
        }
        HostSet allowed = new HostSet(hosts);
        for (int i = 0; i < route.match().size(); i++) {
            TlsMatchAttributes match = route.match().get(i);
            Place at = place.field("match").index(i);
            if (match.sniHosts().isEmpty()) {
                at.field("sniHosts").report(ProblemCode.EMPTY_MATCH, "at least one SNI host is needed");
            }
            for (int j = 0; j < match.sniHosts().size(); j++) {
                sniHost(match.sniHosts().get(j), allowed, at.field("sniHosts").index(j));
            }
            ranges(match.destinationSubnets(), at.field("destinationSubnets"));
            common(match.port(), match.gateways(), match.sourceNamespace(), at);
            LabelChecks.labels(match.sourceLabels(), at.field("sourceLabels"));
        }
        destinations(route.route(), place.field("route"));
    }

    private static void sniHost(String host, HostSet allowed, Place place) {
        if (AddressRange.isAddress(host)) {
            String message = Quote.of(host) + " is an address, which hardly a client sends as its server name";
            place.report(ProblemCode.SNI_ADDRESS, message, "match on destinationSubnets or on a name");
            return;
        }
        boolean generated = host.startsWith("outbound_.");
        if (!generated && !HostNames.check(host, place)) {
            return;
        }
        if (allowed.covering(host) == null && !allowed.isEmpty()) {
            String message = Quote.of(host) + " is not within the hosts of the VirtualService";
            place.report(ProblemCode.SNI_OUTSIDE_HOSTS, message, "add it to hosts");
        }
    }

    static void tcp(TcpRoute route, Place place) {
        for (int i = 0; i < route.match().size(); i++) {
            L4MatchAttributes match = route.match().get(i);
            Place at = place.field("match").index(i);
            ranges(match.destinationSubnets(), at.field("destinationSubnets"));
            if (!match.sourceSubnet().isEmpty()) {
                Checks.range(match.sourceSubnet(), at.field("sourceSubnet"));
            }
            common(match.port(), match.gateways(), match.sourceNamespace(), at);
            LabelChecks.labels(match.sourceLabels(), at.field("sourceLabels"));
        }
        destinations(route.route(), place.field("route"));
    }

    private static void ranges(List<String> ranges, Place place) {
        for (int i = 0; i < ranges.size(); i++) {
            Checks.range(ranges.get(i), place.index(i));
        }
    }

    private static void common(int port, List<String> gateways, String sourceNamespace, Place place) {
        Checks.optionalPort(port, place.field("port"));
        RouteChecks.gatewayNames(gateways, place.field("gateways"));
        if (!sourceNamespace.isEmpty()) {
            Checks.name(sourceNamespace, place.field("sourceNamespace"));
        }
    }

    private static void destinations(List<RouteDestination> routes, Place place) {
        if (routes.isEmpty()) {
            place.report(ProblemCode.NO_ACTION, "route is needed");
        }
        for (int i = 0; i < routes.size(); i++) {
            RouteChecks.destination(routes.get(i).destination(), place.index(i).field("destination"));
        }
        RouteChecks.weights(routes.stream().map(RouteDestination::weight).toList(), place);
    }
}
