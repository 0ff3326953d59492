package io.sallyport.route;

import io.sallyport.net.AsciiCase;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A compressed trie of path prefixes: walking down a path from the root meets every prefix of it, shortest first.
///
/// It lies flat in four arrays, so that the trie of a small virtual host is a few cache lines and not dozens of
/// objects. Nodes are numbered level by level. The children of a node are therefore consecutive, in the order of
/// their first characters, and whatever belongs to a node ends where that of the next one begins.
public final class PrefixTrie {
    static final PrefixTrie EMPTY = new PrefixTrie(Map.of(), false);

    private static final int LABEL = 0;
    private static final int CHILDREN = 1;
    private static final int ORDERS = 2;
    private static final int STRIDE = 3;

    /// For each node where its label, its children and its orders begin; one more entry ends the last.
    private final int[] nodes;

    private final String labels;
    private final char[] firsts;
    private final int[] orders;
    private final boolean fold;

    private PrefixTrie(Map<String, int[]> lists, boolean fold) {
        this.fold = fold;
        String[] prefixes = lists.keySet().toArray(String[]::new);
        Arrays.sort(prefixes);
        TrieLayout layout = new TrieLayout(prefixes);
        nodes = new int[STRIDE * (layout.size() + 1)];
        firsts = new char[layout.size()];
        StringBuilder allLabels = new StringBuilder();
        List<int[]> allOrders = new ArrayList<>();
        int orderCount = 0;
        int children = 1;
        for (int node = 0; node <= layout.size(); node++) {
            nodes[STRIDE * node + LABEL] = allLabels.length();
            nodes[STRIDE * node + CHILDREN] = children;
            nodes[STRIDE * node + ORDERS] = orderCount;
            if (node < layout.size()) {
                allLabels.append(layout.label(node));
                firsts[node] = node == 0 ? 0 : layout.label(node).charAt(0);
                children += layout.childCount(node);
                String prefix = layout.prefix(node);
                int[] list = prefix == null ? null : lists.get(prefix);
                if (list != null) {
                    allOrders.add(list);
                    orderCount += list.length;
                }
            }
        }
        labels = allLabels.toString();
        orders = allOrders.stream().flatMapToInt(Arrays::stream).toArray();
    }

    /// @param lists by prefix
    /// @param fold whether paths are compared without case; the prefixes must then be in lower case
    public static PrefixTrie of(Map<String, int[]> lists, boolean fold) {
        return lists.isEmpty() ? EMPTY : new PrefixTrie(lists, fold);
    }

    /// The child of `node` whose label goes on with the path at `at`, or -1. The root is node 0.
    public int next(int node, String path, int at) {
        int from = nodes[STRIDE * node + CHILDREN];
        int to = nodes[STRIDE * node + STRIDE + CHILDREN];
        if (from == to || at == path.length()) {
            return -1;
        }
        char c = path.charAt(at);
        int child = Arrays.binarySearch(firsts, from, to, fold ? AsciiCase.lower(c) : c);
        return child >= 0 && labelMatches(child, path, at) ? child : -1;
    }

    /// The characters that the step to this node takes of the path.
    public int length(int node) {
        return nodes[STRIDE * node + STRIDE + LABEL] - nodes[STRIDE * node + LABEL];
    }

    /// The lists of all nodes, in which a node's own is from [#ordersFrom] to [#ordersFrom] of the next one.
    public int[] orders() {
        return orders;
    }

    public int ordersFrom(int node) {
        return nodes[STRIDE * node + ORDERS];
    }

    private boolean labelMatches(int node, String path, int at) {
        int label = nodes[STRIDE * node + LABEL];
        int length = length(node);
        if (!fold) {
            return path.regionMatches(at, labels, label, length);
        }
        if (length > path.length() - at) {
            return false;
        }
        for (int i = 1; i < length; i++) {
            if (AsciiCase.lower(path.charAt(at + i)) != labels.charAt(label + i)) {
                return false;
            }
        }
        return true;
    }

    /// Numbers the nodes of a [PrefixTrie]. The prefixes below a node are a range of the sorted list of all, so ranges
    /// are all that it takes; their ends are found by bisection, which keeps long chains of nested prefixes cheap.
    private static final class TrieLayout {
        private final String[] sorted;

        /// For each node the range of its prefixes, where its label begins in them and where it ends.
        private final int[] from;

        private final int[] to;
        private final int[] labelFrom;
        private final int[] labelTo;
        private final int[] childCount;
        private int size;

        /// @param sorted distinct prefixes
        TrieLayout(String[] sorted) {
            this.sorted = sorted;
            int most = 2 * sorted.length + 1;
            from = new int[most];
            to = new int[most];
            labelFrom = new int[most];
            labelTo = new int[most];
            childCount = new int[most];
            add(0, sorted.length, 0, 0);
            for (int node = 0; node < size; node++) {
                addChildren(node);
            }
        }

        int size() {
            return size;
        }

        int childCount(int node) {
            return childCount[node];
        }

        String label(int node) {
            return labelFrom[node] == labelTo[node] ? "" : sorted[from[node]].substring(labelFrom[node], labelTo[node]);
        }

        /// The prefix that ends at this node, or null at a mere fork.
        @Nullable
        String prefix(int node) {
            return from[node] < to[node] && sorted[from[node]].length() == labelTo[node] ? sorted[from[node]] : null;
        }

        private void addChildren(int node) {
            int depth = labelTo[node];
            int group = prefix(node) == null ? from[node] : from[node] + 1;
            while (group < to[node]) {
                int groupEnd = endOfGroup(group, to[node], depth);
                add(group, groupEnd, depth, commonLength(sorted[group], sorted[groupEnd - 1], depth + 1));
                childCount[node]++;
                group = groupEnd;
            }
        }

        /// Where the prefixes end that go on with the same character.
        private int endOfGroup(int group, int end, int depth) {
            char c = sorted[group].charAt(depth);
            int low = group + 1;
            int high = end;
            while (low < high) {
                int middle = (low + high) >>> 1;
                if (sorted[middle].charAt(depth) == c) {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            return low;
        }

        private static int commonLength(String a, String b, int known) {
            int longest = Math.min(a.length(), b.length());
            int common = known;
            while (common < longest && a.charAt(common) == b.charAt(common)) {
                common++;
            }
            return common;
        }

        private void add(int rangeFrom, int rangeTo, int start, int end) {
            from[size] = rangeFrom;
            to[size] = rangeTo;
            labelFrom[size] = start;
            labelTo[size] = end;
            size++;
        }
    }
}
