package io.sallyport.proxy;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A point in time at which something ends, unless it is stopped before. Most requests have none, and pay nothing.
final class Deadline {
    private @Nullable ScheduledFuture<?> task;
    /// Of [System#nanoTime()]; only while there is a task.
    private long at;
    private boolean limited;
    private long limit;

    /// An earlier one that was set before stays.
    ///
    /// @param nanos from now; 0 for never
    void start(EventLoop loop, long nanos, Runnable end) {
        if (nanos <= 0) {
            return;
        }
        long due = System.nanoTime() + nanos;
        if (task != null) {
            if (due - at >= 0) {
                return;
            }
            task.cancel(false);
        }
        at = due;
        task = loop.schedule(end, nanos, TimeUnit.NANOSECONDS);
    }

    /// One that stays when the others are lifted; to be set before them.
    ///
    /// @param nanos from now; 0 for none
    void limit(EventLoop loop, long nanos, Runnable end) {
        if (nanos > 0) {
            limited = true;
            start(loop, nanos, end);
            limit = at;
        }
    }

    /// Whether what runs, or has run out, is what [#limit] set.
    boolean isLimit() {
        return limited && at == limit;
    }

    /// Takes back what [#start] set.
    void lift(EventLoop loop, Runnable end) {
        if (task != null && !isLimit()) {
            stop();
            if (limited) {
                long left = Math.max(1, limit - System.nanoTime());
                start(loop, left, end);
                limit = at;
            }
        }
    }

    void stop() {
        if (task != null) {
            task.cancel(false);
            task = null;
        }
    }

    /// Nanoseconds that are left, at least 1; 0 where there is no deadline.
    long left() {
        return task == null ? 0 : Math.max(1, at - System.nanoTime());
    }
}
