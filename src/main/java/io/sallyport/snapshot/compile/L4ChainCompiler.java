package io.sallyport.snapshot.compile;

import io.sallyport.config.model.VirtualService;
import io.sallyport.snapshot.FilterChain;
import io.sallyport.snapshot.L4Route;
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
            return new FilterChain.SniCluster();
        }
        RoutePlace place = server.place(compilation.options().scope());
        List<L4Route> all = new ArrayList<>();
        for (VirtualService service : servicesOf(server)) {
            all.addAll(routes.tls(service, place));
            all.addAll(routes.tcp(service, place));
        }
        return new FilterChain.Tcp(all);
    }

    private List<VirtualService> servicesOf(GatewayServer server) {
        String gateway = server.gateway().meta().qualifiedName();
        return compilation.index().virtualServices().ofGateway(gateway).stream()
                .filter(service -> compilation.index().gateways().admitted(server.gateway(), service).stream()
                        .anyMatch(admitted -> admitted.index() == server.index()))
                .toList();
    }
}
