package io.sallyport.route;

import org.jspecify.annotations.Nullable;

/// Finds the first match in order, looking only at those whose path condition can hold.
///
/// A match's number is its place in the order. Numbers are kept in ascending lists: one for each exact path, one at
/// each
/// node of a trie for each prefix, one for everything else. All lists that a path selects are read, each only as far as
/// the best number found so far, so the result is the lowest number that holds, as in a scan of all.
///
/// The lists hold `2 * number`, plus 1 where the path is the match's only condition and nothing else need be read.
final class PathIndex {
    static final int NONE = Integer.MAX_VALUE;

    private final RouteMatch[] matches;
    private final StringTable<int[]> exact;
    private final StringTable<int[]> exactFolded;
    private final PrefixTrie prefixes;
    private final PrefixTrie prefixesFolded;
    private final int[] others;

    PathIndex(RouteMatch[] matches) {
        this.matches = matches;
        OrderLists exactLists = new OrderLists();
        OrderLists exactFoldedLists = new OrderLists();
        OrderLists prefixLists = new OrderLists();
        OrderLists prefixFoldedLists = new OrderLists();
        OrderLists otherList = new OrderLists();
        for (int i = 0; i < matches.length; i++) {
            int order = 2 * i + (matches[i].hasOthers() ? 0 : 1);
            switch (matches[i].uri()) {
                case StringMatch.Exact uri
                when uri.ignoreCase() -> exactFoldedLists.add(AsciiCase.lower(uri.value()), order);
                case StringMatch.Exact uri -> exactLists.add(uri.value(), order);
                case StringMatch.Prefix uri
                when uri.ignoreCase() -> prefixFoldedLists.add(AsciiCase.lower(uri.value()), order);
                case StringMatch.Prefix uri -> prefixLists.add(uri.value(), order);
                case StringMatch.Regex _ -> otherList.add("", order & ~1);
                case StringMatch.Present _ -> otherList.add("", order);
                case null -> otherList.add("", order);
            }
        }
        exact = StringTable.of(exactLists.toMap(), false);
        exactFolded = StringTable.of(exactFoldedLists.toMap(), true);
        prefixes = PrefixTrie.of(prefixLists.toMap(), false);
        prefixesFolded = PrefixTrie.of(prefixFoldedLists.toMap(), true);
        others = otherList.toMap().getOrDefault("", OrderLists.NOTHING);
    }

    /// The lowest number whose match holds, or [#NONE].
    int find(RequestView request) {
        String path = request.path();
        int best = first(exact.get(path), request, NONE);
        best = first(exactFolded.get(path), request, best);
        best = firstPrefix(prefixes, path, request, best);
        best = firstPrefix(prefixesFolded, path, request, best);
        best = firstOther(path, request, best);
        return best == NONE ? NONE : best >> 1;
    }

    private int first(int @Nullable [] orders, RequestView request, int best) {
        return orders == null ? best : first(orders, 0, orders.length, request, best);
    }

    /// The lowest entry that is below `best` and whose conditions beside the path hold, else `best`.
    private int first(int[] orders, int from, int to, RequestView request, int best) {
        for (int i = from; i < to; i++) {
            int order = orders[i];
            if (order >= best) {
                return best;
            }
            if ((order & 1) != 0 || matches[order >> 1].othersMatch(request)) {
                return order;
            }
        }
        return best;
    }

    private int firstPrefix(PrefixTrie trie, String path, RequestView request, int best) {
        if (trie == PrefixTrie.EMPTY) {
            return best;
        }
        int lowest = best;
        int at = 0;
        for (int node = 0; node >= 0; node = trie.next(node, path, at)) {
            at += trie.length(node);
            lowest = first(trie.orders(), trie.ordersFrom(node), trie.ordersFrom(node + 1), request, lowest);
        }
        return lowest;
    }

    private int firstOther(String path, RequestView request, int best) {
        for (int order : others) {
            if (order >= best) {
                return best;
            }
            RouteMatch match = matches[order >> 1];
            if ((order & 1) != 0
                    || (match.othersMatch(request)
                            && (match.uri() == null || match.uri().matches(path)))) {
                return order;
            }
        }
        return best;
    }
}
