package io.sallyport.runtime;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import io.sallyport.admin.Readiness;
import io.sallyport.reload.ReloadWatch;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/// Measures how late event loops run what is due, whatever the reason: a task on the loop, a garbage collection, or
/// another process on the processor. Each loop has a task that is due every second, and every millisecond while a
/// configuration changes, from the beginning of the reload until [#AFTER_NANOS] behind its end.
///
/// What was measured within the last minute is a metric. The last hundred times that a loop came late by a tenth of a
/// second or more are kept, with its stack where the look of each second fell into one. A loop that stands still for
/// five seconds is logged once, with its stack.
final class EventLoopMonitor implements ReloadWatch, AutoCloseable {
    private static final Logger LOG = System.getLogger(EventLoopMonitor.class.getName());
    private static final long SLOW_PERIOD_NANOS = 1_000_000_000;
    private static final long FAST_PERIOD_NANOS = 1_000_000;
    /// Work that a swap leaves to the loops, such as closing connections, is done soon after it.
    private static final long AFTER_NANOS = 50_000_000;

    private static final long WINDOW_NANOS = 30_000_000_000L;
    private static final long STALL_NANOS = 100_000_000;
    private static final int MOST_STALLS = 100;

    /// @param loop its thread's name
    /// @param stack of the loop's thread within the stall; empty where nobody looked
    record Stall(Instant since, String loop, long nanos, boolean ongoing, List<StackTraceElement> stack) {
        JsonObject json() {
            var frames = new JsonArray();
            stack.forEach(frame -> frames.add(frame.toString()));
            return new JsonObject()
                    .put("since", since.toString())
                    .put("loop", loop)
                    .put("lateMillis", TimeUnit.NANOSECONDS.toMillis(nanos))
                    .put("ongoing", ongoing)
                    .put("stack", frames);
        }
    }

    /// A loop's stack while it came late.
    ///
    /// @param due what it came late to, as [System#nanoTime] is
    private record Look(long due, List<StackTraceElement> stack) {}

    private final List<Ticks> loops;
    private final BlockingQueue<Stall> stalls = new ArrayBlockingQueue<>(MOST_STALLS);
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofVirtual().name("sallyport-watchdog").factory());
    private volatile boolean applying;
    private volatile boolean reloading;
    private volatile long endedAt;
    private volatile boolean closed;

    EventLoopMonitor(List<EventLoop> loops) {
        this.loops = loops.stream().map(Ticks::new).toList();
        this.loops.forEach(ticks -> ticks.loop.execute(ticks::start));
        timer.scheduleWithFixedDelay(
                () -> this.loops.forEach(Ticks::report), SLOW_PERIOD_NANOS, SLOW_PERIOD_NANOS, TimeUnit.NANOSECONDS);
    }

    @Override
    public void compiling() {
        applying = false;
        reloading = true;
        loops.forEach(ticks -> ticks.loop.execute(ticks::beginReload));
    }

    @Override
    public void applying() {
        applying = true;
    }

    @Override
    public void ended() {
        endedAt = System.nanoTime();
        reloading = false;
    }

    /// The longest delay of any loop while the last reload read and compiled.
    Duration longestOfCompile() {
        return Duration.ofNanos(longest(ticks -> ticks.compile));
    }

    /// The longest delay from there on.
    Duration longestOfApply() {
        return Duration.ofNanos(longest(ticks -> ticks.apply));
    }

    /// The longest delay of any loop within the last half minute to minute.
    Duration longestOfLate() {
        return Duration.ofNanos(longest(Ticks::lately));
    }

    /// For how long the loop that has stood still longest has done so, milliseconds.
    long blockedMillis() {
        return TimeUnit.NANOSECONDS.toMillis(longest(Ticks::lateNanos));
    }

    /// When loops last came late, those that still do before the others, then the latest first.
    JsonObject stalls() {
        var list = new JsonArray();
        for (Ticks ticks : loops) {
            Stall ongoing = ticks.ongoing();
            if (ongoing != null) {
                list.add(ongoing.json());
            }
        }
        List.copyOf(stalls).reversed().stream().map(Stall::json).forEach(list::add);
        return new JsonObject()
                .put("leastMillis", TimeUnit.NANOSECONDS.toMillis(STALL_NANOS))
                .put("stalls", list);
    }

    void remember(Stall stall) {
        while (!stalls.offer(stall)) {
            stalls.poll();
        }
    }

    /// Whether no reload is measured.
    boolean isIdle() {
        return loops.stream().noneMatch(ticks -> ticks.fast);
    }

    private long longest(ToLongFunction<Ticks> delay) {
        return loops.stream().mapToLong(delay).max().orElse(0);
    }

    @Override
    public void close() {
        closed = true;
        timer.shutdownNow();
    }

    /// The figures of one loop, which alone writes them.
    private final class Ticks implements Runnable {
        private final EventLoop loop;
        private volatile long compile;
        private volatile long apply;
        private volatile long window = System.nanoTime() / WINDOW_NANOS;
        private volatile long inWindow;
        private volatile long inWindowBefore;
        private volatile boolean fast;
        private volatile long due = System.nanoTime() + SLOW_PERIOD_NANOS;
        private volatile @Nullable Thread thread;
        private volatile Look look = new Look(0, List.of());

        private @Nullable ScheduledFuture<?> next;
        /// Used by the timer's thread alone.
        private boolean reported;

        Ticks(EventLoop loop) {
            this.loop = loop;
        }

        private void start() {
            thread = Thread.currentThread();
            schedule(SLOW_PERIOD_NANOS);
        }

        private void beginReload() {
            compile = 0;
            apply = 0;
            if (!fast) {
                fast = true;
                if (next != null) {
                    next.cancel(false);
                }
                schedule(FAST_PERIOD_NANOS);
            }
        }

        private void schedule(long period) {
            due = System.nanoTime() + period;
            next = loop.schedule(this, period, TimeUnit.NANOSECONDS);
        }

        @Override
        public void run() {
            long now = System.nanoTime();
            long late = now - due;
            note(late, now / WINDOW_NANOS);
            if (late >= STALL_NANOS) {
                remember(stall(late, false));
            }
            if (fast) {
                if (applying) {
                    apply = Math.max(apply, late);
                } else {
                    compile = Math.max(compile, late);
                }
                fast = reloading || now - endedAt < AFTER_NANOS;
            }
            if (!closed) {
                schedule(fast ? FAST_PERIOD_NANOS : SLOW_PERIOD_NANOS);
            }
        }

        private void note(long late, long current) {
            if (current != window) {
                inWindowBefore = current == window + 1 ? inWindow : 0;
                inWindow = 0;
                window = current;
            }
            inWindow = Math.max(inWindow, late);
        }

        private long lately() {
            return Math.max(lateNanos(), Math.max(inWindow, inWindowBefore));
        }

        /// How long the task that is due has been waiting; a loop that has shut down runs none.
        private long lateNanos() {
            return loop.isShuttingDown() ? 0 : Math.max(0, System.nanoTime() - due);
        }

        private @Nullable Stall ongoing() {
            long late = lateNanos();
            return late < STALL_NANOS ? null : stall(late, true);
        }

        private Stall stall(long late, boolean ongoing) {
            Thread current = thread;
            Look last = look;
            return new Stall(
                    Instant.now().minusNanos(late),
                    current == null ? "" : current.getName(),
                    late,
                    ongoing,
                    last.due == due ? last.stack : List.of());
        }

        private void report() {
            long missed = due;
            long late = lateNanos();
            Thread current = thread;
            if (late >= STALL_NANOS && current != null) {
                look = new Look(missed, List.of(current.getStackTrace()));
            }
            long millis = TimeUnit.NANOSECONDS.toMillis(late);
            if (millis <= Readiness.LONGEST_BLOCK_MILLIS) {
                reported = false;
            } else if (!reported) {
                reported = true;
                LOG.log(Level.ERROR, "An event loop has stood still for {0} ms{1}", millis, stack(thread));
            }
        }

        private static String stack(@Nullable Thread thread) {
            if (thread == null) {
                return "";
            }
            var text = new StringBuilder(": ").append(thread.getName());
            for (StackTraceElement frame : thread.getStackTrace()) {
                text.append("\n\tat ").append(frame);
            }
            return text.toString();
        }
    }
}
