package io.sallyport.http.h2;

import io.netty.util.concurrent.EventExecutor;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/// One timer for all time-outs of a connection. It is set for the earliest of them; when it rings, the connection looks
/// for what is due and names the next. Activity moves no timer, so a busy connection schedules next to nothing.
final class Deadline implements Runnable {
    static final long NONE = Long.MAX_VALUE;

    private final EventExecutor loop;
    private final NanoClock clock;
    private final LongUnaryOperator check;
    private @Nullable Future<?> task;
    private long due = NONE;

    /// @param check is given the time, acts on what is due, and returns the next deadline or [#NONE]
    Deadline(EventExecutor loop, NanoClock clock, LongUnaryOperator check) {
        this.loop = loop;
        this.clock = clock;
        this.check = check;
    }

    /// Rings at this time or before.
    void ensure(long deadline) {
        if (deadline >= due) {
            return;
        }
        cancel();
        due = deadline;
        task = loop.schedule(this, Math.max(0, deadline - clock.now()), TimeUnit.NANOSECONDS);
    }

    void cancel() {
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
        ensure(check.applyAsLong(clock.now()));
    }
}
