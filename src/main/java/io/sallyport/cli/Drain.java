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

    private final Readiness readiness;
    private final GatewayRuntime runtime;
    private final Duration delay;
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
                runtime.drain(grace, () -> undone);
                // Load balancers learn late that this instance is not ready: what they still send comes on new
                // connections.
                while (!undone && left(delay, begin) > 0) {
                    Thread.sleep(PAUSE);
                    runtime.drain(Duration.ofNanos(Math.max(0, left(grace, begin))), () -> undone);
                }
                if (!undone) {
                    LOG.log(
                            Level.INFO,
                            "drained after {0} ms",
                            Duration.ofNanos(System.nanoTime() - begin).toMillis());
                }
                done.complete(null);
            } catch (RuntimeException | InterruptedException e) {
                done.completeExceptionally(e);
            }
        }
    }

    /// @param delay shortest time that new connections are still served; at most the grace
    /// @param grace longest time of all
    Drain(Readiness readiness, GatewayRuntime runtime, Duration delay, Duration grace) {
        this.readiness = readiness;
        this.runtime = runtime;
        this.delay = delay.compareTo(grace) < 0 ? delay : grace;
        this.grace = grace;
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

    private static long left(Duration longest, long begin) {
        return longest.toNanos() - (System.nanoTime() - begin);
    }

    /// Drains for the last time, or awaits the drain that has begun; what goes wrong with it is no reason not to stop.
    void stop() {
        begun(true).done.handle((_, _) -> 0).join();
        thread.shutdown();
    }
}
