package io.sallyport.runtime;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;

/// Reloads on request, on a thread of its own: whoever requests it can notify others of endpoints meanwhile.
/// The first request is served at once; those that come soon after a reload are served by one together, so that reloads
/// take half of the time at most.
final class ReloadRequests implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(ReloadRequests.class);
    private static final long SHORTEST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final long LONGEST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final Runnable reload;
    private final AtomicBoolean asked = new AtomicBoolean();
    /// [System#nanoTime] from which on a request is served at once.
    private volatile long quietFrom = System.nanoTime();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            Thread.ofVirtual().name("sallyport-reload").factory());

    ReloadRequests(Runnable reload) {
        this.reload = reload;
    }

    void ask() {
        if (asked.compareAndSet(false, true)) {
            try {
                long pause = Math.clamp(quietFrom - System.nanoTime(), 0, LONGEST_PAUSE_NANOS);
                thread.schedule(this::run, pause, TimeUnit.NANOSECONDS);
            } catch (RejectedExecutionException closed) {
                LOG.debug("a reload was requested after the end", closed);
            }
        }
    }

    /// Requests a reload after a delay.
    ///
    /// @return cancels it
    Runnable askAfter(Duration delay) {
        return after(delay, this::ask);
    }

    /// Runs a task on the thread that reloads.
    ///
    /// @return cancels it
    Runnable after(Duration delay, Runnable task) {
        try {
            Future<?> due = thread.schedule(task, delay.toMillis(), TimeUnit.MILLISECONDS);
            return () -> due.cancel(false);
        } catch (RejectedExecutionException closed) {
            return () -> {};
        }
    }

    private void run() {
        asked.set(false);
        long begin = System.nanoTime();
        try {
            reload.run();
        } catch (RuntimeException defect) {
            LOG.error("a reload failed", defect);
        }
        long end = System.nanoTime();
        quietFrom = end + Math.clamp(end - begin, SHORTEST_PAUSE_NANOS, LONGEST_PAUSE_NANOS);
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
