package io.sallyport.route;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Finds the first match in order, looking only at those whose path condition can hold.
///
/// A match's number is its place in the order. Numbers are kept in ascending lists: one for each exact path, one at
/// each
/// node of a trie for each prefix, one for everything else. All lists that a path selects are read, each only as far as
/// the best number found so far, so the result is the lowest number that holds, as in a scan of all.
final class PathIndex {
    static final int NONE = Integer.MAX_VALUE;

    private final RouteMatch[] matches;
    private final boolean[] onlyPath;
    private final StringTable<int[]> exact;
    private final StringTable<int[]> exactFolded;
    private final PrefixTrie prefixes;
    private final PrefixTrie prefixesFolded;
    private final int[] others;

    PathIndex(MatchedRoute[] ordered) {
        matches = new RouteMatch[ordered.length];
        onlyPath = new boolean[ordered.length];
        Map<String, IntList> exactLists = new HashMap<>();
        Map<String, IntList> exactFoldedLists = new HashMap<>();
        Map<String, IntList> prefixLists = new HashMap<>();
        Map<String, IntList> prefixFoldedLists = new HashMap<>();
        IntList otherList = new IntList();
        for (int i = 0; i < ordered.length; i++) {
            RouteMatch match = ordered[i].match();
            matches[i] = match;
            onlyPath[i] = !match.hasOthers();
            IntList list =
                    switch (match.uri()) {
                        case StringMatch.Exact uri
                        when uri.ignoreCase() -> listOf(exactFoldedLists, AsciiCase.lower(uri.value()));
                        case StringMatch.Exact uri -> listOf(exactLists, uri.value());
                        case StringMatch.Prefix uri
                        when uri.ignoreCase() -> listOf(prefixFoldedLists, AsciiCase.lower(uri.value()));
                        case StringMatch.Prefix uri -> listOf(prefixLists, uri.value());
                        case StringMatch.Regex _ -> otherList;
                        case StringMatch.Present _ -> otherList;
                        case null -> otherList;
                    };
            addReachable(list, i);
        }
        exact = StringTable.of(exactLists, IntList::toArray, false);
        exactFolded = StringTable.of(exactFoldedLists, IntList::toArray, true);
        prefixes = new PrefixTrie(prefixLists, false);
        prefixesFolded = new PrefixTrie(prefixFoldedLists, true);
        others = otherList.toArray();
    }

    /// The lowest number whose match holds, or [#NONE].
    int find(RequestView request) {
        String path = request.path();
        int best = NONE;
        if (!exact.isEmpty()) {
            best = first(exact.get(path), request, best);
        }
        if (!exactFolded.isEmpty()) {
            best = first(exactFolded.get(path), request, best);
        }
        best = firstPrefix(prefixes, path, request, best);
        best = firstPrefix(prefixesFolded, path, request, best);
        return firstOther(request, path, best);
    }

    private int firstPrefix(PrefixTrie trie, String path, RequestView request, int best) {
        int lowest = best;
        int at = 0;
        PrefixTrie.@Nullable Node node = trie.root();
        while (node != null) {
            lowest = first(node.orders(), request, lowest);
            PrefixTrie.@Nullable Node next = trie.next(node, path, at);
            at += next == null ? 0 : next.length();
            node = next;
        }
        return lowest;
    }

    /// The lowest number of the list that is below `best` and whose conditions beside the path hold, else `best`.
    private int first(int @Nullable [] orders, RequestView request, int best) {
        if (orders == null) {
            return best;
        }
        for (int order : orders) {
            if (order >= best) {
                return best;
            }
            if (onlyPath[order] || matches[order].othersMatch(request)) {
                return order;
            }
        }
        return best;
    }

    private int firstOther(RequestView request, String path, int best) {
        for (int order : others) {
            if (order >= best) {
                return best;
            }
            RouteMatch match = matches[order];
            if ((onlyPath[order] || match.othersMatch(request))
                    && (match.uri() == null || match.uri().matches(path))) {
                return order;
            }
        }
        return best;
    }

    /// Behind a match that asks for nothing but the list's path nothing on the list can be reached.
    private void addReachable(IntList list, int order) {
        if (list.isEmpty() || !closes(matches[list.last()])) {
            list.add(order);
        }
    }

    private static boolean closes(RouteMatch match) {
        return !match.hasOthers() && !(match.uri() instanceof StringMatch.Regex);
    }

    private static IntList listOf(Map<String, IntList> lists, String path) {
        return lists.computeIfAbsent(path, _ -> new IntList());
    }

    /// A growing list of ints.
    static final class IntList {
        private int[] values = new int[1];
        private int size;

        void add(int value) {
            if (size == values.length) {
                values = Arrays.copyOf(values, 2 * size);
            }
            values[size++] = value;
        }

        boolean isEmpty() {
            return size == 0;
        }

        int last() {
            return values[size - 1];
        }

        int[] toArray() {
            return Arrays.copyOf(values, size);
        }
    }
}
