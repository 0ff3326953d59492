package io.sallyport.route;

import org.jspecify.annotations.Nullable;

/// Where a route comes from.
///
/// @param virtualService `namespace/name` of the VirtualService that claims the host; of the root where it
///     delegates
/// @param routeName `HTTPRoute.name`, perhaps with a match's, see [MatchedRoute#routeName()]; or null
/// @param index the place in the VirtualService's `http` list, from 0
public record RouteId(String virtualService, @Nullable String routeName, int index) {
    /// The name within its VirtualService, for people: `#` and the index where the route itself has no name.
    public String label() {
        if (routeName == null) {
            return "#" + index;
        }
        return routeName.startsWith(".") ? "#" + index + routeName : routeName;
    }

    @Override
    public String toString() {
        return virtualService + '[' + index + ']' + (routeName == null ? "" : " " + routeName);
    }
}
