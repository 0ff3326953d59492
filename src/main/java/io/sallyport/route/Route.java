package io.sallyport.route;

import java.util.List;

/// A compiled `HTTPRoute`: any of the matches leads to the action.
///
/// @param matches empty means that every request matches
/// @param filters for a [Forward]; other actions have none, as Envoy skips them there
public record Route(RouteId id, List<RouteMatch> matches, RouteAction action, RouteFilters filters) {
    public Route {
        matches = List.copyOf(matches);
    }

    public Route(RouteId id, List<RouteMatch> matches, RouteAction action) {
        this(id, matches, action, RouteFilters.NONE);
    }
}
