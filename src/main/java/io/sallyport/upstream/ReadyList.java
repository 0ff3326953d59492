package io.sallyport.upstream;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The connections of a pool that have room for a request, the one used last in front: reusing that one keeps it warm
/// and lets the surplus grow old. Those that have been idle for too long are drained. Linked through the connections,
/// so that adding and removing allocate nothing and any can leave in constant time.
final class ReadyList {
    private final PoolLoop loop;
    private final long idleNanos;
    private @Nullable PooledConnection newest;
    private @Nullable PooledConnection oldest;
    private boolean sweepScheduled;

    /// @param idleNanos for how long a connection may be idle; 0 for ever
    ReadyList(PoolLoop loop, long idleNanos) {
        this.loop = loop;
        this.idleNanos = idleNanos;
    }

    @Nullable
    PooledConnection newest() {
        return newest;
    }

    /// Does nothing where it is in the list; its idle time begins anew where it has no stream.
    void add(PooledConnection connection) {
        if (!connection.listed) {
            connection.listed = true;
            PooledConnection before = newest;
            connection.older = before;
            connection.newer = null;
            if (before == null) {
                oldest = connection;
            } else {
                before.newer = connection;
            }
            newest = connection;
        }
        if (connection.streams() == 0) {
            connection.idleSince = loop.clock().getAsLong();
            if (!sweepScheduled && idleNanos > 0) {
                scheduleSweep(idleNanos);
            }
        }
    }

    /// Does nothing where it is not in the list.
    void remove(PooledConnection connection) {
        if (!connection.listed) {
            return;
        }
        connection.listed = false;
        PooledConnection newer = connection.newer;
        PooledConnection older = connection.older;
        if (newer == null) {
            newest = older;
        } else {
            newer.older = older;
        }
        if (older == null) {
            oldest = newer;
        } else {
            older.newer = newer;
        }
        connection.newer = null;
        connection.older = null;
    }

    /// Drains the connection that has been idle for longest.
    ///
    /// @return false where none is idle
    boolean drainOldestIdle() {
        for (PooledConnection connection = oldest; connection != null; connection = connection.newer) {
            if (connection.streams() == 0) {
                connection.drain();
                return true;
            }
        }
        return false;
    }

    private void scheduleSweep(long delayNanos) {
        sweepScheduled = true;
        loop.eventLoop().schedule(this::sweep, delayNanos, TimeUnit.NANOSECONDS);
    }

    /// Runs again when the next connection will have been idle for long enough.
    private void sweep() {
        sweepScheduled = false;
        long now = loop.clock().getAsLong();
        long soonest = Long.MAX_VALUE;
        PooledConnection connection = oldest;
        while (connection != null) {
            PooledConnection newer = connection.newer;
            if (connection.streams() == 0) {
                long left = idleNanos - (now - connection.idleSince);
                if (left <= 0) {
                    connection.drain();
                } else {
                    soonest = Math.min(soonest, left);
                }
            }
            connection = newer;
        }
        if (soonest != Long.MAX_VALUE) {
            scheduleSweep(soonest);
        }
    }
}
