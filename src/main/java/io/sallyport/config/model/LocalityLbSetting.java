package io.sallyport.config.model;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// `LocalityLoadBalancerSetting`: one of distribute, failover (perhaps with failoverPriority).
public record LocalityLbSetting(
        List<Distribute> distribute,
        List<Failover> failover,
        List<String> failoverPriority,
        @Nullable Boolean enabled,
        Position at) {

    /// @param from `region/zone/subzone`, the last parts perhaps `*`
    /// @param to locality to per cent; the sum is 100
    public record Distribute(String from, Map<String, Integer> to, Position at) {}

    /// @param from a region
    /// @param to the region to go to when `from` is unhealthy
    public record Failover(String from, String to, Position at) {}
}
