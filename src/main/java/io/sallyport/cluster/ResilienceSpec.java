package io.sallyport.cluster;

import org.jspecify.annotations.Nullable;

/// What protects a cluster from its clients, and its clients from bad endpoints.
///
/// @param outliers null for no detection
/// @param healthCheck null for none
public record ResilienceSpec(
        CircuitLimits limits,
        RetryLimit retries,
        ConnectionLife connections,
        @Nullable OutlierSpec outliers,
        @Nullable HealthCheckSpec healthCheck) {
    /// Istio's, without a DestinationRule.
    public static final ResilienceSpec DEFAULT =
            new ResilienceSpec(CircuitLimits.NONE, RetryLimit.DEFAULT, ConnectionLife.DEFAULT, null, null);

    /// Whether what counts in one's limits counts in the other's.
    boolean hasLimitsOf(ResilienceSpec other) {
        return limits.equals(other.limits) && retries.equals(other.retries);
    }

    /// Whether an endpoint can be there and yet not be used.
    boolean watchesHealth() {
        return outliers != null || healthCheck != null;
    }
}
