package io.sallyport.config.model;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// `LoadBalancerSettings`.
///
/// @param warmupDurationSecs deprecated form of `warmup`
public record LoadBalancerSettings(
        Policy policy,
        @Nullable LocalityLbSetting localityLbSetting,
        @Nullable ZoneAwareLbSetting zoneAwareLbSetting,
        @Nullable Duration warmupDurationSecs,
        @Nullable Warmup warmup,
        Position at) {

    /// `LoadBalancerSettings.lb_policy`: one of `simple` and `consistentHash`; neither is `simple: UNSPECIFIED`.
    public sealed interface Policy permits Simple, ConsistentHash {}

    /// `LoadBalancerSettings.SimpleLB`; UNSPECIFIED means LEAST_REQUEST, and so does the deprecated LEAST_CONN.
    public enum Simple implements Policy {
        UNSPECIFIED,
        LEAST_CONN,
        RANDOM,
        PASSTHROUGH,
        ROUND_ROBIN,
        LEAST_REQUEST
    }

    /// `WarmupConfiguration`: a new endpoint's share grows over `duration`.
    ///
    /// @param minimumPercent null is 10.0
    /// @param aggression at least 1.0; null is 1.0
    public record Warmup(
            @Nullable Duration duration,
            @Nullable Double minimumPercent,
            @Nullable Double aggression,
            Position at) {}
}
