package io.sallyport.route;

import org.jspecify.annotations.Nullable;

/// A route and the one of its matches that leads to it.
///
/// @param match [RouteMatch#ANY] for a route without matches
public record MatchedRoute(Route route, RouteMatch match) {
    /// The name of the route, `.` and that of the match where it has one (Istio pilot, `translateRoute`); null where
    /// neither has.
    public @Nullable String routeName() {
        return match.routeName() == null ? route.id().routeName() : match.routeName();
    }

    /// Where it comes from, under its name by the match.
    public RouteId id() {
        return new RouteId(route.id().virtualService(), routeName(), route.id().index());
    }

    /// The place of the match in its route's `match` list; 0 where the route has none.
    public int matchIndex() {
        return match.index();
    }
}
