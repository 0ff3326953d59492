package io.sallyport.config.model;

import java.util.List;

/// `TLSRoute`: connections that stay encrypted, chosen by SNI.
public record TlsRoute(List<TlsMatchAttributes> match, List<RouteDestination> route, Position at) {}
