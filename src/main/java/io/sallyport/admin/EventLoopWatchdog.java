package io.sallyport.admin;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/// Sees when an event loop stands still: every second it gives each of them a task and looks how long the last one has
/// been waiting. A loop that does so for five seconds is logged once, with what it is doing.
public final class EventLoopWatchdog implements AutoCloseable {
    private static final Logger LOG = System.getLogger(EventLoopWatchdog.class.getName());
    private static final long PERIOD_MILLIS = 1_000;

    private final List<Watched> loops;
    private final LongSupplier nanoTime;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofVirtual().name("sallyport-watchdog").factory());

    /// @param nanoTime a monotonic clock
    EventLoopWatchdog(Iterable<? extends Executor> loops, LongSupplier nanoTime) {
        this.loops = StreamSupport.stream(loops.spliterator(), false)
                .map(Watched::new)
                .toList();
        this.nanoTime = nanoTime;
    }

    /// Watches the loops until it is closed.
    public static EventLoopWatchdog start(Iterable<? extends Executor> loops) {
        var watchdog = new EventLoopWatchdog(loops, System::nanoTime);
        watchdog.timer.scheduleWithFixedDelay(watchdog::look, 0, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
        return watchdog;
    }

    /// For how long the loop that stands still longest has done so, milliseconds.
    public long blockedMillis() {
        long longest = 0;
        for (Watched loop : loops) {
            longest = Math.max(longest, loop.waitingNanos());
        }
        return TimeUnit.NANOSECONDS.toMillis(longest);
    }

    void look() {
        for (Watched loop : loops) {
            loop.look();
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }

    private final class Watched {
        private final Executor loop;
        private volatile boolean waiting;
        private volatile long since;
        private volatile @Nullable Thread thread;
        private boolean logged;

        Watched(Executor loop) {
            this.loop = loop;
        }

        long waitingNanos() {
            return waiting ? Math.max(0, nanoTime.getAsLong() - since) : 0;
        }

        void look() {
            if (waiting) {
                tell();
                return;
            }
            logged = false;
            since = nanoTime.getAsLong();
            waiting = true;
            try {
                loop.execute(this::beat);
            } catch (RejectedExecutionException e) {
                // It is shutting down.
                waiting = false;
            }
        }

        private void beat() {
            thread = Thread.currentThread();
            waiting = false;
        }

        private void tell() {
            long millis = TimeUnit.NANOSECONDS.toMillis(waitingNanos());
            if (!logged && millis > ReadyCheck.LONGEST_BLOCK_MILLIS) {
                logged = true;
                LOG.log(Level.ERROR, "An event loop has stood still for {0} ms{1}", millis, doing(thread));
            }
        }

        private static String doing(@Nullable Thread thread) {
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
