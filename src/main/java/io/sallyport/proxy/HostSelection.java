package io.sallyport.proxy;

import io.sallyport.net.HostName;
import io.sallyport.outcome.ProxyException;
import io.sallyport.outcome.RequestFacts;
import io.sallyport.outcome.ResponseFlag;
import io.sallyport.snapshot.FilterChain;
import io.sallyport.snapshot.HttpHost;
import io.sallyport.snapshot.MeshHost;
import io.sallyport.snapshot.MeshRoutes;
import io.sallyport.tunnel.MeshAdmission;

/// A request's first steps: may it be asked for at all, what does it name, and which virtual host takes it.
final class HostSelection {
    private HostSelection() {}

    static RoutingContext context(Exchange exchange) throws ProxyException {
        HttpConnection connection = exchange.connection;
        Routing.checkMethod(exchange.head.method);
        Routing.checkUpgrade(exchange.head);
        boolean grpc = exchange.facts.grpc;
        if (connection.application(exchange.snapshot) instanceof FilterChain.Mesh(MeshRoutes routes)) {
            return RoutingContext.asked(
                            exchange.head,
                            connection.loop.settings.paths().mesh(),
                            grpc,
                            connection.workload(exchange.snapshot, routes))
                    .in(exchange);
        }
        return RoutingContext.of(
                        exchange.head,
                        connection.port,
                        connection.loop.settings.paths().gateway(),
                        grpc)
                .in(exchange);
    }

    static HttpHost host(Exchange exchange, RoutingContext request) throws ProxyException {
        HttpConnection connection = exchange.connection;
        if (connection.isDistrusted(exchange.snapshot)) {
            throw Routing.misdirected();
        }
        return switch (connection.application(exchange.snapshot)) {
            case FilterChain.Http http -> {
                if (connection.isMisdirected(exchange.snapshot, request.host())) {
                    throw Routing.misdirected();
                }
                yield Routing.host(http, request);
            }
            case FilterChain.Mesh(MeshRoutes routes) -> listed(connection, routes, request, exchange.facts);
            case null, default -> throw ProxyException.gateway(ResponseFlag.NR, "filter_chain_not_found");
        };
    }

    private static HttpHost listed(
            HttpConnection connection, MeshRoutes routes, RoutingContext request, RequestFacts facts)
            throws ProxyException {
        HostName tunnel = connection.tunnel();
        if (tunnel != null && !(tunnel.host().equals(request.host()) && tunnel.port() == request.port())) {
            throw ProxyException.denied(
                    "host_differs_from_tunnel",
                    "%s:%d was asked for in a tunnel to %s:%d; ask for a tunnel to it, or without one\n"
                            .formatted(request.host(), request.port(), tunnel.host(), tunnel.port()));
        }
        MeshHost host = MeshAdmission.admit(routes, MeshAdmission.Asked.request(request.host(), request.port()), facts);
        HttpHost http = host.http();
        if (http == null) {
            throw ProxyException.gateway(ResponseFlag.NR, "virtual_host_not_found");
        }
        return http;
    }
}
