package io.sallyport.runtime;

import io.netty.channel.EventLoop;
import io.sallyport.reload.ReloadWatch;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// How late event loops come to what is due while a configuration changes: the pause that requests may meet, whatever
/// makes it, be it a task on the loop, a garbage collection or another process on the processor.
///
/// From the beginning of a reload until [#AFTER_NANOS] behind its end each loop has a task every millisecond, which
/// looks how late it is. At other times there is nothing.
final class LoopDelays implements ReloadWatch {
    private static final long PERIOD_NANOS = 1_000_000;
    /// What a swap leaves to the loops, such as connections to close, is done soon after.
    private static final long AFTER_NANOS = 50_000_000;

    private final List<Ticks> loops;
    private volatile boolean applying;
    private volatile boolean running;
    private volatile long endedAt;

    LoopDelays(List<EventLoop> loops) {
        this.loops = loops.stream().map(Ticks::new).toList();
    }

    @Override
    public void compiling() {
        applying = false;
        running = true;
        loops.forEach(ticks -> ticks.loop.execute(ticks::begin));
    }

    @Override
    public void applying() {
        applying = true;
    }

    @Override
    public void ended() {
        endedAt = System.nanoTime();
        running = false;
    }

    /// The longest while reading and compiling, of all loops, in the last reload.
    Duration longestOfCompile() {
        return Duration.ofNanos(
                loops.stream().mapToLong(ticks -> ticks.compile).max().orElse(0));
    }

    /// The longest from there on.
    Duration longestOfApply() {
        return Duration.ofNanos(
                loops.stream().mapToLong(ticks -> ticks.apply).max().orElse(0));
    }

    /// Whether no loop has anything to look at.
    boolean idle() {
        return loops.stream().noneMatch(ticks -> ticks.scheduled);
    }

    /// Of one loop, which alone writes the figures.
    private final class Ticks implements Runnable {
        private final EventLoop loop;
        private volatile long compile;
        private volatile long apply;
        private volatile boolean scheduled;
        private long due;

        Ticks(EventLoop loop) {
            this.loop = loop;
        }

        private void begin() {
            compile = 0;
            apply = 0;
            if (!scheduled) {
                scheduled = true;
                next();
            }
        }

        private void next() {
            due = System.nanoTime() + PERIOD_NANOS;
            loop.schedule(this, PERIOD_NANOS, TimeUnit.NANOSECONDS);
        }

        @Override
        public void run() {
            long now = System.nanoTime();
            long late = now - due;
            if (applying) {
                apply = Math.max(apply, late);
            } else {
                compile = Math.max(compile, late);
            }
            if (running || now - endedAt < AFTER_NANOS) {
                next();
            } else {
                scheduled = false;
            }
        }
    }
}
