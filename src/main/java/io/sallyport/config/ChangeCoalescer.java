package io.sallyport.config;

/// Decides when a burst of changes is told. Times are nanoseconds of one monotonic clock.
final class ChangeCoalescer {
    private final long debounce;
    private final long maxWait;
    private boolean pending;
    private boolean urgent;
    private long firstEvent;
    private long lastEvent;
    private boolean toldBefore;
    private long lastTold;

    ChangeCoalescer(long debounce, long maxWait) {
        this.debounce = debounce;
        this.maxWait = maxWait;
    }

    /// @param whole whether the change is complete by itself, so that nothing more is to be waited for
    void event(long now, boolean whole) {
        if (!pending) {
            pending = true;
            firstEvent = now;
        }
        // A whole change amid a burst is no more urgent than the burst.
        urgent = whole && !(toldBefore && now - lastTold < maxWait) && (urgent || firstEvent == now);
        lastEvent = now;
    }

    boolean isPending() {
        return pending;
    }

    /// At most 0 when the change is to be told now; [Long#MAX_VALUE] when there is none.
    long nanosUntilDue(long now) {
        if (!pending) {
            return Long.MAX_VALUE;
        }
        if (urgent) {
            return 0;
        }
        return Math.min(lastEvent + debounce, firstEvent + maxWait) - now;
    }

    void told(long now) {
        pending = false;
        urgent = false;
        toldBefore = true;
        lastTold = now;
    }
}
