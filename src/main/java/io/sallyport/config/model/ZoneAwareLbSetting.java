package io.sallyport.config.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// `ZoneAwareLoadBalancerSetting`.
public record ZoneAwareLbSetting(
        @Nullable Boolean enabled,
        List<LocalityLbSetting.Failover> failover,
        List<String> failoverPriority,
        @Nullable Long minClusterSize,
        Position at) {}
