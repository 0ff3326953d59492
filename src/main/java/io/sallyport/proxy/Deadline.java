package io.sallyport.proxy;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A point in time at which something ends, unless it is stopped before; and a second one, the limit, that stays when
/// the first is lifted. Whichever comes first runs. Most requests have neither, and share [#NONE].
final class Deadline {
    static final Deadline NONE = new Deadline();

    /// Null while none is set that comes before the limit.
    private @Nullable ScheduledFuture<?> task;

    private @Nullable ScheduledFuture<?> limit;

    private Deadline() {}

    /// One that may be set.
    private Deadline own() {
        return isNone() ? new Deadline() : this;
    }

    @SuppressWarnings("ReferenceEquality")
    private boolean isNone() {
        return this == NONE;
    }

    /// An earlier one that was set before stays.
    ///
    /// @param nanos from now; 0 for never
    /// @return what stands in for this from now on
    Deadline start(EventLoop loop, long nanos, Runnable end) {
        if (nanos <= 0 || isDueWithin(limit, nanos) || isDueWithin(task, nanos)) {
            return this;
        }
        lift();
        Deadline set = own();
        set.task = loop.schedule(end, nanos, TimeUnit.NANOSECONDS);
        return set;
    }

    private static boolean isDueWithin(@Nullable ScheduledFuture<?> set, long nanos) {
        return set != null && set.getDelay(TimeUnit.NANOSECONDS) <= nanos;
    }

    /// One that stays when the other is lifted; to be set before it.
    ///
    /// @param nanos from now; 0 for none
    /// @return as [#start]
    Deadline limit(EventLoop loop, long nanos, Runnable end) {
        if (nanos <= 0) {
            return this;
        }
        Deadline set = own();
        set.limit = loop.schedule(end, nanos, TimeUnit.NANOSECONDS);
        return set;
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
