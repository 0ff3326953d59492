package io.sallyport.cluster.balance;

/// How an endpoint is chosen (Istio: `LoadBalancerSettings.SimpleLB`).
public enum LoadBalancing {
    /// Of two endpoints drawn at random, the one with fewer requests for its weight. The default.
    LEAST_REQUEST,
    ROUND_ROBIN,
    RANDOM
}
