package io.sallyport.cli;

import io.sallyport.admin.DrainSwitch;
import io.sallyport.admin.Readiness;
import io.sallyport.runtime.GatewayRuntime;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/// The drain, whoever asks for it first: `POST /drain`, as a preStop hook does, or the signal to stop. Until
/// that signal it can be taken back.
final class Drain implements DrainSwitch {
    private static final Logger LOG = System.getLogger(Drain.class.getName());
    private static final Duration PAUSE = Duration.ofMillis(100);

    /// One of these parts of the grace is without new connections.
    private static final int PARTS = 5;

    private final Readiness readiness;
    private final GatewayRuntime runtime;
    private final Duration delay;

    /// Of all, how long new connections are taken.
    private final Duration accepting;

    private final Duration grace;
    /// Drains and their ends, one after the other.
    private final ExecutorService thread = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("sallyport-drain").factory());

    /// Null where nothing drains.
    private @Nullable Round current;

    private boolean stopping;

    /// From a begin to its undoing.
    private final class Round implements Runnable {
        private final CompletableFuture<Void> done = new CompletableFuture<>();
        private volatile boolean undone;

        @Override
        public void run() {
            try {
                long begin = System.nanoTime();
                int open = runtime.drain(accepting, () -> undone);
                // Load balancers learn late that this instance is not ready: what they still send comes on new
                // connections.
                while (!undone && left(delay, begin).isPositive()) {
                    Thread.sleep(PAUSE);
                    open = runtime.drain(left(accepting, begin), () -> undone);
                }
                if (!undone) {
                    LOG.log(
                            Level.INFO,
                            "drained after {0} ms; connections that are open: {1}",
                            Duration.ofNanos(System.nanoTime() - begin).toMillis(),
                            open);
                }
                done.complete(null);
            } catch (RuntimeException | InterruptedException e) {
                done.completeExceptionally(e);
            }
        }
    }

    /// @param delay shortest time that new connections are still served; at most four fifths of the grace
    /// @param grace longest time of all; its last fifth is for the requests of those who came before it
    Drain(Readiness readiness, GatewayRuntime runtime, Duration delay, Duration grace) {
        this.readiness = readiness;
        this.runtime = runtime;
        this.grace = grace;
        this.accepting = grace.minus(grace.dividedBy(PARTS));
        this.delay = delay.compareTo(accepting) < 0 ? delay : accepting;
    }

    /// Readiness fails from now on; the connections are drained on a thread of its own.
    @Override
    public void begin() {
        begun(false);
    }

    private synchronized Round begun(boolean forGood) {
        stopping |= forGood;
        readiness.draining();
        Round round = current;
        if (round == null) {
            LOG.log(Level.INFO, "draining: connections are asked to end, and get {0} for their requests", grace);
            round = new Round();
            current = round;
            thread.execute(round);
        }
        return round;
    }

    @Override
    public boolean undo() {
        CompletableFuture<Void> resumed = undone();
        if (resumed == null) {
            return false;
        }
        resumed.join();
        return true;
    }

    /// Null where there is no way back.
    private synchronized @Nullable CompletableFuture<Void> undone() {
        if (stopping) {
            return null;
        }
        Round round = current;
        if (round == null) {
            return CompletableFuture.completedFuture(null);
        }
        round.undone = true;
        current = null;
        return CompletableFuture.runAsync(this::resume, thread);
    }

    private void resume() {
        runtime.resume();
        synchronized (this) {
            // Somebody may have begun anew.
            if (current == null) {
                readiness.resumed();
            }
        }
        LOG.log(Level.INFO, "the drain is taken back: connections stay, and readiness returns");
    }

    /// Not negative.
    private static Duration left(Duration longest, long begin) {
        return Duration.ofNanos(Math.max(0, longest.toNanos() - (System.nanoTime() - begin)));
    }

    /// Drains for the last time, or awaits the drain that has begun, whose clients may have come long after it; then
    /// nobody new is taken, and who is there has the rest of the grace. What goes wrong with it is no reason not to
    /// stop.
    void stop() {
        long begin = System.nanoTime();
        begun(true).done.handle((_, _) -> 0).join();
        thread.shutdown();
        int cut = runtime.finish(left(grace, begin));
        if (cut > 0) {
            LOG.log(Level.WARNING, "{0} connections were still open when the grace of {1} was over", cut, grace);
        }
    }
}
