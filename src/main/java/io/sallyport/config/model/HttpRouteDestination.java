package io.sallyport.config.model;

import org.jspecify.annotations.Nullable;

/// `HTTPRouteDestination`: a destination and its share of the requests.
///
/// @param weight relative to the sum of all; 0 gets nothing, but where it stands alone, which gets everything
public record HttpRouteDestination(
        Destination destination, int weight, @Nullable Headers headers, Position at) {}
