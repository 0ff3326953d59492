package io.sallyport.upstream;

import io.sallyport.cluster.Cluster;
import io.sallyport.cluster.ConnectionLimit;
import java.util.List;

/// One pool's part in the limit on its cluster's connections.
final class PoolShare implements ConnectionLimit.Starving {
    private final UpstreamLoop loop;
    private final Cluster cluster;
    private final ConnectionLimit limit;
    private final Runnable connect;
    private boolean starving;

    /// @param connect makes the connections that are still needed; called on the event loop when there may be room
    PoolShare(UpstreamLoop loop, Cluster cluster, Runnable connect) {
        this.loop = loop;
        this.cluster = cluster;
        this.limit = cluster.circuit().connections;
        this.connect = connect;
    }

    /// Whether the pool may make one more connection, which is taken then. Where it may not and has none that will
    /// take requests, another's is reclaimed for it.
    ///
    /// @param all the pool's connections
    /// @param multiplexed those carry many requests at once, and may never be idle
    boolean take(List<PooledConnection> all, boolean multiplexed) {
        if (limit.takeQuietly()) {
            return true;
        }
        if (isServed(all)) {
            return false;
        }
        if (multiplexed) {
            limit.takeAnyway();
            return true;
        }
        if (!starving) {
            starving = true;
            limit.await(this);
            cluster.reclaimConnection();
        }
        return false;
    }

    private static boolean isServed(List<PooledConnection> all) {
        for (PooledConnection connection : all) {
            if (connection.state != PooledConnection.State.DRAINING) {
                return true;
            }
        }
        return false;
    }

    /// Called on any thread.
    @Override
    public void mayConnect() {
        loop.eventLoop().execute(() -> {
            starving = false;
            connect.run();
            limit.passOn();
        });
    }

    /// A connection of the pool has come free: whether it must go, because another pool has none at all.
    boolean mustYield(PooledConnection free) {
        return limit.isContended() && free.requests > 0 && free.streams() == 0;
    }

    void overflowed() {
        limit.overflowed();
    }

    void giveBack() {
        limit.giveBack();
    }
}
