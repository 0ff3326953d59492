package io.sallyport.tunnel;

import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Ends what has carried nothing for a while: between 1 and 1 1/4 of the idle time after the last activity. Costs a
/// field on each activity and a task each quarter of the time.
public final class IdleWatch {
    private static final int QUIET_TICKS = 4;

    private final Runnable onIdle;
    private final ScheduledFuture<?> tick;
    private int quietTicks;
    private boolean active;

    /// All calls are made on the event loop.
    ///
    /// @param idle zero for never
    /// @return null for never
    public static @Nullable IdleWatch start(EventLoop loop, Duration idle, Runnable onIdle) {
        return idle.isZero() ? null : new IdleWatch(loop, idle, onIdle);
    }

    private IdleWatch(EventLoop loop, Duration idle, Runnable onIdle) {
        this.onIdle = onIdle;
        long nanos = Math.max(1, idle.toNanos() / QUIET_TICKS);
        tick = loop.scheduleAtFixedRate(this::onTick, nanos, nanos, TimeUnit.NANOSECONDS);
    }

    public void onActivity() {
        active = true;
    }

    public void stop() {
        tick.cancel(false);
    }

    private void onTick() {
        quietTicks = active ? 0 : quietTicks + 1;
        active = false;
        if (quietTicks >= QUIET_TICKS) {
            stop();
            onIdle.run();
        }
    }
}
