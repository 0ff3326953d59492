package io.sallyport.compile;

import io.sallyport.config.index.HostPatterns;
import io.sallyport.config.model.VirtualService;
import io.sallyport.route.HostIndex;
import io.sallyport.snapshot.FilterChain;
import io.sallyport.snapshot.L4Route;
import io.sallyport.snapshot.SniClusterNames;
import java.util.ArrayList;
import java.util.List;

/// Puts TCP and TLS routes together for the servers that forward bytes.
final class L4ChainCompiler {
    private final Compilation compilation;
    private final L4RouteCompiler routes;

    L4ChainCompiler(Compilation compilation) {
        this.compilation = compilation;
        this.routes = new L4RouteCompiler(compilation);
    }

    /// The TCP routes of servers that share a plain port, or of one that terminates TLS.
    FilterChain.Tcp tcp(List<GatewayServer> servers) {
        List<L4Route> all = new ArrayList<>();
        for (GatewayServer server : servers) {
            RoutePlace place = server.place(compilation.options().scope());
            servicesOf(server).forEach(service -> all.addAll(routes.tcp(service, place)));
        }
        return new FilterChain.Tcp(all);
    }

    /// The TLS routes of a passthrough server; AUTO_PASSTHROUGH has none, its SNI names the cluster.
    FilterChain.Application passthrough(GatewayServer server) {
        if (server.isAutoPassthrough()) {
            compilation.clusters().requireAll(server.hosts());
            return new FilterChain.SniCluster(unlisted(server.hosts()));
        }
        RoutePlace place = server.place(compilation.options().scope());
        List<L4Route> all = new ArrayList<>();
        for (VirtualService service : servicesOf(server)) {
            all.addAll(routes.tls(service, place));
            all.addAll(routes.tcp(service, place));
        }
        return new FilterChain.Tcp(all);
    }

    /// Services of the mesh that only DNS knows, within what the server admits. Their bytes are TLS already, so no
    /// DestinationRule makes it (Istio pilot: clusters for SNI have none).
    private HostIndex<String> unlisted(List<String> admitted) {
        HostIndex.Builder<String> builder = HostIndex.builder();
        compilation.index().serviceEntries().hosts().forEach(host -> builder.add(host, SniClusterNames.LISTED));
        String domain = "*.svc." + compilation.index().hosts().clusterDomain();
        for (String pattern : admitted) {
            String within = HostPatterns.intersection(domain, pattern);
            if (within != null) {
                builder.add(within, compilation.clusters().requireMeshServices());
            }
        }
        return builder.build();
    }

    private List<VirtualService> servicesOf(GatewayServer server) {
        String gateway = server.gateway().meta().qualifiedName();
        return compilation.index().virtualServices().ofGateway(gateway).stream()
                .filter(service -> compilation.index().gateways().admitted(server.gateway(), service).stream()
                        .anyMatch(admitted -> admitted.index() == server.index()))
                .toList();
    }
}
