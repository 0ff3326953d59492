package io.sallyport.cluster;

/// Since when an endpoint is one, for its [WarmUp].
final class EndpointAge {
    private volatile boolean begun;
    private volatile long beganNanos;

    /// It counts from now on, unless it does already.
    void begin(long nowNanos) {
        if (!begun) {
            beganNanos = nowNanos;
            begun = true;
        }
    }

    boolean hasBegun() {
        return begun;
    }

    long beganNanos() {
        return beganNanos;
    }
}
