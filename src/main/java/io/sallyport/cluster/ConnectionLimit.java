package io.sallyport.cluster;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.IntSupplier;

/// The limit on a cluster's connections, for which pools of several event loops and endpoints compete. A pool that has
/// none and may make none starves: connections that come free elsewhere are closed in its favour.
public final class ConnectionLimit extends Limit {
    /// What to run, on any thread, when a connection has ended: one entry for each pool that waits for that.
    private final Queue<Runnable> starving = new ConcurrentLinkedQueue<>();

    private final int configured;
    private final IntSupplier share;

    /// @param most [CircuitLimits#UNLIMITED] for no bound but the share
    /// @param share of the process's descriptors that a cluster may take at this moment
    ConnectionLimit(int most, IntSupplier share) {
        super(most);
        configured = most;
        this.share = share;
    }

    @Override
    int most() {
        return Math.min(configured, share.getAsInt());
    }

    /// With the limit that is configured.
    @Override
    CircuitStatus.LimitStatus status() {
        CircuitStatus.LimitStatus status = super.status();
        return configured == CircuitLimits.UNLIMITED
                ? new CircuitStatus.LimitStatus(configured, status.used(), status.overflows())
                : status;
    }

    /// Registers a pool that may make no connection.
    ///
    /// @param mayConnect run once, on any thread, when it is worth trying again
    public void await(Runnable mayConnect) {
        starving.add(mayConnect);
        passOn();
    }

    /// The pool wants no connection any more.
    public void forget(Runnable mayConnect) {
        starving.remove(mayConnect);
    }

    /// A pool that was notified has made what connections it needs: the next one is notified if more may be made.
    public void passOn() {
        if (!isReached()) {
            wakeNext();
        }
    }

    /// Whether a connection that comes free should be given up.
    public boolean isContended() {
        return !starving.isEmpty();
    }

    @Override
    public void giveBack() {
        super.giveBack();
        wakeNext();
    }

    private void wakeNext() {
        Runnable next = starving.poll();
        if (next != null) {
            next.run();
        }
    }
}
