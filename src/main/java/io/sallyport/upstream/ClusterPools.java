package io.sallyport.upstream;

import io.sallyport.cluster.Cluster;
import io.sallyport.cluster.ClusterObserver;
import io.sallyport.cluster.Endpoint;
import io.sallyport.cluster.balance.RequestContext;
import io.sallyport.tls.UpstreamTlsSpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The pools of one cluster on one event loop: by protocol, by endpoint and, where TLS names the host that is sent, by
/// that host, for a connection that was verified for one name must not carry another's requests. Where a header names
/// the client, also by client.
final class ClusterPools implements ClusterObserver {
    private final PoolLoop loop;
    private final Cluster cluster;
    /// What all connections name, or null where each names the host that its requests are sent to.
    private final @Nullable String serverName;

    /// By the ordinal of the offer, then by endpoint, and by host and client, so that looking one up allocates nothing.
    private final List<Map<Endpoint, Map<Object, Pool>>> pools = new ArrayList<>();
    /// Those that may be, since it was last looked: there may be thousands of others.
    private final List<Pool> emptied = new ArrayList<>();
    private final AtomicBoolean reviewing = new AtomicBoolean();

    private record Named(String host, ProxyHeader header) {}

    ClusterPools(PoolLoop loop, Cluster cluster) {
        this.loop = loop;
        this.cluster = cluster;
        UpstreamTlsSpec tls = cluster.spec().tls();
        serverName = tls == null ? "" : tls.sni();
        for (AlpnOffer _ : AlpnOffer.values()) {
            pools.add(new IdentityHashMap<>());
        }
    }

    Pool pool(Endpoint endpoint, RequestContext context) {
        AlpnOffer offer = AlpnOffer.of(cluster.spec().protocol(), context);
        String host = serverName == null ? context.sentHost() : serverName;
        ProxyHeader header = ProxyHeader.of(cluster.spec(), context);
        Object name = header == null ? host : new Named(host, header);
        Map<Endpoint, Map<Object, Pool>> byEndpoint = pools.get(offer.ordinal());
        Map<Object, Pool> byName = byEndpoint.get(endpoint);
        Pool pool = byName == null ? null : byName.get(name);
        if (pool == null) {
            pool = new Pool(loop, this, name, cluster, endpoint, host, header, offer);
            pool.retire(cluster.isClosed() || !cluster.endpoints().contains(endpoint));
            byEndpoint.computeIfAbsent(endpoint, _ -> new HashMap<>(4)).put(name, pool);
        }
        return pool;
    }

    @Override
    public void onChanged() {
        if (reviewing.compareAndSet(false, true)) {
            loop.eventLoop().execute(this::review);
        }
    }

    @Override
    public void onConnectionWanted() {
        loop.eventLoop().execute(this::yieldIdle);
    }

    /// Has one pool drain an idle connection.
    ///
    /// @return false where none is idle
    boolean yieldIdle() {
        for (Map<Endpoint, Map<Object, Pool>> byEndpoint : pools) {
            for (Map<Object, Pool> byName : byEndpoint.values()) {
                for (Pool pool : byName.values()) {
                    if (pool.yieldIdle()) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    /// Retires the pools of endpoints that are not to be used any more. The flag is cleared first: what changes from
    /// here on leads to another review.
    private void review() {
        reviewing.set(false);
        Set<Endpoint> current = Collections.newSetFromMap(new IdentityHashMap<>());
        if (!cluster.isClosed()) {
            current.addAll(cluster.endpoints().asList());
        }
        forEach(pool -> pool.retire(!current.contains(pool.endpoint)));
        loop.onEmpty().run();
    }

    void forEach(Consumer<Pool> action) {
        pools.forEach(byEndpoint ->
                byEndpoint.values().forEach(byName -> byName.values().forEach(action)));
    }

    void onEmpty(Pool pool) {
        emptied.add(pool);
        loop.onEmpty().run();
    }

    void removeEmpty() {
        for (Pool pool : emptied) {
            Map<Endpoint, Map<Object, Pool>> byEndpoint = pools.get(pool.firstOffer.ordinal());
            Map<Object, Pool> byName = byEndpoint.get(pool.endpoint);
            if (byName != null && pool.isEmpty() && byName.remove(pool.name, pool) && byName.isEmpty()) {
                byEndpoint.remove(pool.endpoint);
            }
        }
        emptied.clear();
    }

    boolean isEmpty() {
        return pools.stream().allMatch(Map::isEmpty);
    }
}
