package io.sallyport.route;

import java.util.List;

/// A compiled `HTTPRoute`: any of the matches leads to the action.
///
/// @param matches empty means that every request matches
public record Route(RouteId id, List<RouteMatch> matches, RouteAction action) {
    public Route {
        matches = List.copyOf(matches);
    }
}
