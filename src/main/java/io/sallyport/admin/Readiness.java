package io.sallyport.admin;

import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/// The state that the health checks report. `serve` sets it.
@Singleton
public final class Readiness {
    /// An event loop that stands still for longer makes the gateway unready.
    public static final long LONGEST_BLOCK_MILLIS = 5_000;

    private volatile ServingState state = ServingState.STARTING;
    private boolean started;
    private volatile LongSupplier blockedMillis = () -> 0;
    private volatile Duration longestBlock = Duration.ofSeconds(Long.MAX_VALUE);
    private volatile BooleanSupplier complete = () -> true;

    public ServingState state() {
        return state;
    }

    /// The first snapshot is served. Does nothing where the drain has begun already.
    public synchronized void serving() {
        started = true;
        if (state == ServingState.STARTING) {
            state = ServingState.SERVING;
        }
    }

    public synchronized void draining() {
        state = ServingState.DRAINING;
    }

    /// The drain is taken back.
    public synchronized void resumed() {
        state = started ? ServingState.SERVING : ServingState.STARTING;
    }

    /// Begins to consider event loops that stand still.
    ///
    /// @param millis for how long the one that has stood still longest has done so
    /// @param longest block of an event loop that the process may still recover from
    public void blockedBy(LongSupplier millis, Duration longest) {
        longestBlock = longest;
        blockedMillis = millis;
    }

    /// Sets the condition under which everything that is to be served is known.
    public void completeWhen(BooleanSupplier everythingIsThere) {
        complete = everythingIsThere;
    }

    public boolean isComplete() {
        return complete.getAsBoolean();
    }

    /// For how long the event loop that stands still longest has done so, milliseconds.
    public long blockedMillis() {
        return blockedMillis.getAsLong();
    }

    /// Whether an event loop has stood still for so long that only a restart helps.
    public boolean isStuck() {
        return Duration.ofMillis(blockedMillis()).compareTo(longestBlock) > 0;
    }
}
