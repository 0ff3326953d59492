package io.sallyport.route;

import org.jspecify.annotations.Nullable;

/// All virtual hosts of one port.
public record RouteTable(HostIndex<VirtualHost> hosts) {
    /// The virtual host of the request, or null.
    public @Nullable VirtualHost virtualHost(RequestView request) {
        return hosts.lookup(request.host());
    }

    /// The route of the request, or null where no host or no route matches.
    public @Nullable MatchedRoute find(RequestView request) {
        VirtualHost virtualHost = virtualHost(request);
        return virtualHost == null ? null : virtualHost.routes().find(request);
    }
}
