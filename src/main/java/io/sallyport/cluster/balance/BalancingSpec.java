package io.sallyport.cluster.balance;

import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What, besides the [LoadBalancing] and the endpoints' weights and priorities, decides where requests go.
///
/// @param hash null where requests are not kept together
/// @param localityWeights shares of the traffic in any unit, by [io.sallyport.cluster.EndpointSpec#locality()]; empty
///     where localities have no shares of their own (Istio: `localityLbSetting.distribute`)
/// @param slowStart null where a new endpoint has its full share at once
public record BalancingSpec(
        @Nullable HashPolicy hash,
        Map<String, Double> localityWeights,
        @Nullable SlowStart slowStart) {
    public static final BalancingSpec NONE = new BalancingSpec(null, Map.of(), null);

    public BalancingSpec {
        localityWeights = Map.copyOf(localityWeights);
    }

    /// A new endpoint's share grows to the full one (Istio: `LoadBalancerSettings.warmup`).
    ///
    /// @param window until it is full
    /// @param minimumShare to begin with, 0.0 to 1.0
    /// @param aggression 1.0 grows evenly; more grows faster at first: the share is `(age / window)^(1 /
    ///     aggression)`
    public record SlowStart(Duration window, double minimumShare, double aggression) {}
}
