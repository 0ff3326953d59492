package io.sallyport.route;

/// A route and the one of its matches that leads to it.
///
/// @param match [RouteMatch#ANY] for a route without matches
public record MatchedRoute(Route route, RouteMatch match) {
    /// The place of the match in its route's `match` list; 0 where the route has none.
    public int matchIndex() {
        return match.index();
    }
}
