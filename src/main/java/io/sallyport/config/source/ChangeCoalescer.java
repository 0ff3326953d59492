package io.sallyport.config.source;

/// Decides when a burst of changes is told. Times are nanoseconds of one monotonic clock.
final class ChangeCoalescer {
    private final long maxWait;
    private boolean pending;
    private long firstEvent;
    private long due;
    private long notBefore = Long.MIN_VALUE;
    private long told;

    /// @param maxWait after the first event of a burst that does not end
    ChangeCoalescer(long maxWait) {
        this.maxWait = maxWait;
    }

    /// @param quiet how long after this event nothing more may come before the burst is told
    void event(long now, long quiet) {
        if (!pending) {
            pending = true;
            firstEvent = now;
        }
        due = Math.max(now + quiet, notBefore);
    }

    boolean isPending() {
        return pending;
    }

    /// At most 0 when the change is to be told now; [Long#MAX_VALUE] when there is none.
    long nanosUntilDue(long now) {
        return pending ? Math.min(due, firstEvent + maxWait) - now : Long.MAX_VALUE;
    }

    /// The burst is being told.
    void told(long now) {
        pending = false;
        told = now;
    }

    /// Whoever was told has done what there was to do. Half as long as that took nothing is told: changes without end
    /// leave a third of a processor to others.
    void done(long now) {
        notBefore = now + Math.min((now - told) / 2, maxWait);
    }
}
