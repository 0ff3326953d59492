package io.sallyport.config.validation;

import io.sallyport.config.model.VirtualService;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.problem.Quote;
import io.sallyport.config.yaml.Place;
import io.sallyport.jwt.ClaimPath;
import io.sallyport.net.AddressRange;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// Validates a VirtualService as Istio's `ValidateVirtualService` does.
final class VirtualServiceValidator {
    private static final String MESH = "mesh";
    /// Names that AUTO_PASSTHROUGH makes, `outbound_.80_.v1_.host`, are SNI hosts although `_` is no host name's.
    private static final String GENERATED_SNI = "outbound_.";

    private VirtualServiceValidator() {}

    static void validate(VirtualService service, Place spec) {
        boolean delegate = service.hosts().isEmpty();
        if (delegate) {
            delegate(service, spec);
        }
        RouteChecks.gatewayNames(service.gateways(), spec.field("gateways"));
        if (!delegate && service.gateways().stream().allMatch(MESH::equals)) {
            claims(service, spec.field("http"));
        }
        hosts(service, spec.field("hosts"));
        if (service.http().isEmpty() && service.tls().isEmpty() && service.tcp().isEmpty()) {
            spec.report(ProblemCode.NO_ROUTES, "one of http, tls and tcp is needed");
        }
        for (int i = 0; i < service.http().size(); i++) {
            HttpRouteValidator.validate(
                    service.http().get(i), delegate, spec.field("http").index(i));
        }
        for (int i = 0; i < service.tls().size(); i++) {
            L4RouteValidator.tls(
                    service.tls().get(i), service.hosts(), spec.field("tls").index(i));
        }
        for (int i = 0; i < service.tcp().size(); i++) {
            L4RouteValidator.tcp(service.tcp().get(i), spec.field("tcp").index(i));
        }
        Checks.exportTo(service.exportTo(), service.meta().namespace(), false, spec.field("exportTo"));
    }

    private static void delegate(VirtualService service, Place spec) {
        String message = "a VirtualService without hosts is a delegate, which has http routes only";
        if (!service.gateways().isEmpty()) {
            spec.field("gateways").report(ProblemCode.BAD_DELEGATE, message, "give hosts, or delete gateways");
        }
        if (!service.tls().isEmpty()) {
            spec.field("tls").report(ProblemCode.BAD_DELEGATE, message, "give hosts, or delete tls");
        }
        if (!service.tcp().isEmpty()) {
            spec.field("tcp").report(ProblemCode.BAD_DELEGATE, message, "give hosts, or delete tcp");
        }
    }

    /// Mesh clients alone: Istio has no claims there.
    private static void claims(VirtualService service, Place http) {
        for (int i = 0; i < service.http().size(); i++) {
            Place match = http.index(i).field("match");
            for (int j = 0; j < service.http().get(i).match().size(); j++) {
                for (String field : List.of("headers", "withoutHeaders")) {
                    Place headers = match.index(j).field(field);
                    headers.keys().stream().filter(ClaimPath::isRoute).forEach(name -> {
                        String message = "a match by JWT claim is for gateways, and the VirtualService names none";
                        headers.key(name).report(ProblemCode.CLAIM_MATCH, message, "name the gateway in gateways");
                    });
                }
            }
        }
    }

    private static void hosts(VirtualService service, Place place) {
        List<String> hosts = service.hosts();
        boolean mesh = service.gateways().isEmpty() || service.gateways().contains(MESH);
        boolean sni = service.tls().stream().anyMatch(route -> !route.match().isEmpty());
        HostSet all = new HostSet(hosts);
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < hosts.size(); i++) {
            String host = hosts.get(i);
            boolean generated = sni && host.startsWith(GENERATED_SNI);
            if (AddressRange.isAddress(host) || generated || !HostNames.check(host, place.index(i))) {
                continue;
            }
            if (mesh && host.equals("*")) {
                String message = "* is not a host for mesh clients";
                place.index(i).report(ProblemCode.BAD_WILDCARD, message, "name a gateway, or the hosts");
            }
            String covering = all.coveringOther(host);
            if (!seen.add(host.toLowerCase(Locale.ROOT))) {
                place.index(i).report(ProblemCode.OVERLAPPING_HOSTS, Quote.of(host) + " is given twice");
            } else if (covering != null) {
                String message = Quote.of(host) + " lies within " + Quote.of(covering);
                place.index(i).report(ProblemCode.OVERLAPPING_HOSTS, message, "delete one of the two");
            }
        }
    }
}
