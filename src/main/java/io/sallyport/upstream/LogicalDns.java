package io.sallyport.upstream;

import io.sallyport.upstream.dns.AddressListener;
import io.sallyport.upstream.dns.NameResolution;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// [Discovery#LOGICAL_DNS]: one endpoint, whatever addresses its name has. Only a name without any takes it away.
final class LogicalDns implements EndpointSource, AddressListener {
    private final NameResolution names;
    private final EndpointSpec spec;
    private final Endpoint endpoint;
    private final EndpointSet present;
    private final CompletableFuture<@Nullable Void> ready = new CompletableFuture<>();
    private final NameLog log;
    private @Nullable Cluster cluster;
    private NameResolution.@Nullable Watch watch;

    LogicalDns(ClusterSpec spec, NameResolution names) {
        this.names = names;
        this.spec = spec.endpoints().getFirst();
        log = new NameLog(spec.name(), this.spec.address());
        SocketAddress literal = Addresses.literal(this.spec);
        endpoint = new Endpoint(this.spec, literal == null ? List.of() : List.of(literal), ready);
        present = new EndpointSet(List.of(endpoint));
    }

    @Override
    public void start(Cluster starting) {
        cluster = starting;
        if (endpoint.nextAddress() == null) {
            watch = names.watch(spec.address(), this);
            watch.start();
        } else {
            starting.endpointsFound(present);
            ready.complete(null);
        }
    }

    @Override
    public void onAddresses(List<InetAddress> addresses) {
        log.resolved(addresses);
        endpoint.addresses(addresses.stream()
                .map(address -> new InetSocketAddress(address, spec.port()))
                .toList());
        EndpointSet found = addresses.isEmpty() ? EndpointSet.EMPTY : present;
        Cluster current = cluster;
        if (current != null && current.endpoints() != found) {
            current.endpointsFound(found);
        }
        ready.complete(null);
    }

    @Override
    public void onFailure(String reason) {
        log.failed(reason);
        ready.complete(null);
    }

    @Override
    public CompletableFuture<?> ready() {
        return ready;
    }

    @Override
    public void close() {
        if (watch != null) {
            watch.close();
        }
    }
}
