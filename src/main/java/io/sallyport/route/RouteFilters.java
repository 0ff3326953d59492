package io.sallyport.route;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a route does around forwarding a request. Most routes have [#NONE] of it.
///
/// @param fault or null
/// @param cors or null
public record RouteFilters(@Nullable Fault fault, @Nullable Cors cors, List<Mirror> mirrors) {
    public static final RouteFilters NONE = new RouteFilters(null, null, List.of());

    public RouteFilters {
        mirrors = List.copyOf(mirrors);
    }
}
