package io.sallyport.cluster;

import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Which endpoints of a cluster are fit for requests; only for clusters that watch it. Its lock is taken when something
/// changes, never by a request that goes well: those read [Endpoint#isAvailable()].
public final class ClusterHealth {
    private final String name;
    private final int minHealthPercent;
    private final @Nullable OutlierDetector outliers;
    private final boolean checks;
    /// By address.
    private final Map<List<SocketAddress>, EndpointHealth.Past> before;
    private List<EndpointHealth> all = List.of();
    private volatile boolean panicking;

    /// @param before of the cluster that this one stands in for, or null
    ClusterHealth(ClusterSpec spec, LongSupplier nanoTime, @Nullable ClusterHealth before) {
        OutlierSpec outlierSpec = spec.resilience().outliers();
        name = spec.name();
        outliers = outlierSpec == null ? null : new OutlierDetector(outlierSpec, this, nanoTime);
        minHealthPercent = outlierSpec == null ? 0 : outlierSpec.minHealthPercent();
        checks = spec.resilience().healthCheck() != null;
        this.before = before == null ? Map.of() : before.past();
    }

    String name() {
        return name;
    }

    @Nullable
    OutlierDetector outliers() {
        return outliers;
    }

    /// Before a request can choose the endpoint.
    void adopt(Endpoint endpoint) {
        if (endpoint.health() == null) {
            EndpointHealth health = new EndpointHealth(endpoint, outliers);
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

    /// The cluster's endpoints are these from now on.
    synchronized void endpoints(EndpointSet found) {
        List<EndpointHealth> next = new ArrayList<>(found.size());
        for (Endpoint endpoint : found.asList()) {
            adopt(endpoint);
            EndpointHealth health = endpoint.health();
            if (health != null) {
                next.add(health);
            }
        }
        all = next;
        review();
    }

    /// A check has found out something new.
    public synchronized void checked(EndpointHealth health, boolean failed) {
        health.checkFailed(failed);
        if (!failed && health.isEjected()) {
            // As Envoy: who passes a check is not held back for what was before.
            health.bringBack();
        }
        review();
    }

    /// Tells every endpoint whether it is to be used: when it is well, or when too few are (Envoy's panic threshold,
    /// Istio's `minHealthPercent`).
    void review() {
        int well = 0;
        for (EndpointHealth health : all) {
            well += health.isWell() ? 1 : 0;
        }
        panicking = 100 * well < minHealthPercent * all.size();
        for (EndpointHealth health : all) {
            health.endpoint.available(panicking || health.isWell());
        }
    }

    public synchronized List<EndpointHealth> snapshot() {
        return all;
    }

    List<EndpointHealth> all() {
        return all;
    }

    boolean has(EndpointHealth health) {
        return all.contains(health);
    }

    int size() {
        return all.size();
    }

    /// How many are ejected now.
    synchronized int ejected() {
        int ejected = 0;
        for (EndpointHealth health : all) {
            ejected += health.isEjected() ? 1 : 0;
        }
        return ejected;
    }

    ClusterStatus.@Nullable OutlierStatus outlierStatus() {
        OutlierDetector detector = outliers;
        return detector == null
                ? null
                : new ClusterStatus.OutlierStatus(
                        ejected(), detector.ejections.sum(), detector.overflows.sum(), panicking);
    }
}
