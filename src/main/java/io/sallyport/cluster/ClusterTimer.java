package io.sallyport.cluster;

import io.netty.channel.EventLoop;
import java.util.concurrent.TimeUnit;

/// Runs a task for a cluster at a fixed interval, until the cluster is closed.
public final class ClusterTimer implements Runnable {
    /// So that a very short window does not keep the loop busy; it is longer instead.
    private static final long SHORTEST_STEP = TimeUnit.MILLISECONDS.toNanos(10);

    private final Cluster cluster;
    private final EventLoop loop;
    private final long stepNanos;
    private final Runnable task;

    private ClusterTimer(Cluster cluster, EventLoop loop, long stepNanos, Runnable task) {
        this.cluster = cluster;
        this.loop = loop;
        this.stepNanos = stepNanos;
        this.task = task;
    }

    /// Ends ejections in time. Does nothing where no outliers are detected.
    public static void startOutlierSweep(Cluster cluster, EventLoop loop) {
        OutlierSpec outliers = cluster.spec().resilience().outliers();
        ClusterHealth health = cluster.health();
        if (outliers != null && health != null) {
            new ClusterTimer(cluster, loop, outliers.interval().toNanos(), health::sweep).schedule();
        }
    }

    /// Moves the window of the [RetryBudget] on. Does nothing where retries are not counted over time.
    public static void startRetryWindow(Cluster cluster, EventLoop loop) {
        RetryLimit limit = cluster.spec().resilience().retries();
        if (limit.isCounted()) {
            long stepNanos = Math.max(SHORTEST_STEP, limit.window().toNanos() / RetryWindow.PARTS);
            new ClusterTimer(cluster, loop, stepNanos, cluster::moveRetryWindow).schedule();
        }
    }

    private void schedule() {
        if (!cluster.isClosed() && !loop.isShuttingDown()) {
            loop.schedule(this, stepNanos, TimeUnit.NANOSECONDS);
        }
    }

    @Override
    public void run() {
        task.run();
        schedule();
    }
}
