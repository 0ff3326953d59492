package io.sallyport.cluster;

import io.sallyport.cluster.balance.RequestContext;
import io.sallyport.net.AddressRefusal;
import io.sallyport.outcome.ProxyException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// [Discovery#DISCOVERED]: the endpoints are what an [EndpointFeed] reports. Those that stay keep their connections and
/// their health.
public final class DiscoveredEndpoints implements EndpointSource {
    private final ClusterSpec spec;
    private final EndpointPlacement placement;
    private final EndpointFeed feed;
    private final CompletableFuture<@Nullable Void> ready = new CompletableFuture<>();
    private final GuardLog log;
    private Map<InetSocketAddress, Endpoint> current = Map.of();
    private EndpointPlacement.@Nullable Placed placed;
    private volatile EndpointFeed.@Nullable Subscription subscription;
    private volatile @Nullable AddressRefusal refusal;
    private volatile boolean closed;

    public DiscoveredEndpoints(ClusterSpec spec, EndpointFeed feed) {
        this.spec = spec;
        this.feed = feed;
        placement = Objects.requireNonNull(spec.placement(), spec.name());
        log = new GuardLog(spec.name());
    }

    @Override
    public void start(Listener cluster) {
        subscription = feed.subscribe(spec.host(), spec.port(), all -> found(cluster, all));
    }

    @Override
    public CompletableFuture<?> ready() {
        return ready;
    }

    @Override
    public @Nullable ProxyException denial(RequestContext context) {
        return AddressRefusal.denied(refusal);
    }

    @Override
    public void close() {
        closed = true;
        EndpointFeed.Subscription open = subscription;
        if (open != null) {
            open.close();
        }
    }

    /// On the feed's thread. Whoever may write endpoints must not make the gateway dial its own machine or its cloud: a
    /// guarded address is left out, and the others stay.
    private void found(Listener cluster, List<EndpointSpec> all) {
        place(cluster, all).forEach(log::refused);
    }

    /// @return the addresses that were left out
    private synchronized List<AddressRefusal> place(Listener cluster, List<EndpointSpec> all) {
        EndpointPlacement.Placed next = placement.place(all);
        if (closed || next.equals(placed)) {
            return List.of();
        }
        placed = next;
        Map<InetSocketAddress, Endpoint> endpoints = new LinkedHashMap<>();
        List<AddressRefusal> refused = new ArrayList<>();
        for (EndpointSpec each : next.endpoints()) {
            if (Addresses.literal(each) instanceof InetSocketAddress address) {
                AddressRefusal guarded = spec.guard().judge(spec.host(), List.of(address.getAddress()));
                if (guarded == null) {
                    endpoints.computeIfAbsent(address, _ -> Endpoint.kept(current.get(address), each, address, false));
                } else {
                    refused.add(guarded);
                }
            }
        }
        // Read only where there is no endpoint.
        refusal = refused.isEmpty() ? null : refused.getLast();
        current = endpoints;
        cluster.endpointsFound(new EndpointSet(List.copyOf(endpoints.values()), next.localityWeights()));
        ready.complete(null);
        return refused;
    }
}
