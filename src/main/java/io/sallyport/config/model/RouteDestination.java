package io.sallyport.config.model;

/// `RouteDestination`: a destination of a TLS or TCP route and its share of the connections.
///
/// @param weight as in [HttpRouteDestination]
public record RouteDestination(Destination destination, int weight, Position at) {}
