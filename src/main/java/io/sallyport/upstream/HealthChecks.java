package io.sallyport.upstream;

import io.netty.channel.EventLoop;
import io.sallyport.cluster.Cluster;
import io.sallyport.cluster.ClusterHealth;
import io.sallyport.cluster.Endpoint;
import io.sallyport.cluster.EndpointHealth;
import io.sallyport.cluster.HealthCheckSpec;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Checks the health of one cluster's endpoints every interval, until the cluster is closed. Everything happens on one
/// event loop. An endpoint counts as healthy until enough checks have failed: a gateway that has just started must
/// serve.
final class HealthChecks implements Runnable {
    private static final Logger LOG = Logger.getLogger(HealthChecks.class);

    private final Cluster cluster;
    private final ClusterHealth health;
    private final HealthCheckSpec spec;
    private final EventLoop loop;
    private final UpstreamBootstrap bootstrap;
    private final Map<Endpoint, Series> running = new IdentityHashMap<>();

    private HealthChecks(Cluster cluster, ClusterHealth health, HealthCheckSpec spec, EventLoop loop) {
        this.cluster = cluster;
        this.health = health;
        this.spec = spec;
        this.loop = loop;
        this.bootstrap = new UpstreamBootstrap(loop);
    }

    /// Does nothing where none are configured.
    static void start(Cluster cluster, EventLoop loop) {
        HealthCheckSpec spec = cluster.spec().resilience().healthCheck();
        ClusterHealth health = cluster.health();
        if (spec != null && health != null) {
            loop.execute(new HealthChecks(cluster, health, spec, loop));
        }
    }

    @Override
    public void run() {
        if (cluster.isClosed() || loop.isShuttingDown()) {
            return;
        }
        Map<Endpoint, Series> gone = new IdentityHashMap<>(running);
        for (EndpointHealth each : health.snapshot()) {
            gone.remove(each.endpoint);
            running.computeIfAbsent(each.endpoint, _ -> new Series(each)).check();
        }
        running.keySet().removeAll(gone.keySet());
        loop.schedule(this, spec.interval().toNanos(), TimeUnit.NANOSECONDS);
    }

    /// The checks of one endpoint, one after the other.
    private final class Series implements HealthProbe.Listener {
        private final EndpointHealth of;
        /// Results in a row that contradict the endpoint's present state.
        private int contrary;

        private @Nullable HealthProbe probe;

        Series(EndpointHealth of) {
            this.of = of;
        }

        /// Unless the last one is not over yet.
        void check() {
            if (probe == null) {
                Endpoint target = spec.port() == 0 ? of.endpoint : of.endpoint.atPort(spec.port());
                probe = new HealthProbe(bootstrap, cluster, target, spec, this);
                probe.start();
            }
        }

        @Override
        public void onNoResult() {
            probe = null;
        }

        @Override
        public void onResult(boolean passed) {
            probe = null;
            if (passed != of.hasFailedCheck()) {
                contrary = 0;
                return;
            }
            contrary++;
            if (contrary >= (passed ? spec.healthyThreshold() : spec.unhealthyThreshold())) {
                contrary = 0;
                health.checked(of, !passed);
                if (passed) {
                    LOG.infof("%s: endpoint %s passes its health checks again", cluster, of.endpoint);
                } else {
                    LOG.warnf("%s: endpoint %s fails its health checks and is not used", cluster, of.endpoint);
                }
            }
        }
    }
}
