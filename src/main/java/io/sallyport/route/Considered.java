package io.sallyport.route;

/// A match that was tried before the one that held, and why it did not hold.
public record Considered(RouteId route, int matchIndex, String why) {}
