package io.sallyport.cluster;

/// Istio's defaults but for one part.
public final class Resilience {
    private static final ResilienceSpec DEFAULT = ResilienceSpec.DEFAULT;

    private Resilience() {}

    public static ResilienceSpec with(CircuitLimits limits) {
        return new ResilienceSpec(limits, DEFAULT.retries(), DEFAULT.connections(), null, null);
    }

    public static ResilienceSpec with(ConnectionLife connections) {
        return new ResilienceSpec(DEFAULT.limits(), DEFAULT.retries(), connections, null, null);
    }

    public static ResilienceSpec with(OutlierSpec outliers) {
        return new ResilienceSpec(DEFAULT.limits(), DEFAULT.retries(), DEFAULT.connections(), outliers, null);
    }
}
