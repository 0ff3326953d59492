package io.sallyport.config.analysis;

import io.sallyport.config.index.GatewayIndex.AdmittedHost;
import io.sallyport.config.index.GatewayReference;
import io.sallyport.config.index.VirtualServiceIndex;
import io.sallyport.config.model.Gateway;
import io.sallyport.config.model.VirtualService;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.problem.Quote;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// Routes that no server of the VirtualService's gateways takes: http routes where TLS passes through, tls routes
/// where it ends, a match on a port that is not open.
final class RouteKinds implements VirtualServiceCheck {
    @Override
    public void check(AnalysisContext context, VirtualService virtualService) {
        Set<String> gateways = VirtualServiceIndex.gatewaysOf(virtualService);
        // The mesh listener takes every kind, on every port that its clients ask for.
        if (!VirtualServiceIndex.isDelegate(virtualService) && !gateways.contains(GatewayReference.MESH)) {
            check(context, virtualService, gateways);
        }
    }

    private static void check(AnalysisContext context, VirtualService virtualService, Set<String> gateways) {
        Set<ServerKind> kinds = new TreeSet<>();
        Set<Integer> ports = new TreeSet<>();
        for (String name : gateways) {
            Gateway gateway = context.index().gateways().get(name);
            if (gateway == null) {
                return;
            }
            for (AdmittedHost admitted : context.index().gateways().admitted(gateway, virtualService)) {
                kinds.add(ServerKind.of(admitted.server()));
                ports.add(admitted.server().port().number());
            }
        }
        if (!kinds.isEmpty()) {
            checkKind(context, virtualService, "http", virtualService.http().isEmpty(), kinds);
            checkKind(context, virtualService, "tls", virtualService.tls().isEmpty(), kinds);
            checkKind(context, virtualService, "tcp", virtualService.tcp().isEmpty(), kinds);
            checkPorts(context, virtualService, ports);
        }
    }

    private static void checkKind(
            AnalysisContext context,
            VirtualService virtualService,
            String routes,
            boolean none,
            Set<ServerKind> kinds) {
        if (none || kinds.stream().anyMatch(kind -> kind.routes().equals(routes))) {
            return;
        }
        String wanted = kinds.stream()
                .map(ServerKind::routes)
                .filter(kind -> !kind.isEmpty())
                .distinct()
                .collect(Collectors.joining(" or "));
        String servers = kinds.stream()
                .map(kind -> kind.name().toLowerCase(java.util.Locale.ROOT).replace('_', ' '))
                .collect(Collectors.joining(", "));
        context.report(
                ProblemCode.ROUTE_KIND_MISMATCH,
                virtualService.meta().at(),
                "spec." + routes,
                virtualService.meta() + " has " + routes + " routes, but every server that admits its hosts is "
                        + servers,
                wanted.isEmpty() ? "the server routes by SNI alone" : "write " + wanted + " routes");
    }

    private static void checkPorts(AnalysisContext context, VirtualService virtualService, Set<Integer> ports) {
        Matches.forEachPort(virtualService, (port, field, at) -> {
            if (!ports.contains(port)) {
                context.report(
                        ProblemCode.UNKNOWN_LISTENER_PORT,
                        at,
                        field,
                        "no server that admits the hosts of " + virtualService.meta() + " has the port " + port,
                        "its gateways' ports are " + Quote.plain(ports.toString()));
            }
        });
    }
}
