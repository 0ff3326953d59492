package io.sallyport.telemetry;

import java.util.concurrent.atomic.LongAdder;

/// Counts the connections of one listener. Called on event loops.
public final class ConnectionCount {
    private final LongAdder opened = new LongAdder();
    private final LongAdder closed = new LongAdder();
    private final LongAdder refused = new LongAdder();

    public void opened() {
        opened.increment();
    }

    public void closed() {
        closed.increment();
    }

    /// One over the limit, closed at once; neither opened nor closed counts it.
    public void refused() {
        refused.increment();
    }

    public long total() {
        return opened.sum();
    }

    public long active() {
        return Math.max(0, opened.sum() - closed.sum());
    }

    public long refusedTotal() {
        return refused.sum();
    }
}
