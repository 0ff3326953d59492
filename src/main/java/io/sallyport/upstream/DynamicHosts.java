package io.sallyport.upstream;

import io.sallyport.upstream.dns.AddressListener;
import io.sallyport.upstream.dns.NameResolution;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// [Discovery#DYNAMIC]: the host that a request names is an endpoint, made at its first request and gone some time
/// after its last. Requests wait for the first look-up of their host.
final class DynamicHosts implements EndpointSource {
    private static final int MOST_HOSTS = 1024;
    private static final long IDLE_NANOS = TimeUnit.MINUTES.toNanos(5);
    private static final long SWEEP_SECONDS = 60;
    private static final long NEGATIVE_SECONDS = 5;

    private final ClusterSpec spec;
    private final NameResolution names;
    private final int most;
    private final ConcurrentHashMap<String, Host> hosts = new ConcurrentHashMap<>();
    private volatile @Nullable Cluster cluster;
    private volatile boolean closed;

    DynamicHosts(ClusterSpec spec, NameResolution names) {
        this(spec, names, MOST_HOSTS);
    }

    DynamicHosts(ClusterSpec spec, NameResolution names, int most) {
        this.spec = spec;
        this.names = names;
        this.most = most;
    }

    /// The endpoint of a host, an IP literal or a name in lower case. Null for no name, and where as many hosts as
    /// there may be have requests in flight.
    @Nullable
    Endpoint endpoint(String name) {
        if (name.isEmpty()) {
            return null;
        }
        Host host = hosts.get(name);
        if (host == null) {
            host = admit(name);
            if (host == null) {
                return null;
            }
        }
        host.lastUsed = System.nanoTime();
        return host.endpoint;
    }

    private synchronized @Nullable Host admit(String name) {
        Host host = hosts.get(name);
        if (host != null) {
            return host;
        }
        if (hosts.size() >= most) {
            Host oldest = hosts.values().stream()
                    .filter(each -> each.endpoint.activeRequests() == 0)
                    .min(Comparator.comparingLong(each -> each.lastUsed))
                    .orElse(null);
            if (oldest == null) {
                return null;
            }
            remove(oldest);
        }
        host = new Host(name, Addresses.literal(name, spec.port()));
        hosts.put(name, host);
        host.start();
        publish();
        return host;
    }

    private void remove(Host host) {
        hosts.remove(host.name, host);
        host.close();
    }

    private synchronized void forget(Host host) {
        remove(host);
        publish();
    }

    private void publish() {
        Cluster current = cluster;
        if (current != null) {
            current.endpointsFound(new EndpointSet(
                    hosts.values().stream().map(host -> host.endpoint).toList()));
        }
    }

    private synchronized void sweep() {
        long now = System.nanoTime();
        boolean removed = false;
        for (Host host : List.copyOf(hosts.values())) {
            if (now - host.lastUsed > IDLE_NANOS && host.endpoint.activeRequests() == 0) {
                remove(host);
                removed = true;
            }
        }
        if (removed) {
            publish();
        }
        scheduleSweep();
    }

    private void scheduleSweep() {
        if (!closed && !names.eventLoop().isShuttingDown()) {
            names.eventLoop().schedule(this::sweep, SWEEP_SECONDS, TimeUnit.SECONDS);
        }
    }

    @Override
    public void start(Cluster starting) {
        cluster = starting;
        scheduleSweep();
    }

    @Override
    public CompletableFuture<?> ready() {
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public void close() {
        closed = true;
        hosts.values().forEach(Host::close);
    }

    private final class Host implements AddressListener {
        final String name;
        final Endpoint endpoint;
        private final CompletableFuture<@Nullable Void> resolution = new CompletableFuture<>();
        private final boolean fixed;
        private NameResolution.@Nullable Watch watch;
        volatile long lastUsed = System.nanoTime();

        Host(String name, @Nullable SocketAddress literal) {
            this.name = name;
            fixed = literal != null;
            endpoint = new Endpoint(
                    new EndpointSpec(name, spec.port()), literal == null ? List.of() : List.of(literal), resolution);
        }

        void start() {
            if (!fixed) {
                watch = names.watch(name, this);
                watch.start();
            }
        }

        @Override
        public void onAddresses(List<InetAddress> addresses) {
            endpoint.addresses(addresses.stream()
                    .map(address -> new InetSocketAddress(address, spec.port()))
                    .toList());
            answered();
        }

        @Override
        public void onFailure(String reason) {
            answered();
        }

        /// A host without addresses is not watched: whoever makes names up costs one look-up each, and the next
        /// request after a while asks anew. A request that outlives its generation may bring in a new host: one
        // answer
        /// is enough.
        private void answered() {
            resolution.complete(null);
            if (closed) {
                close();
            } else if (endpoint.nextAddress() == null) {
                close();
                names.eventLoop().schedule(() -> forget(this), NEGATIVE_SECONDS, TimeUnit.SECONDS);
            }
        }

        void close() {
            if (watch != null) {
                watch.close();
            }
        }
    }
}
