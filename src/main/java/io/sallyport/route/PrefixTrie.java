package io.sallyport.route;

import io.sallyport.net.AsciiCase;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// A compressed trie of path prefixes: walking down a path from the root meets every prefix of it, shortest first.
///
/// It lies flat in four arrays, so that the trie of a small virtual host is a few cache lines and not dozens of
/// objects. Nodes are numbered level by level. The children of a node are therefore consecutive, in the order of
/// their first characters, and whatever belongs to a node ends where that of the next one begins.
final class PrefixTrie {
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
    static PrefixTrie of(Map<String, int[]> lists, boolean fold) {
        return lists.isEmpty() ? EMPTY : new PrefixTrie(lists, fold);
    }

    /// The child of `node` whose label goes on with the path at `at`, or -1. The root is node 0.
    int next(int node, String path, int at) {
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
    int length(int node) {
        return nodes[STRIDE * node + STRIDE + LABEL] - nodes[STRIDE * node + LABEL];
    }

    /// The lists of all nodes, in which a node's own is from [#ordersFrom] to [#ordersFrom] of the next one.
    int[] orders() {
        return orders;
    }

    int ordersFrom(int node) {
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
}
