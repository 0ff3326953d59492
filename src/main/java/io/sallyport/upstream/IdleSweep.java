package io.sallyport.upstream;

import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Closes connections of one pool that have been idle for too long.
final class IdleSweep {
    private final UpstreamLoop loop;
    private final ReadyList ready;
    private final long idleNanos;
    private @Nullable ScheduledFuture<?> next;

    /// @param idleNanos 0 for never
    IdleSweep(UpstreamLoop loop, ReadyList ready, long idleNanos) {
        this.loop = loop;
        this.ready = ready;
        this.idleNanos = idleNanos;
    }

    /// The connection is in the list, without a stream, from now on.
    void onIdle(PooledConnection connection) {
        connection.idleSince = loop.nanoTime();
        if (next == null && idleNanos > 0) {
            schedule(idleNanos);
        }
    }

    private void schedule(long delayNanos) {
        next = loop.eventLoop().schedule(this::closeIdle, delayNanos, TimeUnit.NANOSECONDS);
    }

    /// Comes back when the next will have been idle for long enough.
    private void closeIdle() {
        next = null;
        long now = loop.nanoTime();
        long soonest = Long.MAX_VALUE;
        PooledConnection connection = ready.oldest();
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
            schedule(soonest);
        }
    }
}
