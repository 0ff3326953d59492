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
/// Requests while a reload is about to begin are served by that one.
final class ReloadRequests implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(ReloadRequests.class);
    private static final long TOGETHER_MILLIS = 50;

    private final Runnable reload;
    private final AtomicBoolean asked = new AtomicBoolean();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            Thread.ofVirtual().name("sallyport-reload").factory());

    ReloadRequests(Runnable reload) {
        this.reload = reload;
    }

    void ask() {
        if (asked.compareAndSet(false, true)) {
            try {
                thread.schedule(this::run, TOGETHER_MILLIS, TimeUnit.MILLISECONDS);
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
        try {
            reload.run();
        } catch (RuntimeException defect) {
            LOG.error("a reload failed", defect);
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
