package io.sallyport.cluster;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// What requests and checks have shown of an endpoint, counted by all event loops. A count that reaches its
/// threshold is reported to the cluster's health.
public final class EndpointHealth {
    static final String SERVER_ERRORS = "consecutive_5xx";
    static final String GATEWAY_ERRORS = "consecutive_gateway_errors";
    static final String LOCAL_FAILURES = "consecutive_local_origin_failures";

    public final Endpoint endpoint;
    private final ClusterHealth cluster;
    private final @Nullable OutlierSpec outliers;
    private final AtomicInteger serverErrors = new AtomicInteger();
    private final AtomicInteger gatewayErrors = new AtomicInteger();
    private final AtomicInteger localFailures = new AtomicInteger();

    // Written under the cluster's lock.
    private volatile boolean ejected;
    private volatile boolean checkFailed;
    private volatile long ejectedUntilNanos;
    private volatile int ejections;
    private int ejectionsInARow;

    /// @param outliers null for no detection
    EndpointHealth(Endpoint endpoint, ClusterHealth cluster, @Nullable OutlierSpec outliers) {
        this.endpoint = endpoint;
        this.cluster = cluster;
        this.outliers = outliers;
    }

    /// The endpoint has answered with this status.
    void onStatus(int status) {
        OutlierSpec spec = outliers;
        if (spec == null) {
            return;
        }
        reset(localFailures);
        if (spec.isError(status)) {
            boolean gateway = status >= 502 && status <= 504;
            count(serverErrors, spec.serverErrors(), SERVER_ERRORS);
            if (gateway) {
                count(gatewayErrors, spec.gatewayErrors(), GATEWAY_ERRORS);
            } else {
                reset(gatewayErrors);
            }
        } else {
            reset(serverErrors);
            reset(gatewayErrors);
        }
    }

    /// It was not reached, or did not answer in full, or not in time. Unless such failures are counted apart, each
    /// stands for a status that a gateway would have given.
    void onFailure() {
        OutlierSpec spec = outliers;
        if (spec == null) {
            return;
        }
        if (spec.splitLocalOrigin()) {
            count(localFailures, spec.localFailures(), LOCAL_FAILURES);
        } else {
            count(serverErrors, spec.serverErrors(), SERVER_ERRORS);
            count(gatewayErrors, spec.gatewayErrors(), GATEWAY_ERRORS);
        }
    }

    /// It was connected to, which is all that is known of a relayed connection.
    void onConnected() {
        reset(localFailures);
        if (outliers != null && !outliers.splitLocalOrigin()) {
            reset(serverErrors);
            reset(gatewayErrors);
        }
    }

    private void count(AtomicInteger consecutive, int threshold, String reason) {
        if (threshold > 0 && consecutive.incrementAndGet() == threshold) {
            cluster.suspect(this, reason);
        }
    }

    private static void reset(AtomicInteger consecutive) {
        // Reading first keeps the line shared between the processors while all goes well.
        if (consecutive.get() != 0) {
            consecutive.set(0);
        }
    }

    void forgive() {
        reset(serverErrors);
        reset(gatewayErrors);
        reset(localFailures);
    }

    boolean isWell() {
        return !ejected && !checkFailed;
    }

    boolean isEjected() {
        return ejected;
    }

    /// When its ejection is over, nanoseconds by the cluster's clock.
    long ejectedUntilNanos() {
        return ejectedUntilNanos;
    }

    public boolean hasFailedCheck() {
        return checkFailed;
    }

    void checkFailed(boolean failed) {
        checkFailed = failed;
    }

    ClusterStatus.HealthStatus status() {
        return new ClusterStatus.HealthStatus(checkFailed, ejected ? cluster.ejectionLeft(this) : null, ejections);
    }

    /// @param longest of all ejections
    /// @return for how long
    Duration eject(long now, Duration base, Duration longest) {
        ejectionsInARow++;
        ejections++;
        Duration time = base.multipliedBy(ejectionsInARow);
        time = time.compareTo(longest) > 0 ? longest : time;
        ejectedUntilNanos = now + time.toNanos();
        ejected = true;
        return time;
    }

    void endEjection() {
        ejected = false;
        forgive();
    }

    /// A sweep found it in use: the next ejection is shorter again.
    void calmDown() {
        if (ejectionsInARow > 0) {
            ejectionsInARow--;
        }
    }

    /// What outlives a change of the configuration.
    record Past(boolean ejected, long ejectedUntilNanos, int ejections, int ejectionsInARow, boolean checkFailed) {}

    Past past() {
        return new Past(ejected, ejectedUntilNanos, ejections, ejectionsInARow, checkFailed);
    }

    void takeOver(Past past, boolean checks) {
        if (outliers != null) {
            ejected = past.ejected;
            ejectedUntilNanos = past.ejectedUntilNanos;
            ejections = past.ejections;
            ejectionsInARow = past.ejectionsInARow;
        }
        checkFailed = checks && past.checkFailed;
    }
}
