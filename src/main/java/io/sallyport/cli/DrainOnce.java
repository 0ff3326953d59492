package io.sallyport.cli;

import io.sallyport.admin.Readiness;
import io.sallyport.runtime.GatewayRuntime;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;

/// The drain, whoever asks for it first: `POST /drain`, as a preStop hook does, or the signal to stop.
final class DrainOnce {
    private static final Logger LOG = System.getLogger(DrainOnce.class.getName());
    private static final Duration PAUSE = Duration.ofMillis(100);

    private final Readiness readiness;
    private final GatewayRuntime runtime;
    private final Duration delay;
    private final Duration grace;
    private final AtomicBoolean begun = new AtomicBoolean();
    private final CompletableFuture<Void> done = new CompletableFuture<>();

    /// @param delay shortest time that new connections are still served; at most the grace
    /// @param grace longest time of all
    DrainOnce(Readiness readiness, GatewayRuntime runtime, Duration delay, Duration grace) {
        this.readiness = readiness;
        this.runtime = runtime;
        this.delay = delay.compareTo(grace) < 0 ? delay : grace;
        this.grace = grace;
    }

    /// Readiness fails from now on; the connections are drained on a thread of its own.
    void begin() {
        readiness.draining();
        if (begun.compareAndSet(false, true)) {
            LOG.log(Level.INFO, "draining: connections are asked to end, and get {0} for their requests", grace);
            Thread.ofPlatform().daemon().name("sallyport-drain").start(this::drain);
        }
    }

    private void drain() {
        try {
            long begin = System.nanoTime();
            runtime.drain(grace);
            // Load balancers learn late that this instance is not ready: what they still send comes on new connections.
            while (left(delay, begin) > 0) {
                Thread.sleep(PAUSE);
                runtime.drain(Duration.ofNanos(Math.max(0, left(grace, begin))));
            }
            LOG.log(
                    Level.INFO,
                    "drained after {0} ms",
                    Duration.ofNanos(System.nanoTime() - begin).toMillis());
            done.complete(null);
        } catch (RuntimeException | InterruptedException e) {
            done.completeExceptionally(e);
        }
    }

    private static long left(Duration longest, long begin) {
        return longest.toNanos() - (System.nanoTime() - begin);
    }

    /// Waits until it has ended; what went wrong with it is no reason not to stop.
    void await() {
        done.handle((_, _) -> 0).join();
    }
}
