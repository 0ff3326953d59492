package io.sallyport.cluster;

import io.sallyport.cluster.balance.RequestContext;
import io.sallyport.cluster.dns.AddressListener;
import io.sallyport.cluster.dns.NameResolution;
import io.sallyport.net.AddressGuard;
import io.sallyport.net.AddressRefusal;
import io.sallyport.outcome.ProxyException;
import java.net.InetAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// [Discovery#LOGICAL_DNS]: one endpoint, whatever addresses its name has; none before it has one. Where the name does
/// not exist any more, its last addresses stay (Envoy, `LogicalDnsCluster::startResolve`).
public final class LogicalDns implements EndpointSource, AddressListener {
    private final NameResolution names;
    private final EndpointSpec spec;
    private final Endpoint endpoint;
    private final EndpointSet present;
    private final CompletableFuture<@Nullable Void> ready = new CompletableFuture<>();
    private final NameLog log;
    private final AddressGuard guard;
    private @Nullable Listener cluster;
    private EndpointSet published = EndpointSet.EMPTY;
    private NameResolution.@Nullable Watch watch;

    public LogicalDns(ClusterSpec spec, NameResolution names) {
        this.names = names;
        guard = spec.guard();
        this.spec = spec.endpoints().getFirst();
        log = new NameLog(spec.name(), this.spec.address());
        SocketAddress literal = Addresses.literal(this.spec);
        endpoint = new Endpoint(this.spec, literal == null ? List.of() : List.of(literal), literal != null, ready);
        present = new EndpointSet(List.of(endpoint));
    }

    @Override
    public void start(Listener starting) {
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
        AddressRefusal refused = guard.judge(spec.address(), addresses);
        if (refused == null) {
            boolean kept = addresses.isEmpty() && endpoint.addressCount() > 0;
            log.resolved(addresses, kept ? "its last addresses are used" : NameLog.UNREACHABLE);
            if (!kept) {
                endpoint.addresses(Addresses.of(addresses, spec.port()));
            }
        } else {
            log.refused(refused);
            endpoint.refuse(refused);
        }
        EndpointSet found = endpoint.addressCount() == 0 ? EndpointSet.EMPTY : present;
        Listener current = cluster;
        if (current != null && published != found) {
            published = found;
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
    public @Nullable ProxyException denial(RequestContext context) {
        return AddressRefusal.denied(endpoint.refusal());
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
