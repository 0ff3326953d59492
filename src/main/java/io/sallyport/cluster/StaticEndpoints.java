package io.sallyport.cluster;

import java.net.SocketAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// [Discovery#STATIC]: the endpoints are what the spec says.
public final class StaticEndpoints implements EndpointSource {
    private final List<Endpoint> endpoints;

    /// @throws IllegalArgumentException if an endpoint's address is a name
    public StaticEndpoints(ClusterSpec spec) {
        endpoints = spec.endpoints().stream().map(StaticEndpoints::endpoint).toList();
    }

    private static Endpoint endpoint(EndpointSpec spec) {
        SocketAddress address = Addresses.literal(spec);
        if (address == null) {
            throw new IllegalArgumentException(spec.address() + " is not an IP address");
        }
        return new Endpoint(spec, address, true);
    }

    @Override
    public void start(Listener cluster) {
        cluster.endpointsFound(new EndpointSet(endpoints));
    }

    @Override
    public CompletableFuture<?> ready() {
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public void close() {}
}
