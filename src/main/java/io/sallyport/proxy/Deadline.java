package io.sallyport.proxy;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A point in time at which something ends, unless it is stopped before. Most requests have none, and pay nothing.
final class Deadline {
    private @Nullable ScheduledFuture<?> task;

    /// @param nanos from now; 0 for never
    void start(EventLoop loop, long nanos, Runnable end) {
        if (nanos > 0) {
            task = loop.schedule(end, nanos, TimeUnit.NANOSECONDS);
        }
    }

    void stop() {
        if (task != null) {
            task.cancel(false);
            task = null;
        }
    }
}
