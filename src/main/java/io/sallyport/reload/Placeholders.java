package io.sallyport.reload;

import io.sallyport.config.index.GatewayReference;
import io.sallyport.config.index.HostPatterns;
import io.sallyport.config.model.Configuration;
import io.sallyport.config.model.Delegate;
import io.sallyport.config.model.Destination;
import io.sallyport.config.model.HttpDirectResponse;
import io.sallyport.config.model.HttpRoute;
import io.sallyport.config.model.Position;
import io.sallyport.config.model.RouteDestination;
import io.sallyport.config.model.ServiceEntry;
import io.sallyport.config.model.ServiceEntry.Resolution;
import io.sallyport.config.model.ServicePort;
import io.sallyport.config.model.TcpRoute;
import io.sallyport.config.model.TlsMatchAttributes;
import io.sallyport.config.model.TlsRoute;
import io.sallyport.config.model.VirtualService;
import io.sallyport.route.HostIndex;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What stands in for a resource that is left out, so that its hosts do not fall to another resource with a wider
/// host, which may allow what it denies.
final class Placeholders {
    /// No resource has that name, and no host that one.
    private static final String NOWHERE = "";

    private final Configuration served;

    /// @param served all resources that count
    Placeholders(Configuration served) {
        this.served = served;
    }

    /// Has the hosts of the one that is left out and no route: requests are 404 NR, and bytes go nowhere. What it
    /// has routes for does not fall to another VirtualService of the same host. In place of one that others
    /// delegate to, it answers 404 to what they delegate.
    ///
    /// @param missed whether also to close what nobody can say that it has no routes for
    VirtualService of(Choice leftOut, boolean missed) {
        Position at = leftOut.meta().at();
        VirtualService written = leftOut.written().resource() instanceof VirtualService service ? service : null;
        if (written == null || written.hosts().isEmpty()) {
            return new VirtualService(
                    leftOut.meta(), List.of(), List.of(), List.of(notFound(at)), List.of(), List.of(), List.of());
        }
        RouteDestination nowhere = new RouteDestination(new Destination("left-out.invalid", "", 1, at), 1, at);
        return new VirtualService(
                leftOut.meta(),
                domains(written.hosts()),
                leftOut.isReadable("spec.gateways") ? written.gateways() : everywhere(),
                http(leftOut, written, missed),
                tls(leftOut, written, missed, nowhere),
                tcp(leftOut, written, missed, nowhere),
                leftOut.isReadable("spec.exportTo") ? written.exportTo() : List.of());
    }

    private static List<HttpRoute> http(Choice leftOut, VirtualService written, boolean missed) {
        Position at = leftOut.meta().at();
        ReadableRoutes<HttpRoute> readable = ReadableRoutes.of(
                leftOut, "http", hasRoutes(written), written.http(), HttpRoute::at, route -> route.match()
                        .isEmpty());
        List<HttpRoute> routes = new ArrayList<>();
        readable.certain().forEach(route -> routes.add(notFound(at).withMatch(route.match())));
        boolean all = missed && !readable.isAll();
        routes.add(all ? notFound(at) : route(new Delegate(NOWHERE, NOWHERE, at), null, at));
        return routes;
    }

    private List<TlsRoute> tls(Choice leftOut, VirtualService written, boolean missed, RouteDestination nowhere) {
        Position at = leftOut.meta().at();
        ReadableRoutes<TlsRoute> readable = ReadableRoutes.of(
                leftOut, "tls", hasRoutes(written), written.tls(), TlsRoute::at, route -> route.match()
                        .isEmpty());
        List<TlsRoute> routes = new ArrayList<>();
        readable.certain().forEach(route -> routes.add(new TlsRoute(route.match(), List.of(nowhere), at)));
        List<String> hosts = readable.isAll() ? List.of() : missed ? domains(written.hosts()) : ownHosts(written);
        if (!hosts.isEmpty()) {
            TlsMatchAttributes all = new TlsMatchAttributes(hosts, List.of(), 0, Map.of(), List.of(), "", at);
            routes.add(new TlsRoute(List.of(all), List.of(nowhere), at));
        }
        return routes;
    }

    private static List<TcpRoute> tcp(
            Choice leftOut, VirtualService written, boolean missed, RouteDestination nowhere) {
        Position at = leftOut.meta().at();
        ReadableRoutes<TcpRoute> readable = ReadableRoutes.of(
                leftOut, "tcp", hasRoutes(written), written.tcp(), TcpRoute::at, route -> route.match()
                        .isEmpty());
        List<TcpRoute> routes = new ArrayList<>();
        readable.certain().forEach(route -> routes.add(new TcpRoute(route.match(), List.of(nowhere), at)));
        if (missed && !readable.isAll()) {
            routes.add(new TcpRoute(List.of(), List.of(nowhere), at));
        }
        return routes;
    }

    private static boolean hasRoutes(VirtualService written) {
        return !written.http().isEmpty()
                || !written.tls().isEmpty()
                || !written.tcp().isEmpty();
    }

    /// Those that can be a request's: what has its wildcard elsewhere is for nothing.
    private static List<String> domains(List<String> hosts) {
        return hosts.stream().filter(HostIndex::isDomain).toList();
    }

    /// Those that no VirtualService that is served names.
    private List<String> ownHosts(VirtualService written) {
        List<String> hosts = new ArrayList<>(domains(written.hosts()));
        served.virtualServices().forEach(service -> hosts.removeAll(service.hosts()));
        return hosts;
    }

    private static HttpRoute notFound(Position at) {
        return route(null, new HttpDirectResponse(404, null, at), at);
    }

    private static HttpRoute route(@Nullable Delegate delegate, @Nullable HttpDirectResponse answer, Position at) {
        return new HttpRoute(
                "", List.of(), List.of(), null, answer, delegate, null, null, null, null, null, List.of(), null, null,
                null, null, at);
    }

    private List<String> everywhere() {
        return Stream.concat(
                        Stream.of(GatewayReference.MESH),
                        served.gateways().stream().map(gateway -> gateway.meta().qualifiedName()))
                .toList();
    }

    /// Whether it is certain for which hosts a VirtualService is meant; one that others delegate to is for none.
    static boolean knowsHosts(Choice leftOut) {
        return leftOut.written().resource() instanceof VirtualService service
                && leftOut.isReadable("spec.hosts")
                && (!service.hosts().isEmpty() || (service.gateways().isEmpty() && !leftOut.hasUnknownField("spec")));
    }

    /// Has the hosts of the one that is left out at its own ports and at those of wider entries. Nothing is to
    /// be reached by it. Null where another entry names the same host.
    @Nullable
    ServiceEntry of(Choice leftOut, ServiceEntry written) {
        Map<Integer, ServicePort> ports = new LinkedHashMap<>();
        written.ports().forEach(port -> ports.putIfAbsent(port.number(), port));
        List<String> hosts = new ArrayList<>(domains(written.hosts()));
        served.serviceEntries().forEach(entry -> hosts.removeAll(entry.hosts()));
        for (ServiceEntry entry : served.serviceEntries()) {
            if (entry.hosts().stream()
                    .anyMatch(wider -> hosts.stream().anyMatch(host -> HostPatterns.covers(wider, host)))) {
                entry.ports().forEach(port -> ports.putIfAbsent(port.number(), port));
            }
        }
        return hosts.isEmpty()
                ? null
                : new ServiceEntry(
                        leftOut.meta(),
                        hosts,
                        List.of(),
                        List.copyOf(ports.values()),
                        written.location(),
                        Resolution.STATIC,
                        List.of(),
                        null,
                        leftOut.isReadable("spec.exportTo") ? written.exportTo() : List.of(),
                        List.of(),
                        null);
    }
}
