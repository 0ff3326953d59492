package io.sallyport.cluster;

import io.sallyport.outcome.ProxyException;
import io.sallyport.outcome.ResponseFlag;
import java.util.function.LongSupplier;

/// The circuit breaker of one cluster: what it may be burdened with, over all event loops.
public final class Circuit {
    public static final String CONNECTIONS = "upstream_max_connections_reached";
    public static final String PENDING = "upstream_max_pending_requests_reached";
    public static final String REQUESTS = "upstream_max_requests_reached";

    public final ConnectionLimit connections;
    public final Limit pending;
    public final Limit requests;
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
    public static ProxyException overflow(String limit) {
        return ProxyException.upstream(ResponseFlag.UO, limit, false);
    }

    CircuitStatus status() {
        return new CircuitStatus(
                connections.status(), pending.status(), requests.status(), retries.active(), retries.overflows());
    }
}
