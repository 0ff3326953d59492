package io.sallyport.upstream;

import io.netty.channel.EventLoop;
import io.sallyport.cluster.Cluster;
import io.sallyport.cluster.Endpoint;
import io.sallyport.cluster.balance.RequestContext;
import io.sallyport.http.HttpLimits;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.LongSupplier;

/// One event loop's connections to all clusters. Owned by that loop: whatever does not say otherwise is called there.
public final class UpstreamLoop {
    private final PoolLoop loop;
    private final Map<Cluster, ClusterPools> clusters = new IdentityHashMap<>();
    private boolean trimming;

    /// @param limits on what endpoints may send
    public UpstreamLoop(EventLoop loop, HttpLimits limits, ConnectionFactory connections) {
        this(loop, limits, connections, System::nanoTime);
    }

    UpstreamLoop(EventLoop loop, HttpLimits limits, ConnectionFactory connections, LongSupplier clock) {
        UpstreamBootstrap bootstrap = new UpstreamBootstrap(loop, this::yieldIdle);
        this.loop = new PoolLoop(bootstrap, limits, connections, clock, this::trimLater);
    }

    /// The loop that owns all of it.
    public EventLoop eventLoop() {
        return loop.eventLoop();
    }

    /// Chooses an endpoint and a connection to it for a request. One of the acquisition's callbacks is called, perhaps
    /// before this returns, unless it is cancelled.
    public void acquire(Cluster cluster, RequestContext context, Acquisition acquisition) {
        Endpoint endpoint = cluster.pick(context);
        if (endpoint == null) {
            acquisition.onFailure(cluster.noEndpoint(context), null);
        } else {
            pools(cluster).pool(endpoint, context).acquire(acquisition);
        }
    }

    private ClusterPools pools(Cluster cluster) {
        ClusterPools pools = clusters.get(cluster);
        if (pools == null) {
            pools = new ClusterPools(loop, cluster);
            clusters.put(cluster, pools);
            cluster.observe(pools);
        }
        return pools;
    }

    /// Any thread: the usage of every pool of this loop.
    public CompletionStage<List<PoolUsage>> usage() {
        return CompletableFuture.supplyAsync(
                () -> {
                    List<PoolUsage> usage = new ArrayList<>();
                    clusters.values().forEach(pools -> pools.forEach(pool -> usage.add(pool.usage())));
                    return usage;
                },
                loop.eventLoop());
    }

    /// Any thread: cuts every connection. For the end of the process, after the listeners have drained.
    public void close() {
        loop.eventLoop().execute(() -> List.copyOf(clusters.values()).forEach(pools -> pools.forEach(Pool::cut)));
    }

    /// Closes one connection that carries nothing, in favour of another.
    ///
    /// @return false where there is none
    private boolean yieldIdle() {
        for (ClusterPools pools : clusters.values()) {
            if (pools.yieldIdle()) {
                return true;
            }
        }
        return false;
    }

    /// Forgets pools without connections, and clusters without pools; not at once, because a pool is still at work.
    private void trimLater() {
        if (!trimming) {
            trimming = true;
            loop.eventLoop().execute(this::trim);
        }
    }

    private void trim() {
        trimming = false;
        clusters.entrySet().removeIf(entry -> {
            ClusterPools pools = entry.getValue();
            pools.removeEmpty();
            boolean gone = pools.isEmpty();
            if (gone) {
                entry.getKey().forget(pools);
            }
            return gone;
        });
    }
}
