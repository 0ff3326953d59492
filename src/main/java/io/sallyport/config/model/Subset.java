package io.sallyport.config.model;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/// `Subset`: the endpoints of a host that carry all of these labels.
///
/// @param trafficPolicy overrides the DestinationRule's, setting by setting
public record Subset(
        String name, Map<String, String> labels, @Nullable TrafficPolicy trafficPolicy, Position at) {}
