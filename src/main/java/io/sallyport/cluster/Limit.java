package io.sallyport.cluster;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/// One limit of a circuit breaker: how much of something a cluster may have at once, over all event loops.
public class Limit {
    private final int most;
    private final AtomicInteger used = new AtomicInteger();
    private final LongAdder overflows = new LongAdder();

    /// @param most [CircuitLimits#UNLIMITED] for no bound
    Limit(int most) {
        this.most = most;
    }

    /// How many there may be at this moment.
    int most() {
        return most;
    }

    public boolean isUnlimited() {
        return most() == CircuitLimits.UNLIMITED;
    }

    /// Takes one, to be given back by [#giveBack].
    ///
    /// @return false where there are as many as there may be: nothing was taken, and an overflow is counted
    public boolean take() {
        if (takeQuietly()) {
            return true;
        }
        overflowed();
        return false;
    }

    /// As [#take], but counts no overflow. Never above the limit, not even for a moment: another might see that.
    public boolean takeQuietly() {
        int now = used.get();
        int limit = most();
        while (now < limit) {
            if (used.compareAndSet(now, now + 1)) {
                return true;
            }
            now = used.get();
        }
        return false;
    }

    public void overflowed() {
        overflows.increment();
    }

    /// Takes one whatever the limit says.
    public void takeAnyway() {
        used.incrementAndGet();
    }

    public void giveBack() {
        used.decrementAndGet();
    }

    boolean isReached() {
        return used.get() >= most();
    }

    CircuitStatus.LimitStatus status() {
        return new CircuitStatus.LimitStatus(most(), Math.max(0, used.get()), overflows.sum());
    }
}
