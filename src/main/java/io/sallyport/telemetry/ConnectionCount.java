package io.sallyport.telemetry;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/// Counts the connections of one listener, and keeps them below its limit. Called on event loops.
public final class ConnectionCount {
    private final AtomicInteger active = new AtomicInteger();
    private final LongAdder admitted = new LongAdder();
    private final LongAdder refused = new LongAdder();

    /// Counts a new connection in; false where as many as the limit are open, and this one is to be closed at once.
    public boolean admit(int limit) {
        if (active.incrementAndGet() > limit) {
            active.decrementAndGet();
            refused.increment();
            return false;
        }
        admitted.increment();
        return true;
    }

    /// One that was admitted is closed.
    public void closed() {
        active.decrementAndGet();
    }

    public long total() {
        return admitted.sum();
    }

    public int active() {
        return active.get();
    }

    public long refusedTotal() {
        return refused.sum();
    }
}
