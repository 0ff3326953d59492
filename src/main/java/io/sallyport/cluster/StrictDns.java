package io.sallyport.cluster;

import io.sallyport.cluster.balance.RequestContext;
import io.sallyport.cluster.dns.AddressListener;
import io.sallyport.cluster.dns.NameResolution;
import io.sallyport.net.AddressGuard;
import io.sallyport.net.AddressRefusal;
import io.sallyport.outcome.ProxyException;
import java.net.InetAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// [Discovery#STRICT_DNS]: an endpoint for each address of each name. After the start, everything happens on the event
/// loop of the look-ups.
public final class StrictDns implements EndpointSource {
    private final NameResolution names;
    private final String clusterName;
    private final List<Name> all;
    private final List<NameResolution.Watch> watches = new ArrayList<>();
    private final CompletableFuture<@Nullable Void> ready = new CompletableFuture<>();
    private final AddressGuard guard;
    private Map<SocketAddress, Endpoint> current = Map.of();
    private volatile @Nullable AddressRefusal refusal;

    public StrictDns(ClusterSpec spec, NameResolution names) {
        guard = spec.guard();
        clusterName = spec.name();
        this.names = names;
        all = spec.endpoints().stream().map(Name::new).toList();
    }

    @Override
    public void start(Listener cluster) {
        names.eventLoop().execute(() -> publish(cluster));
        for (Name name : all) {
            if (!name.fixed) {
                watches.add(names.watch(name.spec.address(), name.listener(cluster)));
            }
        }
        watches.forEach(NameResolution.Watch::start);
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
        watches.forEach(NameResolution.Watch::close);
    }

    /// Of two endpoints with one address, the first in the configuration counts. An endpoint that was there is kept.
    private void publish(Listener cluster) {
        Map<SocketAddress, Endpoint> next = new LinkedHashMap<>();
        boolean complete = true;
        AddressRefusal refused = null;
        for (Name name : all) {
            complete &= name.answered;
            refused = refused == null ? name.refusal : refused;
            for (SocketAddress address : name.addresses) {
                next.computeIfAbsent(address, a -> Endpoint.kept(current.get(a), name.spec, a, name.fixed));
            }
        }
        // Read only where there is no endpoint.
        refusal = refused;
        if (!sameEndpoints(next.values(), current.values())) {
            cluster.endpointsFound(new EndpointSet(List.copyOf(next.values())));
        }
        current = next;
        if (complete) {
            ready.complete(null);
        }
    }

    private static boolean sameEndpoints(Collection<Endpoint> one, Collection<Endpoint> other) {
        return List.copyOf(one).equals(List.copyOf(other));
    }

    /// What is known of one configured endpoint.
    private final class Name {
        final EndpointSpec spec;
        final boolean fixed;
        List<? extends SocketAddress> addresses;
        boolean answered;

        @Nullable
        AddressRefusal refusal;

        Name(EndpointSpec spec) {
            this.spec = spec;
            SocketAddress literal = Addresses.literal(spec);
            fixed = literal != null;
            answered = fixed;
            addresses = literal == null ? List.of() : List.of(literal);
        }

        AddressListener listener(Listener cluster) {
            NameLog log = new NameLog(clusterName, spec.address());
            return new AddressListener() {
                @Override
                public void onAddresses(List<InetAddress> found) {
                    refusal = guard.judge(spec.address(), found);
                    if (refusal == null) {
                        log.resolved(found);
                        addresses = Addresses.of(found, spec.port());
                    } else {
                        log.refused(refusal);
                        addresses = List.of();
                    }
                    answered = true;
                    publish(cluster);
                }

                @Override
                public void onFailure(String reason) {
                    log.failed(reason);
                    answered = true;
                    publish(cluster);
                }
            };
        }
    }
}
