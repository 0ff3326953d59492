package io.sallyport.admin;

import jakarta.inject.Singleton;
import java.util.function.LongSupplier;

/// Holds what the health checks answer from. `serve` sets it.
@Singleton
public final class Readiness {
    private volatile ServingState state = ServingState.STARTING;
    private volatile LongSupplier blockedMillis = () -> 0;

    public ServingState state() {
        return state;
    }

    /// The first snapshot is served. Does nothing where the drain has begun already.
    public synchronized void serving() {
        if (state == ServingState.STARTING) {
            state = ServingState.SERVING;
        }
    }

    public synchronized void draining() {
        state = ServingState.DRAINING;
    }

    /// Asks this watchdog from now on.
    public void watchedBy(EventLoopWatchdog watchdog) {
        blockedMillis = watchdog::blockedMillis;
    }

    /// For how long the event loop that stands still longest has done so, milliseconds.
    public long blockedMillis() {
        return blockedMillis.getAsLong();
    }
}
