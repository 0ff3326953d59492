package io.sallyport.upstream;

import io.netty.channel.EventLoop;
import java.util.concurrent.TimeUnit;

/// Moves the window of a cluster's [RetryBudget] on, until the cluster is closed.
final class RetryWindowTimer implements Runnable {
    /// So that a very short window does not keep the loop busy; it is longer instead.
    private static final long SHORTEST_STEP = TimeUnit.MILLISECONDS.toNanos(10);

    private final Cluster cluster;
    private final EventLoop loop;
    private final long stepNanos;

    private RetryWindowTimer(Cluster cluster, EventLoop loop, long stepNanos) {
        this.cluster = cluster;
        this.loop = loop;
        this.stepNanos = stepNanos;
    }

    /// Does nothing where retries are not counted over time.
    static void start(Cluster cluster, EventLoop loop) {
        RetryLimit limit = cluster.spec().resilience().retries();
        if (limit.isCounted()) {
            long stepNanos = Math.max(SHORTEST_STEP, limit.window().toNanos() / RetryWindow.PARTS);
            new RetryWindowTimer(cluster, loop, stepNanos).schedule();
        }
    }

    private void schedule() {
        if (!cluster.isClosed() && !loop.isShuttingDown()) {
            loop.schedule(this, stepNanos, TimeUnit.NANOSECONDS);
        }
    }

    @Override
    public void run() {
        cluster.moveRetryWindow();
        schedule();
    }
}
