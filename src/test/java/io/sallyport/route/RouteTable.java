package io.sallyport.route;

import org.jspecify.annotations.Nullable;

/// All virtual hosts of one port, as benchmarks look them up.
public record RouteTable(HostIndex<VirtualHost> hosts) {
    /// The route of the request, or null where no host or no route matches.
    public @Nullable MatchedRoute find(RequestView request) {
        VirtualHost virtualHost = hosts.lookup(request.host());
        return virtualHost == null ? null : virtualHost.routes().find(request);
    }
}
