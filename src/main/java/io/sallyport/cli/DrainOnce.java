package io.sallyport.cli;

import io.sallyport.admin.Readiness;
import io.sallyport.cli.runtime.GatewayRuntime;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;

/// The drain, whoever asks for it first: `POST /drain`, as a preStop hook does, or the signal to stop.
final class DrainOnce {
    private final Readiness readiness;
    private final GatewayRuntime runtime;
    private final Duration grace;
    private final AtomicBoolean begun = new AtomicBoolean();
    private final CompletableFuture<Void> done = new CompletableFuture<>();

    DrainOnce(Readiness readiness, GatewayRuntime runtime, Duration grace) {
        this.readiness = readiness;
        this.runtime = runtime;
        this.grace = grace;
    }

    /// Readiness fails from now on; the connections are drained on a thread of its own.
    void begin() {
        readiness.draining();
        if (begun.compareAndSet(false, true)) {
            Thread.ofPlatform().daemon().name("sallyport-drain").start(this::drain);
        }
    }

    private void drain() {
        try {
            runtime.drain(grace);
            done.complete(null);
        } catch (RuntimeException e) {
            done.completeExceptionally(e);
        }
    }

    /// Waits until it has ended; what went wrong with it is no reason not to stop.
    void await() {
        done.handle((_, _) -> 0).join();
    }
}
