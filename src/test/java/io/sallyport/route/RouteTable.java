package io.sallyport.route;

import org.jspecify.annotations.Nullable;

/// All virtual hosts of one port, as benchmarks look them up.
public record RouteTable(HostIndex<RouteIndex> hosts) {
    /// The route of the request, or null where no host or no route matches.
    public @Nullable MatchedRoute find(RequestView request) {
        RouteIndex routes = hosts.lookup(request.host());
        return routes == null ? null : routes.find(request);
    }
}
