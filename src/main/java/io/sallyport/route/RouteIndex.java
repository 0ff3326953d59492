package io.sallyport.route;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The matches of one virtual host, in the order of [RouteOrder]: the first that holds wins.
///
/// Few matches are simply tried in turn; from [#INDEXED_FROM] on a [PathIndex] leaves out those whose path cannot
/// fit. Both give the same answer. Immutable, and a look-up allocates nothing (regular expressions excepted).
public final class RouteIndex {
    /// About where the index overtakes a scan of the list: a little earlier for exact paths only, later for a mixture
    /// of exact paths and prefixes.
    static final int INDEXED_FROM = 9;

    private static final MatchedRoute[] NONE = {};

    /// The first to be tried, null where there is none; it is the only one of most hosts.
    private final @Nullable MatchedRoute first;

    private final MatchedRoute[] others;
    private final @Nullable PathIndex index;

    private RouteIndex(List<MatchedRoute> ordered, @Nullable PathIndex index) {
        this.first = ordered.isEmpty() ? null : ordered.getFirst();
        this.others =
                ordered.size() < 2 ? NONE : ordered.subList(1, ordered.size()).toArray(MatchedRoute[]::new);
        this.index = index;
    }

    /// @param routes of one virtual host: its VirtualServices in merge order, the routes of each as written
    public static RouteIndex of(List<Route> routes) {
        return of(routes, INDEXED_FROM);
    }

    static RouteIndex of(List<Route> routes, int indexedFrom) {
        List<MatchedRoute> ordered = RouteOrder.sort(routes);
        return new RouteIndex(ordered, ordered.size() < indexedFrom ? null : new PathIndex(matches(ordered)));
    }

    /// All matches in the order of trial.
    public List<MatchedRoute> ordered() {
        return first == null
                ? List.of()
                : Stream.concat(Stream.of(first), Arrays.stream(others)).toList();
    }

    /// The first match that holds, or null.
    public @Nullable MatchedRoute find(RequestView request) {
        if (index != null) {
            int order = index.find(request);
            return order == PathIndex.NONE ? null : order == 0 ? first : others[order - 1];
        }
        if (first == null || first.match().matches(request)) {
            return first;
        }
        for (MatchedRoute candidate : others) {
            if (candidate.match().matches(request)) {
                return candidate;
            }
        }
        return null;
    }

    /// The matches that were tried before the one that held, each with the reason why it did not hold.
    ///
    /// @param matched what [#find] returned; null if none held: then all are returned
    @SuppressWarnings("ReferenceEquality") // The very match that was found, not one like it.
    public List<Considered> triedBefore(@Nullable MatchedRoute matched, RequestView request) {
        List<Considered> tried = new ArrayList<>();
        for (MatchedRoute candidate : ordered()) {
            if (candidate == matched) {
                break;
            }
            String why = candidate.match().mismatch(request);
            if (why != null) {
                tried.add(new Considered(candidate.id(), candidate.matchIndex(), why));
            }
        }
        return tried;
    }

    private static RouteMatch[] matches(List<MatchedRoute> ordered) {
        return ordered.stream().map(MatchedRoute::match).toArray(RouteMatch[]::new);
    }
}
