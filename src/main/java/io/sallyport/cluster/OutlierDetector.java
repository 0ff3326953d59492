package io.sallyport.cluster;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;

/// Ejects endpoints that err where others do not, and brings them back, as Envoy's outlier detection does: at once
/// when a count is reached, back by a sweep every interval.
///
/// An ejection lasts the base time multiplied by the ejections in a row; each sweep that finds the endpoint in use
/// takes one off. None lasts longer than 300 s, or the base time if that is longer (Envoy, `max_ejection_time`).
final class OutlierDetector {
    private static final Logger LOG = Logger.getLogger(OutlierDetector.class);
    private static final Duration LONGEST = Duration.ofSeconds(300);

    private final OutlierSpec spec;
    private final ClusterHealth cluster;
    private final LongSupplier nanoTime;
    private final Duration longest;
    final LongAdder ejections = new LongAdder();
    /// Endpoints that would have been ejected, if not too many were already.
    final LongAdder overflows = new LongAdder();

    OutlierDetector(OutlierSpec spec, ClusterHealth cluster, LongSupplier nanoTime) {
        this.spec = spec;
        this.cluster = cluster;
        this.nanoTime = nanoTime;
        longest = spec.baseEjectionTime().compareTo(LONGEST) > 0 ? spec.baseEjectionTime() : LONGEST;
    }

    OutlierSpec spec() {
        return spec;
    }

    /// An endpoint has reached a threshold. Its counts begin anew, whatever comes of it.
    void suspect(EndpointHealth health, String reason) {
        Duration time;
        synchronized (cluster) {
            health.forgive();
            if (health.isEjected() || !cluster.has(health)) {
                return;
            }
            int share = 100 * (cluster.ejected() + 1);
            if (share > spec.maxEjectionPercent() * cluster.size()) {
                overflows.increment();
                return;
            }
            time = health.eject(nanoTime.getAsLong(), spec.baseEjectionTime(), longest);
            ejections.increment();
            cluster.review();
        }
        LOG.warnf(
                "%s: endpoint %s is ejected for %d ms (%s)", cluster.name(), health.endpoint, time.toMillis(), reason);
    }

    /// Brings back those whose time is over.
    void sweep() {
        List<EndpointHealth> back = new ArrayList<>();
        synchronized (cluster) {
            long now = nanoTime.getAsLong();
            for (EndpointHealth health : cluster.all()) {
                if (!health.isEjected()) {
                    health.calmDown();
                } else if (now - health.ejectedUntilNanos() >= 0) {
                    health.bringBack();
                    back.add(health);
                }
            }
            if (!back.isEmpty()) {
                cluster.review();
            }
        }
        for (EndpointHealth health : back) {
            LOG.infof("%s: endpoint %s is back after its ejection", cluster.name(), health.endpoint);
        }
    }

    /// How long the endpoint stays ejected; zero or less where only the next sweep is waited for.
    Duration left(EndpointHealth health) {
        return Duration.ofNanos(health.ejectedUntilNanos() - nanoTime.getAsLong());
    }
}
