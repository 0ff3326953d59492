package io.sallyport.config.model;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// `networking.istio.io` DestinationRule: how to reach a host, and its subsets.
///
/// @param workloadSelector `workloadSelector.matchLabels`: the clients it applies to; null is all
public record DestinationRule(
        ResourceMeta meta,
        String host,
        @Nullable TrafficPolicy trafficPolicy,
        List<Subset> subsets,
        List<String> exportTo,
        @Nullable Map<String, String> workloadSelector)
        implements Resource {}
