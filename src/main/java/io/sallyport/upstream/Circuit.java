package io.sallyport.upstream;

import io.sallyport.telemetry.ProxyException;
import io.sallyport.telemetry.ResponseFlag;
import java.util.function.LongSupplier;

/// The circuit breaker of one cluster: what it may be burdened with, over all event loops.
final class Circuit {
    static final String CONNECTIONS = "upstream_max_connections_reached";
    static final String PENDING = "upstream_max_pending_requests_reached";
    static final String REQUESTS = "upstream_max_requests_reached";

    final ConnectionLimit connections;
    final Limit pending;
    final Limit requests;
    final RetryBudget retries;

    Circuit(ResilienceSpec spec, LongSupplier nanoTime) {
        this(spec, DescriptorLimit.ofProcess(), nanoTime);
    }

    Circuit(ResilienceSpec spec, DescriptorLimit descriptors, LongSupplier nanoTime) {
        connections = new ConnectionLimit(
                spec.limits().connections(), () -> descriptors.share(DescriptorLimit.Use.DESTINATION));
        pending = new Limit(spec.limits().pendingRequests());
        requests = new Limit(spec.limits().requests());
        retries = new RetryBudget(spec.retries(), nanoTime);
    }

    /// Not to be tried again: that would be more of the same burden.
    ///
    /// @param limit which one was reached
    static ProxyException overflow(String limit) {
        return ProxyException.upstream(ResponseFlag.UO, limit, false);
    }

    CircuitStatus status() {
        return new CircuitStatus(
                connections.status(), pending.status(), requests.status(), retries.active(), retries.overflows());
    }
}
