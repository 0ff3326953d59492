package io.sallyport.cluster;

import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Which endpoints of a cluster are fit for requests; only for clusters that watch it. Its lock is taken when something
/// changes, never by a request that goes well: those read [Endpoint#isAvailable()].
///
/// Endpoints that fail where others do not are ejected, as by Envoy's outlier detection: at once when a count reaches
/// its threshold, until the first sweep after the ejection's time. That time is the base time multiplied by the
/// ejections in a row, of which each sweep that finds the endpoint in use takes one off. No ejection lasts longer than
/// 300 s, or the base time if that is longer (Envoy, `max_ejection_time`).
public final class ClusterHealth {
    private static final Logger LOG = Logger.getLogger(ClusterHealth.class);
    private static final Duration LONGEST_EJECTION = Duration.ofSeconds(300);
    private static final int PERCENT = 100;
    /// Envoy's default `overprovisioning_factor`.
    private static final long OVERPROVISIONING_PERCENT = 140;

    private final String name;
    private final LongSupplier nanoTime;
    private final @Nullable OutlierSpec outliers;
    private final boolean checks;
    /// What was known of each address in the cluster that this one stands in for.
    private final Map<List<SocketAddress>, EndpointHealth.Past> before;
    private final LongAdder ejections = new LongAdder();
    /// Endpoints that would have been ejected, if not too many were already.
    private final LongAdder overflows = new LongAdder();
    private List<EndpointHealth> all = List.of();
    private volatile boolean panicking;

    /// @param before of the cluster that this one stands in for, or null
    ClusterHealth(ClusterSpec spec, LongSupplier nanoTime, @Nullable ClusterHealth before) {
        name = spec.name();
        this.nanoTime = nanoTime;
        outliers = spec.resilience().outliers();
        checks = spec.resilience().healthCheck() != null;
        this.before = before == null ? Map.of() : before.past();
    }

    /// Watches the endpoint from now on; before a request can choose it.
    void adopt(Endpoint endpoint) {
        if (endpoint.health() == null) {
            EndpointHealth health = new EndpointHealth(endpoint, this, outliers);
            EndpointHealth.Past past = past(endpoint.addresses());
            if (past != null) {
                health.takeOver(past, checks);
            }
            endpoint.watch(health);
        }
    }

    /// What is known of an address: of an endpoint that this one takes the place of, or from the cluster before.
    private synchronized EndpointHealth.@Nullable Past past(List<SocketAddress> addresses) {
        for (EndpointHealth health : all) {
            if (health.endpoint.addresses().equals(addresses)) {
                return health.past();
            }
        }
        return before.get(addresses);
    }

    private synchronized Map<List<SocketAddress>, EndpointHealth.Past> past() {
        Map<List<SocketAddress>, EndpointHealth.Past> past = new HashMap<>();
        all.forEach(health -> past.putIfAbsent(health.endpoint.addresses(), health.past()));
        return past;
    }

    /// Replaces the cluster's endpoints.
    synchronized void endpoints(List<Endpoint> found) {
        List<EndpointHealth> next = new ArrayList<>(found.size());
        for (Endpoint endpoint : found) {
            adopt(endpoint);
            EndpointHealth health = endpoint.health();
            if (health != null) {
                next.add(health);
            }
        }
        all = next;
        review();
    }

    public synchronized List<EndpointHealth> snapshot() {
        return all;
    }

    /// Reports that a health check's result is another one than before.
    public synchronized void checked(EndpointHealth health, boolean failed) {
        health.checkFailed(failed);
        if (!failed && health.isEjected()) {
            // As Envoy: an endpoint that passes a check is not held back for what was before.
            health.endEjection();
        }
        review();
    }

    /// Reports that an endpoint has reached a threshold of outlier detection. Its counts begin anew in any case.
    void suspect(EndpointHealth health, String reason) {
        Duration time = eject(health);
        if (time != null) {
            LOG.warnf("%s: endpoint %s is ejected for %d ms (%s)", name, health.endpoint, time.toMillis(), reason);
        }
    }

    /// @return for how long; null where it is not ejected now
    private synchronized @Nullable Duration eject(EndpointHealth health) {
        health.forgive();
        if (outliers == null || health.isEjected() || !all.contains(health)) {
            return null;
        }
        if (100 * (ejected() + 1) > outliers.maxEjectionPercent() * all.size()) {
            overflows.increment();
            return null;
        }
        Duration base = outliers.baseEjectionTime();
        Duration longest = base.compareTo(LONGEST_EJECTION) > 0 ? base : LONGEST_EJECTION;
        Duration time = health.eject(nanoTime.getAsLong(), base, longest);
        ejections.increment();
        review();
        return time;
    }

    /// Ends the ejections whose time is over.
    void sweep() {
        for (EndpointHealth health : endEjections()) {
            LOG.infof("%s: endpoint %s is back after its ejection", name, health.endpoint);
        }
    }

    private synchronized List<EndpointHealth> endEjections() {
        List<EndpointHealth> back = new ArrayList<>();
        for (EndpointHealth health : all) {
            if (!health.isEjected()) {
                health.calmDown();
            } else if (!ejectionLeft(health).isPositive()) {
                health.endEjection();
                back.add(health);
            }
        }
        if (!back.isEmpty()) {
            review();
        }
        return back;
    }

    /// How long the endpoint stays ejected; zero or less where only the next sweep is awaited.
    Duration ejectionLeft(EndpointHealth health) {
        return Duration.ofNanos(health.ejectedUntilNanos() - nanoTime.getAsLong());
    }

    /// Sets for every endpoint whether it is used: where it is well, or where too few of its priority are, and others
    /// do not make up for that (Envoy's panic threshold, `LoadBalancerBase::recalculatePerPriorityPanic`; Istio's
    /// `minHealthPercent`).
    private void review() {
        Map<Integer, Level> levels = new HashMap<>();
        for (EndpointHealth health : all) {
            Level level = levels.computeIfAbsent(health.endpoint.spec().priority(), _ -> new Level());
            level.size++;
            level.well += health.isWell() ? 1 : 0;
        }
        int served = 0;
        for (Level level : levels.values()) {
            served += (int) part(level.well, level.size, PERCENT);
        }
        boolean any = false;
        for (Level level : levels.values()) {
            level.panicking = outliers != null
                    && served < PERCENT
                    && PERCENT * level.well < outliers.minHealthPercent() * level.size;
            any |= level.panicking;
        }
        panicking = any;
        for (EndpointHealth health : all) {
            boolean well = health.isWell();
            Level level = levels.get(health.endpoint.spec().priority());
            boolean regardless = !well && level != null && level.panicking;
            health.endpoint.available(well || regardless, regardless);
        }
    }

    /// The part of the traffic that endpoints are healthy enough for of which some are well.
    ///
    /// @param full what they get where all are
    static long part(int well, int all, long full) {
        return all == 0 ? 0 : Math.min(full, full * OVERPROVISIONING_PERCENT * well / PERCENT / all);
    }

    /// The endpoints of one priority.
    private static final class Level {
        private int size;
        private int well;
        private boolean panicking;
    }

    private int ejected() {
        int ejected = 0;
        for (EndpointHealth health : all) {
            ejected += health.isEjected() ? 1 : 0;
        }
        return ejected;
    }

    synchronized ClusterStatus.@Nullable OutlierStatus outlierStatus() {
        return outliers == null
                ? null
                : new ClusterStatus.OutlierStatus(ejected(), ejections.sum(), overflows.sum(), panicking);
    }
}
