package io.sallyport.reload;

import io.sallyport.config.index.GatewayReference;
import io.sallyport.config.index.HostPatterns;
import io.sallyport.config.model.Delegate;
import io.sallyport.config.model.Destination;
import io.sallyport.config.model.Gateway;
import io.sallyport.config.model.HttpDirectResponse;
import io.sallyport.config.model.HttpRoute;
import io.sallyport.config.model.Position;
import io.sallyport.config.model.Resource;
import io.sallyport.config.model.RouteDestination;
import io.sallyport.config.model.ServiceEntry;
import io.sallyport.config.model.ServiceEntry.Resolution;
import io.sallyport.config.model.ServicePort;
import io.sallyport.config.model.TcpRoute;
import io.sallyport.config.model.TlsMatchAttributes;
import io.sallyport.config.model.TlsRoute;
import io.sallyport.config.model.VirtualService;
import io.sallyport.config.problem.Problem;
import io.sallyport.config.problem.ProblemCode;
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

    private final List<Problem> problems;
    private final List<Resource> served;

    /// @param problems of the files
    /// @param served all resources that count
    Placeholders(List<Problem> problems, List<Resource> served) {
        this.problems = problems.stream().filter(Problem::isError).toList();
        this.served = served;
    }

    /// Has the hosts of the one that is left out and no route: requests are 404 NR, and bytes go nowhere. What it
    /// surely has routes for does not fall to another VirtualService of the same host. In place of one that others
    /// delegate to, it answers 404 to what they delegate.
    VirtualService of(Choice leftOut) {
        Position at = leftOut.meta().at();
        VirtualService written = leftOut.written().resource() instanceof VirtualService service ? service : null;
        if (written == null || written.hosts().isEmpty()) {
            HttpRoute notFound = route(null, new HttpDirectResponse(404, null, at), at);
            return new VirtualService(
                    leftOut.meta(), List.of(), List.of(), List.of(notFound), List.of(), List.of(), List.of());
        }
        HttpRoute none = route(new Delegate(NOWHERE, NOWHERE, at), null, at);
        TlsMatchAttributes all = new TlsMatchAttributes(written.hosts(), List.of(), 0, Map.of(), List.of(), "", at);
        RouteDestination nowhere = new RouteDestination(new Destination("left-out.invalid", "", 1, at), 1, at);
        return new VirtualService(
                leftOut.meta(),
                written.hosts(),
                isReadable(at, "spec.gateways") ? written.gateways() : everywhere(),
                Stream.concat(closed(written, at), Stream.of(none)).toList(),
                written.tls().isEmpty() ? List.of() : List.of(new TlsRoute(List.of(all), List.of(nowhere), at)),
                isReadable(at, "spec.tcp")
                        ? written.tcp().stream()
                                .map(tcp -> new TcpRoute(tcp.match(), List.of(nowhere), at))
                                .toList()
                        : List.of(),
                isReadable(at, "spec.exportTo") ? written.exportTo() : List.of());
    }

    private Stream<HttpRoute> closed(VirtualService written, Position at) {
        HttpRoute notFound = route(null, new HttpDirectResponse(404, null, at), at);
        return isReadable(at, "spec.http")
                ? written.http().stream().map(route -> notFound.withMatch(route.match()))
                : Stream.empty();
    }

    private static HttpRoute route(@Nullable Delegate delegate, @Nullable HttpDirectResponse answer, Position at) {
        return new HttpRoute(
                "", List.of(), List.of(), null, answer, delegate, null, null, null, null, null, List.of(), null, null,
                null, null, at);
    }

    private List<String> everywhere() {
        return Stream.concat(
                        Stream.of(GatewayReference.MESH),
                        served.stream().filter(Gateway.class::isInstance).map(gateway -> gateway.meta()
                                .qualifiedName()))
                .toList();
    }

    /// Whether it is certain for which hosts a VirtualService is meant; one that others delegate to is for none.
    boolean knowsHosts(Choice leftOut) {
        Position at = leftOut.meta().at();
        return leftOut.written().resource() instanceof VirtualService service
                && isReadable(at, "spec.hosts")
                && (!service.hosts().isEmpty() || isDelegate(leftOut, service));
    }

    /// Not one whose hosts are misspelt.
    private boolean isDelegate(Choice leftOut, VirtualService service) {
        return service.gateways().isEmpty()
                && problems.stream()
                        .noneMatch(problem -> problem.code() == ProblemCode.UNKNOWN_FIELD
                                && problem.at()
                                        .file()
                                        .equals(leftOut.meta().at().file())
                                && problem.field().lastIndexOf('.')
                                        == problem.field().indexOf("spec.") + 4);
    }

    /// Anywhere in the file: to know better is not worth a mistake.
    boolean isReadable(Position at, String field) {
        return problems.stream()
                .noneMatch(problem -> problem.code() == ProblemCode.TOO_MANY_PROBLEMS
                        || problem.at().file().equals(at.file())
                                && problem.field().contains(field));
    }

    /// Has the hosts of the one that is left out at its own ports and at those of wider entries. Nothing is to
    /// be reached by it. Null where another entry names the same host.
    @Nullable
    ServiceEntry of(Choice leftOut, ServiceEntry written) {
        Map<Integer, ServicePort> ports = new LinkedHashMap<>();
        written.ports().forEach(port -> ports.putIfAbsent(port.number(), port));
        List<String> hosts = new ArrayList<>(written.hosts());
        for (Resource resource : served) {
            if (resource instanceof ServiceEntry entry) {
                hosts.removeAll(entry.hosts());
            }
        }
        for (Resource resource : served) {
            if (resource instanceof ServiceEntry entry
                    && entry.hosts().stream()
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
                        isReadable(leftOut.meta().at(), "spec.exportTo") ? written.exportTo() : List.of(),
                        List.of(),
                        null);
    }
}
