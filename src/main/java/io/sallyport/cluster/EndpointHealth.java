package io.sallyport.cluster;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// What requests and checks have told about an endpoint, counted by all event loops. Where a count reaches its
/// threshold the cluster's [OutlierDetector] hears of it.
public final class EndpointHealth {
    static final String SERVER_ERRORS = "consecutive_5xx";
    static final String GATEWAY_ERRORS = "consecutive_gateway_errors";
    static final String LOCAL_FAILURES = "consecutive_local_origin_failures";

    public final Endpoint endpoint;
    private final @Nullable OutlierDetector detector;
    private final AtomicInteger serverErrors = new AtomicInteger();
    private final AtomicInteger gatewayErrors = new AtomicInteger();
    private final AtomicInteger localFailures = new AtomicInteger();

    // Written under the lock of the cluster's health.
    private volatile boolean ejected;
    private volatile boolean checkFailed;
    private volatile long ejectedUntilNanos;
    private volatile int ejections;
    private int ejectionsInARow;

    /// @param detector null where none is configured
    EndpointHealth(Endpoint endpoint, @Nullable OutlierDetector detector) {
        this.endpoint = endpoint;
        this.detector = detector;
    }

    /// The endpoint has answered.
    void onStatus(int status) {
        OutlierDetector to = detector;
        if (to == null) {
            return;
        }
        OutlierSpec spec = to.spec();
        reset(localFailures);
        if (spec.isError(status)) {
            boolean gateway = status >= 502 && status <= 504;
            count(serverErrors, spec.serverErrors(), SERVER_ERRORS, to);
            if (gateway) {
                count(gatewayErrors, spec.gatewayErrors(), GATEWAY_ERRORS, to);
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
        OutlierDetector to = detector;
        if (to == null) {
            return;
        }
        OutlierSpec spec = to.spec();
        if (spec.splitLocalOrigin()) {
            count(localFailures, spec.localFailures(), LOCAL_FAILURES, to);
        } else {
            count(serverErrors, spec.serverErrors(), SERVER_ERRORS, to);
            count(gatewayErrors, spec.gatewayErrors(), GATEWAY_ERRORS, to);
        }
    }

    /// It was connected to, which is all that is known of a relayed connection.
    void onConnected() {
        reset(localFailures);
        OutlierDetector to = detector;
        if (to != null && !to.spec().splitLocalOrigin()) {
            reset(serverErrors);
            reset(gatewayErrors);
        }
    }

    private void count(AtomicInteger consecutive, int threshold, String reason, OutlierDetector to) {
        if (threshold > 0 && consecutive.incrementAndGet() == threshold) {
            to.suspect(this, reason);
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

    /// @return nanoseconds by the detector's clock until which it is ejected
    long ejectedUntilNanos() {
        return ejectedUntilNanos;
    }

    /// How often it was ejected.
    int ejections() {
        return ejections;
    }

    public boolean hasFailedCheck() {
        return checkFailed;
    }

    void checkFailed(boolean failed) {
        checkFailed = failed;
    }

    ClusterStatus.HealthStatus status() {
        boolean isEjected = ejected && detector != null;
        Duration left = isEjected && detector != null ? detector.left(this) : null;
        return new ClusterStatus.HealthStatus(checkFailed, left, ejections);
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

    void bringBack() {
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
        if (detector != null) {
            ejected = past.ejected;
            ejectedUntilNanos = past.ejectedUntilNanos;
            ejections = past.ejections;
            ejectionsInARow = past.ejectionsInARow;
        }
        checkFailed = checks && past.checkFailed;
    }
}
