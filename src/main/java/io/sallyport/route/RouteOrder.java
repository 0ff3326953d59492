package io.sallyport.route;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// The order in which the matches of a virtual host are tried.
///
/// Istio (pilot `route.go`, `BuildHTTPRoutesForVirtualService` and `SortVHostRoutes`) makes every match an Envoy
/// route of its own and does two things with those that hold for every request: within one VirtualService nothing
/// behind a catch-all is ever reached, so it is dropped; and where several VirtualServices share a host, their
/// catch-alls move behind all other matches, so that the first VirtualService does not hide the second. Doing the
/// second without the first would bring routes to life that their author hid.
public final class RouteOrder {
    private RouteOrder() {}

    /// @param routes of one virtual host: its VirtualServices in merge order, the routes of each as written
    /// @return one entry a match, in the order of trial
    public static List<MatchedRoute> sort(List<Route> routes) {
        List<MatchedRoute> ordered = new ArrayList<>(routes.size() + 4);
        List<MatchedRoute> catchAlls = new ArrayList<>(1);
        Set<String> closed = new HashSet<>(2);
        for (Route route : routes) {
            if (closed.contains(route.id().virtualService())) {
                continue;
            }
            for (RouteMatch match : route.matches().isEmpty() ? List.of(RouteMatch.ANY) : route.matches()) {
                MatchedRoute entry = new MatchedRoute(route, match);
                if (isCatchAll(match)) {
                    catchAlls.add(entry);
                    closed.add(route.id().virtualService());
                    break;
                }
                ordered.add(entry);
            }
        }
        ordered.addAll(catchAlls);
        return ordered;
    }

    /// Whether the match holds for every request: no `uri`, the prefix `/` or the regex `.*`, and no other
    /// condition. Conditions that a compiler has settled for the listener (`port`, `gateways`) must be gone from
    /// the match by then.
    public static boolean isCatchAll(RouteMatch match) {
        return !match.hasOthers()
                && switch (match.uri()) {
                    case null -> true;
                    case StringMatcher.Present _ -> true;
                    case StringMatcher.Prefix prefix -> prefix.value().equals("/");
                    case StringMatcher.Regex regex -> regex.pattern().pattern().equals(".*");
                    case StringMatcher.Exact _ -> false;
                };
    }
}
