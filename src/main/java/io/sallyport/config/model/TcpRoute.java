package io.sallyport.config.model;

import java.util.List;

/// `TCPRoute`: plain connections.
///
/// @param match any of these; empty matches every connection
public record TcpRoute(List<L4MatchAttributes> match, List<RouteDestination> route, Position at) {}
