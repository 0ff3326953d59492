package io.sallyport.http.h2;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/// A connection's clock and one timer for all its time-outs. The timer is set for the earliest of them; when it fires,
/// the connection looks for what is due and names the next. Activity moves no timer, so a busy connection schedules
/// next to nothing.
final class Timeouts implements Runnable {
    static final long NONE = Long.MAX_VALUE;

    private final LongSupplier source;
    private final long origin;
    private @Nullable EventExecutor loop;
    private LongUnaryOperator check = _ -> NONE;
    private @Nullable Future<?> task;
    private long due = NONE;

    /// @param nanoTime like [System#nanoTime()]
    Timeouts(LongSupplier nanoTime) {
        source = nanoTime;
        origin = nanoTime.getAsLong();
    }

    /// @param action is given the time, acts on what is due, and returns the next deadline or [#NONE]
    void start(EventExecutor executor, LongUnaryOperator action) {
        loop = executor;
        check = action;
    }

    /// Nanoseconds since the connection began: never negative, so that times can be compared and unset ones be -1.
    long now() {
        return source.getAsLong() - origin;
    }

    /// Has the connection look for what is due at this time or before. Nothing happens before [#start] and after
    /// [#stop].
    void checkBy(long time) {
        EventExecutor executor = loop;
        if (executor == null || time >= due) {
            return;
        }
        cancel();
        due = time;
        task = executor.schedule(this, Math.max(0, time - now()), TimeUnit.NANOSECONDS);
    }

    void stop() {
        loop = null;
        cancel();
    }

    private void cancel() {
        if (task != null) {
            task.cancel(false);
            task = null;
        }
        due = NONE;
    }

    @Override
    public void run() {
        task = null;
        due = NONE;
        checkBy(check.applyAsLong(now()));
    }
}
