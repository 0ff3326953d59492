package io.sallyport.compile;

import io.sallyport.config.index.GatewayReference;
import io.sallyport.config.index.HostMap;
import io.sallyport.config.model.Position;
import io.sallyport.config.model.ResourceMeta;
import io.sallyport.config.model.ServiceEntry;
import io.sallyport.config.model.ServicePort;
import io.sallyport.config.model.ShownText;
import io.sallyport.config.model.VirtualService;
import io.sallyport.egress.EgressPermit;
import io.sallyport.route.Forward;
import io.sallyport.route.Route;
import io.sallyport.route.RouteId;
import io.sallyport.route.RouteIndex;
import io.sallyport.route.WeightedCluster;
import io.sallyport.snapshot.HttpHost;
import io.sallyport.snapshot.L4Route;
import io.sallyport.snapshot.MeshHost;
import io.sallyport.snapshot.ServerRef;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Makes one entry of the egress list: the routes of the VirtualServices that govern the host, then the way to the
/// service itself.
final class MeshHostCompiler {
    private static final int LONGEST_FILE = 4096;

    private final Compilation compilation;
    private final HttpRouteCompiler httpRoutes;
    private final L4RouteCompiler l4Routes;
    private final HostMap<VirtualService> virtualServices = new HostMap<>();

    MeshHostCompiler(Compilation compilation) {
        this.compilation = compilation;
        this.httpRoutes = new HttpRouteCompiler(compilation);
        this.l4Routes = new L4RouteCompiler(compilation);
        for (VirtualService service : compilation.index().virtualServices().ofGateway(GatewayReference.MESH)) {
            for (String host : service.hosts()) {
                String namespace = service.meta().namespace();
                virtualServices.add(compilation.index().hosts().fullyQualified(host, namespace), service);
            }
        }
    }

    /// The hosts that VirtualServices of the mesh name, in full.
    Iterable<String> governed() {
        return virtualServices.patterns();
    }

    /// Those that hold for the host, a name or a wildcard.
    List<VirtualService> governing(String host) {
        return virtualServices.mostSpecific(host);
    }

    /// @param host that clients ask for, a name or a wildcard
    /// @param service the host whose cluster it is, where no VirtualService has a route
    MeshHost ofService(ServiceEntry entry, String host, ServicePort port, String service) {
        EgressPermit.Kind kind = kind(port);
        String cluster = compilation.clusters().require(service, port.number(), isHttp(kind));
        EgressPermit permit = permit(entry.meta(), port.at(), host, port.number(), kind);
        return host(permit, governing(host), cluster, null);
    }

    /// A host that only a VirtualService names.
    MeshHost ofVirtualService(VirtualService service, String host, int port) {
        EgressPermit permit = permit(service.meta(), service.meta().at(), host, port, EgressPermit.Kind.HTTP);
        return host(permit, governing(host), null, null);
    }

    /// A host at a port that no ServiceEntry lists.
    ///
    /// @param port 0 for all that no condition of the host's resources names
    /// @param service whose VirtualServices hold for it
    MeshHost unlisted(EgressPermit permit, int port, String service, String cluster) {
        EgressPermit any = new EgressPermit(permit.resource(), permit.source(), permit.host(), port, permit.kind());
        MeshHost host = host(any, governing(service), cluster, null);
        return new MeshHost(permit, host.http(), host.bytes(), List.of(), host.routesRequests());
    }

    /// What clients reach by an address that stands for the services of an entry (`ServiceEntry.addresses`). The first
    /// holds where a client names none of them; where there are several, TLS says which it means.
    ///
    /// @param services the entry's hosts, in full
    List<MeshHost> ofAddress(ServiceEntry entry, List<String> services, String address, ServicePort port) {
        boolean original = entry.resolution() == ServiceEntry.Resolution.NONE;
        Function<String, MeshHost> of = original
                ? service ->
                        connecting(new AskedAddress(entry, port, service, address, port.number(), port.endpointPort()))
                : service -> ofService(entry, service, port, service);
        return byName(services, address, port, of);
    }

    /// What clients reach by the address of one endpoint.
    ///
    /// @param number the endpoint's port
    List<MeshHost> ofEndpoint(ServiceEntry entry, List<String> services, String address, ServicePort port, int number) {
        return byName(
                services,
                address,
                port,
                service -> connecting(new AskedAddress(entry, port, service, address, number, number)));
    }

    private List<MeshHost> byName(
            List<String> services, String address, ServicePort port, Function<String, MeshHost> of) {
        List<MeshHost> all = new ArrayList<>();
        all.add(of.apply(strictest(services)).at(address, services));
        EgressPermit.Kind kind = kind(port);
        if (services.size() > 1 && (kind == EgressPermit.Kind.TLS || kind == EgressPermit.Kind.ANY)) {
            services.forEach(service -> all.add(of.apply(service).at(address, List.of(service))));
        }
        return all;
    }

    /// Nobody says which of an entry's services an address stands for: so what somebody ordered for any of them holds.
    private String strictest(List<String> services) {
        return services.stream()
                .filter(service -> compilation.index().destinationRules().find(service) != null)
                .findFirst()
                .or(() -> services.stream()
                        .filter(service -> !governing(service).isEmpty())
                        .findFirst())
                .orElseGet(services::getFirst);
    }

    private MeshHost connecting(AskedAddress asked) {
        EgressPermit.Kind kind = kind(asked.port());
        EgressPermit permit = permit(asked.entry().meta(), asked.port().at(), asked.range(), asked.asked(), kind);
        String cluster = compilation.clusters().requireAddresses(asked, null, isHttp(kind));
        // A listed endpoint is one of several, among which a route chooses; an address that nobody lists is what it is.
        boolean original = asked.entry().resolution() == ServiceEntry.Resolution.NONE;
        return host(permit, governing(asked.service()), cluster, original ? asked : null);
    }

    private MeshHost host(
            EgressPermit permit,
            List<VirtualService> services,
            @Nullable String cluster,
            @Nullable AskedAddress asked) {
        RoutePlace place = RoutePlace.mesh(permit.port(), compilation.options().scope(), asked);
        HttpHost http = null;
        List<L4Route> bytes = new ArrayList<>();
        switch (permit.kind()) {
            case HTTP -> http = http(permit, services, cluster, place);
            case TLS -> services.forEach(service -> bytes.addAll(l4Routes.tls(service, place)));
            case TCP -> services.forEach(service -> bytes.addAll(l4Routes.tcp(service, place)));
            case ANY -> {
                http = http(permit, services, cluster, place);
                services.forEach(service -> bytes.addAll(l4Routes.tls(service, place)));
                services.forEach(service -> bytes.addAll(l4Routes.tcp(service, place)));
            }
        }
        if (permit.kind() != EgressPermit.Kind.HTTP && cluster != null) {
            bytes.add(new L4Route(permit.resource(), 0, List.of(), List.of(new WeightedCluster(cluster, 1))));
        }
        boolean routesRequests = http != null
                && services.stream().anyMatch(service -> !service.http().isEmpty());
        return new MeshHost(permit, http, bytes, List.of(), routesRequests);
    }

    /// Where VirtualServices have HTTP routes for the host, these are all it has (Istio: a request that none of them
    /// matches is 404).
    private HttpHost http(
            EgressPermit permit, List<VirtualService> services, @Nullable String cluster, RoutePlace place) {
        List<Route> routes = new ArrayList<>();
        boolean governed = false;
        for (VirtualService service : services) {
            governed |= !service.http().isEmpty();
            routes.addAll(httpRoutes.compile(service, place));
        }
        if (!governed && cluster != null) {
            routes.add(toCluster(permit, cluster));
        }
        ServerRef server = new ServerRef(GatewayReference.MESH, 0, permit.resource(), permit.port());
        return new HttpHost(permit.host(), RouteIndex.of(routes), false, server, List.of());
    }

    private static Route toCluster(EgressPermit permit, String cluster) {
        Forward forward = Forward.to(cluster);
        return new Route(new RouteId(permit.resource(), null, 0), List.of(), forward);
    }

    private static EgressPermit permit(ResourceMeta meta, Position at, String host, int port, EgressPermit.Kind kind) {
        String file = ShownText.of(at.file(), LONGEST_FILE);
        String source = at.line() == 0 ? file : file + ":" + at.line();
        return new EgressPermit(meta.id(), source, host, port, kind);
    }

    private static boolean isHttp(EgressPermit.Kind kind) {
        return kind == EgressPermit.Kind.HTTP || kind == EgressPermit.Kind.ANY;
    }

    private static EgressPermit.Kind kind(ServicePort port) {
        return switch (port.protocol()) {
            case HTTP, HTTP2, GRPC, GRPC_WEB -> EgressPermit.Kind.HTTP;
            case HTTPS, TLS -> EgressPermit.Kind.TLS;
            case TCP, MONGO, MYSQL, REDIS, UDP -> EgressPermit.Kind.TCP;
            case UNSPECIFIED -> EgressPermit.Kind.ANY;
        };
    }
}
