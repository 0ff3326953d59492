package io.sallyport.route;

import org.jspecify.annotations.Nullable;

/// Numbers the nodes of a [PrefixTrie]. The prefixes below a node are a range of the sorted list of all, so ranges
/// are all that it takes; their ends are found by bisection, which keeps long chains of nested prefixes cheap.
final class TrieLayout {
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
