package io.sallyport.upstream;

import io.netty.channel.EventLoop;
import java.util.concurrent.TimeUnit;

/// Looks after a cluster's ejections every interval, until the cluster is closed.
final class OutlierSweep implements Runnable {
    private final Cluster cluster;
    private final OutlierDetector detector;
    private final EventLoop loop;

    private OutlierSweep(Cluster cluster, OutlierDetector detector, EventLoop loop) {
        this.cluster = cluster;
        this.detector = detector;
        this.loop = loop;
    }

    /// Does nothing where no outliers are detected.
    static void start(Cluster cluster, EventLoop loop) {
        ClusterHealth health = cluster.health();
        OutlierDetector detector = health == null ? null : health.outliers();
        if (detector != null) {
            new OutlierSweep(cluster, detector, loop).schedule();
        }
    }

    private void schedule() {
        if (!cluster.isClosed() && !loop.isShuttingDown()) {
            loop.schedule(this, detector.spec().interval().toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    @Override
    public void run() {
        detector.sweep();
        schedule();
    }
}
