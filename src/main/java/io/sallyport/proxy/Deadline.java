package io.sallyport.proxy;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A point in time at which something ends, unless it is stopped before; and a second one, the limit, that stays when
/// the first is lifted. Whichever comes first runs. Most requests have neither, and pay nothing.
final class Deadline {
    /// Null while none is set that comes before the limit.
    private @Nullable ScheduledFuture<?> task;

    private @Nullable ScheduledFuture<?> limit;

    /// An earlier one that was set before stays.
    ///
    /// @param nanos from now; 0 for never
    void start(EventLoop loop, long nanos, Runnable end) {
        if (nanos <= 0 || isDueWithin(limit, nanos) || isDueWithin(task, nanos)) {
            return;
        }
        lift();
        task = loop.schedule(end, nanos, TimeUnit.NANOSECONDS);
    }

    private static boolean isDueWithin(@Nullable ScheduledFuture<?> set, long nanos) {
        return set != null && set.getDelay(TimeUnit.NANOSECONDS) <= nanos;
    }

    /// One that stays when the other is lifted; to be set before it.
    ///
    /// @param nanos from now; 0 for none
    void limit(EventLoop loop, long nanos, Runnable end) {
        if (nanos > 0) {
            limit = loop.schedule(end, nanos, TimeUnit.NANOSECONDS);
        }
    }

    /// Whether what comes next, or has come, is what [#limit] set.
    boolean isLimit() {
        return limit != null && task == null;
    }

    /// Takes back what [#start] set.
    void lift() {
        if (task != null) {
            task.cancel(false);
            task = null;
        }
    }

    void stop() {
        lift();
        if (limit != null) {
            limit.cancel(false);
            limit = null;
        }
    }

    /// Nanoseconds that are left, at least 1; 0 where there is no deadline.
    long left() {
        ScheduledFuture<?> next = task == null ? limit : task;
        return next == null ? 0 : Math.max(1, next.getDelay(TimeUnit.NANOSECONDS));
    }
}
