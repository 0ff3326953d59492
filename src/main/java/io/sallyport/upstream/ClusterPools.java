package io.sallyport.upstream;

import io.sallyport.cluster.AlpnOffer;
import io.sallyport.cluster.Cluster;
import io.sallyport.cluster.ClusterObserver;
import io.sallyport.cluster.Endpoint;
import io.sallyport.cluster.EndpointSet;
import io.sallyport.cluster.balance.RequestContext;
import io.sallyport.tls.UpstreamTlsSpec;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The pools of one cluster on one event loop.
final class ClusterPools implements ClusterObserver {
    private final UpstreamLoop loop;
    private final Cluster cluster;
    /// What all connections name, or null where each names the host that its requests are sent to.
    private final @Nullable String serverName;

    private final PoolTable[] tables = new PoolTable[AlpnOffer.values().length];
    private final AtomicBoolean reviewing = new AtomicBoolean();

    ClusterPools(UpstreamLoop loop, Cluster cluster) {
        this.loop = loop;
        this.cluster = cluster;
        UpstreamTlsSpec tls = cluster.spec().tls();
        serverName = tls == null ? "" : tls.sni();
        for (int i = 0; i < tables.length; i++) {
            tables[i] = new PoolTable();
        }
    }

    Pool pool(Endpoint endpoint, RequestContext context) {
        AlpnOffer offer = AlpnOffer.of(cluster.spec().protocol(), context);
        String host = serverName == null ? context.sentHost() : serverName;
        PoolTable table = tables[offer.ordinal()];
        Pool pool = table.get(endpoint, host);
        if (pool == null) {
            pool = new Pool(loop, cluster, endpoint, host, offer);
            pool.retire(cluster.isClosed() || !cluster.endpoints().contains(endpoint));
            table.put(endpoint, host, pool);
        }
        return pool;
    }

    @Override
    public void onEndpointsChanged(Cluster changed) {
        if (reviewing.compareAndSet(false, true)) {
            loop.eventLoop().execute(this::review);
        }
    }

    @Override
    public void onClosed(Cluster closed) {
        onEndpointsChanged(closed);
    }

    @Override
    public void onConnectionWanted() {
        loop.eventLoop().execute(this::yieldIdle);
    }

    boolean yieldIdle() {
        for (PoolTable table : tables) {
            if (table.yieldIdle()) {
                return true;
            }
        }
        return false;
    }

    /// Retires what is not to be used any more. The flag falls first: what changes meanwhile brings another review.
    private void review() {
        reviewing.set(false);
        EndpointSet current = cluster.isClosed() ? EndpointSet.EMPTY : cluster.endpoints();
        for (PoolTable table : tables) {
            table.retire(current);
        }
        loop.poolIsEmpty();
    }

    void forEach(Consumer<Pool> action) {
        for (PoolTable table : tables) {
            table.forEach(action);
        }
    }

    void removeEmpty() {
        for (PoolTable table : tables) {
            table.removeEmpty();
        }
    }

    boolean isEmpty() {
        for (PoolTable table : tables) {
            if (!table.isEmpty()) {
                return false;
            }
        }
        return true;
    }
}
