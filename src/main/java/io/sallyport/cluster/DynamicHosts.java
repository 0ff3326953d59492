package io.sallyport.cluster;

import io.sallyport.cluster.balance.RequestContext;
import io.sallyport.cluster.dns.AddressListener;
import io.sallyport.cluster.dns.NameResolution;
import io.sallyport.net.AddressRefusal;
import io.sallyport.outcome.ProxyException;
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
/// after its last. [Discovery#ASKED_PORT]: the same of the ports of one host. Requests wait for the first look-up of
/// their host. The guard judges an address in the place of a name as it judges a name's addresses.
public final class DynamicHosts implements EndpointSource {
    private static final int MOST_HOSTS = 1024;
    private static final long IDLE_NANOS = TimeUnit.MINUTES.toNanos(5);
    private static final long SWEEP_SECONDS = 60;
    private static final long NEGATIVE_SECONDS = 5;

    private record Key(String host, int port) {}

    private final ClusterSpec spec;
    private final NameResolution names;
    private final int most;
    /// `.example.com` of `*.example.com`; empty where any host may be named.
    private final String suffix;
    /// Null where requests name the host.
    private final @Nullable String only;

    private final GuardLog log;
    private final ConcurrentHashMap<Key, Host> hosts = new ConcurrentHashMap<>();
    private volatile @Nullable Listener cluster;
    private volatile boolean closed;

    public DynamicHosts(ClusterSpec spec, NameResolution names) {
        this(spec, names, MOST_HOSTS);
    }

    public DynamicHosts(ClusterSpec spec, NameResolution names, int most) {
        this.spec = spec;
        this.names = names;
        this.most = most;
        boolean wildcard = spec.discovery() == Discovery.DYNAMIC && spec.host().startsWith("*.");
        suffix = wildcard ? spec.host().substring(1) : "";
        only = spec.discovery() == Discovery.ASKED_PORT ? spec.host() : null;
        log = new GuardLog(spec.name());
    }

    /// The endpoint of a host, an IP literal or a name in lower case. Null for no name, for one whose address is
    /// guarded, and where as many hosts as there may be have requests in flight.
    @Nullable
    Endpoint endpoint(String asked, int askedPort) {
        String name = only == null ? asked : only;
        if (name.isEmpty()) {
            return null;
        }
        Key key = key(name, askedPort);
        Host host = hosts.get(key);
        if (host == null) {
            host = isWithin(name) && literalRefusal(name) == null ? admit(key) : null;
        }
        if (host == null || host.endpoint.refusal() != null) {
            return null;
        }
        host.lastUsed = System.nanoTime();
        return host.endpoint;
    }

    private Key key(String name, int askedPort) {
        return new Key(name, spec.targetPort() == 0 ? askedPort : spec.targetPort());
    }

    /// A wildcard host leaves it to the request which host is meant, but only within the wildcard. Bytes that name none
    /// are for the wildcard itself, which is no host.
    private boolean isWithin(String name) {
        return suffix.isEmpty() || (name.length() > suffix.length() && name.endsWith(suffix) && name.indexOf('*') < 0);
    }

    @Override
    public @Nullable ProxyException denial(RequestContext context) {
        String name = only == null ? context.host() : only;
        if (!isWithin(name)) {
            return ProxyException.denied(
                    "egress_host_not_listed",
                    "%s is not within %s, so it is not connected to. To allow it, name it in a ServiceEntry."
                            .formatted(name, spec.host()));
        }
        Host host = hosts.get(key(name, context.port()));
        return AddressRefusal.denied(host == null ? literalRefusal(name) : host.endpoint.refusal());
    }

    /// Judged before anything is made for it: a client that tries addresses must not drive out the hosts in use.
    private @Nullable AddressRefusal literalRefusal(String host) {
        if (Addresses.literal(host, 0) instanceof InetSocketAddress literal) {
            return spec.guard().judge(host, List.of(literal.getAddress()));
        }
        return Addresses.isNumeric(host) ? new AddressRefusal(host, host, "disguised_address") : null;
    }

    private synchronized @Nullable Host admit(Key key) {
        Host host = hosts.get(key);
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
        host = new Host(key, Addresses.literal(key.host, key.port));
        Listener current = cluster;
        if (current != null) {
            current.adopt(host.endpoint);
        }
        hosts.put(key, host);
        host.start();
        publish();
        return host;
    }

    private void remove(Host host) {
        hosts.remove(host.key, host);
        host.close();
    }

    private synchronized void forget(Host host) {
        remove(host);
        publish();
    }

    /// A host that is refused is left out, so that its connections drain.
    private void publish() {
        Listener current = cluster;
        if (current != null) {
            current.endpointsFound(new EndpointSet(hosts.values().stream()
                    .map(host -> host.endpoint)
                    .filter(endpoint -> endpoint.refusal() == null)
                    .toList()));
        }
    }

    private synchronized void publishRefusal() {
        publish();
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
    public void start(Listener starting) {
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
        final Key key;
        final Endpoint endpoint;
        private final CompletableFuture<@Nullable Void> resolution = new CompletableFuture<>();
        private final boolean fixed;
        private NameResolution.@Nullable Watch watch;
        volatile long lastUsed = System.nanoTime();

        Host(Key key, @Nullable SocketAddress literal) {
            this.key = key;
            fixed = literal != null;
            endpoint = new Endpoint(
                    new EndpointSpec(key.host, key.port).named(spec.service()),
                    literal == null ? List.of() : List.of(literal),
                    false,
                    resolution);
        }

        void start() {
            if (!fixed) {
                watch = names.watch(key.host, this);
                watch.start();
            }
        }

        @Override
        public void onAddresses(List<InetAddress> addresses) {
            AddressRefusal refused = spec.guard().judge(key.host, addresses);
            if (refused == null) {
                endpoint.addresses(Addresses.of(addresses, key.port));
            } else {
                endpoint.refuse(refused);
                log.refused(refused);
                publishRefusal();
            }
            answered();
        }

        @Override
        public void onFailure(String reason) {
            answered();
        }

        /// A host without addresses is not watched: a made-up name costs one look-up, and the next request after
        /// a while makes another. A request that outlives its generation may name a new host: one answer is
        /// enough.
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
