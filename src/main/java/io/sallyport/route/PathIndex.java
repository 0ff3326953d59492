package io.sallyport.route;

import io.sallyport.net.AsciiCase;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Finds the first match in order, looking only at those whose path condition can hold.
///
/// A match's number is its place in the order. Numbers are kept in ascending lists: one for each exact path, one at
/// each node of a trie for each prefix, be it of a prefix match or the [LiteralPrefix] of an expression, one for
/// the rest. All lists that a path selects are read, each only as far as the best number found so far, so the
/// result is the lowest number that holds, as in a scan of all.
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
        OrderLists exactLists = new OrderLists(false);
        OrderLists exactFoldedLists = new OrderLists(true);
        OrderLists prefixLists = new OrderLists(false);
        OrderLists prefixFoldedLists = new OrderLists(true);
        OrderLists otherList = new OrderLists(false);
        for (int i = 0; i < matches.length; i++) {
            int order = 2 * i + (matches[i].hasOthers() ? 0 : 1);
            switch (matches[i].uri()) {
                case StringMatcher.Exact uri ->
                    (uri.ignoreCase() ? exactFoldedLists : exactLists).add(uri.value(), order);
                case StringMatcher.Prefix uri ->
                    (uri.ignoreCase() ? prefixFoldedLists : prefixLists).add(uri.value(), order);
                case StringMatcher.Regex uri -> {
                    String literal = LiteralPrefix.of(uri.pattern().pattern());
                    (literal.isEmpty() ? otherList : prefixLists).add(literal, order & ~1);
                }
                case StringMatcher.Present _ -> otherList.add("", order);
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
        best = first(others, 0, others.length, request, best);
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
            if ((order & 1) != 0 || holds(matches[order >> 1], request)) {
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

    /// Whether a match holds whose list the path has selected: only an expression has still to be tried on the
    /// path.
    private static boolean holds(RouteMatch match, RequestView request) {
        return match.othersMatch(request)
                && (!(match.uri() instanceof StringMatcher.Regex uri) || uri.matches(request.path()));
    }

    /// Collects the lists of a [PathIndex].
    private static final class OrderLists {
        static final int[] NOTHING = {};

        private final Map<String, Growing> lists = new HashMap<>();
        private final boolean fold;

        /// @param fold whether paths that differ only in case share a list; it is then filed under the lower case
        OrderLists(boolean fold) {
            this.fold = fold;
        }

        /// Appends to the list of a path; `order` is higher than whatever was added before. Behind an entry that the
        /// path alone decides (an odd one) nothing on its list can be reached, so it is left out.
        void add(String path, int order) {
            Growing list = lists.computeIfAbsent(fold ? AsciiCase.lower(path) : path, _ -> new Growing());
            if (list.size == 0 || (list.orders[list.size - 1] & 1) == 0) {
                list.add(order);
            }
        }

        Map<String, int[]> toMap() {
            if (lists.isEmpty()) {
                return Map.of();
            }
            Map<String, int[]> map = HashMap.newHashMap(lists.size());
            lists.forEach((path, list) -> map.put(path, Arrays.copyOf(list.orders, list.size)));
            return map;
        }

        private static final class Growing {
            private int[] orders = new int[1];
            private int size;

            private void add(int order) {
                if (size == orders.length) {
                    orders = Arrays.copyOf(orders, 2 * size);
                }
                orders[size++] = order;
            }
        }
    }
}
