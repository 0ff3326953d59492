package io.sallyport.snapshot.compile;

import io.sallyport.config.index.GatewayReference;
import io.sallyport.config.index.HostMap;
import io.sallyport.config.model.Position;
import io.sallyport.config.model.ResourceMeta;
import io.sallyport.config.model.ServiceEntry;
import io.sallyport.config.model.ServicePort;
import io.sallyport.config.model.VirtualService;
import io.sallyport.policy.EgressPermit;
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
import org.jspecify.annotations.Nullable;

/// Makes one entry of the egress list: the routes of the VirtualServices that govern the host, then the way to the
/// service itself.
final class MeshHostCompiler {
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

    /// @param host that clients ask for, a name or a wildcard
    /// @param service the host of the ServiceEntry that covers it
    MeshHost ofService(ServiceEntry entry, String host, ServicePort port, String service) {
        EgressPermit.Kind kind = kind(port);
        boolean isHttp = kind == EgressPermit.Kind.HTTP || kind == EgressPermit.Kind.ANY;
        String cluster = compilation.clusters().require(service, port.number(), isHttp);
        EgressPermit permit = permit(entry.meta(), port.at(), host, port.number(), kind);
        return host(permit, virtualServices.mostSpecific(host), cluster);
    }

    /// A host that only a VirtualService names.
    MeshHost ofVirtualService(VirtualService service, String host, int port) {
        EgressPermit permit = permit(service.meta(), service.meta().at(), host, port, EgressPermit.Kind.HTTP);
        return host(permit, virtualServices.mostSpecific(host), null);
    }

    /// An address that clients may ask for: one that stands for the service (`ServiceEntry.addresses`), or with
    /// resolution NONE one of the service's own.
    MeshHost ofAddress(ServiceEntry entry, String address, ServicePort port, int number) {
        String service = compilation
                .index()
                .hosts()
                .fullyQualified(entry.hosts().getFirst(), entry.meta().namespace());
        boolean original = entry.resolution() == ServiceEntry.Resolution.NONE;
        return original
                ? ofRange(entry, address, port, number, port.endpointPort())
                : withAddress(ofService(entry, service, port, service), address);
    }

    /// An address that is connected to as it was asked for.
    MeshHost ofEndpoint(ServiceEntry entry, String address, ServicePort port, int number) {
        return ofRange(entry, address, port, number, number);
    }

    private MeshHost ofRange(ServiceEntry entry, String range, ServicePort port, int asked, int target) {
        EgressPermit.Kind kind = kind(port);
        EgressPermit permit = permit(entry.meta(), port.at(), range, asked, kind);
        boolean isHttp = kind == EgressPermit.Kind.HTTP || kind == EgressPermit.Kind.ANY;
        String cluster = compilation.clusters().requireAddresses(entry, range, port, asked, target, isHttp);
        return host(permit, List.of(), cluster);
    }

    private static MeshHost withAddress(MeshHost host, String address) {
        EgressPermit of = host.permit();
        EgressPermit permit = new EgressPermit(of.resource(), of.source(), address, of.port(), of.kind());
        return new MeshHost(permit, host.http(), host.bytes());
    }

    /// What leads every request and tunnel to one cluster.
    MeshHost ofAny(EgressPermit permit, String cluster) {
        return host(permit, List.of(), cluster);
    }

    private MeshHost host(EgressPermit permit, List<VirtualService> services, @Nullable String cluster) {
        RoutePlace place = RoutePlace.mesh(permit.port(), compilation.options().scope());
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
        return new MeshHost(permit, http, bytes);
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
        return new HttpHost(permit.host(), RouteIndex.of(routes), false, server);
    }

    private static Route toCluster(EgressPermit permit, String cluster) {
        Forward forward = Forward.to(cluster);
        return new Route(new RouteId(permit.resource(), null, 0), List.of(), forward);
    }

    private static EgressPermit permit(ResourceMeta meta, Position at, String host, int port, EgressPermit.Kind kind) {
        String source = at.line() == 0 ? at.file() : at.file() + ":" + at.line();
        return new EgressPermit(meta.toString(), source, host, port, kind);
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
