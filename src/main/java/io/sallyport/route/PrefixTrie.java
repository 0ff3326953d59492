package io.sallyport.route;

import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A compressed trie of path prefixes: walking down a path from the root meets every prefix of it, shortest first.
/// Read-only once built; built in time linear in the characters of all prefixes.
final class PrefixTrie {
    private final Node root = new Node("");
    private final boolean fold;

    /// @param lists by prefix
    /// @param fold whether paths are compared without case; the prefixes must then be in lower case
    PrefixTrie(Map<String, PathIndex.IntList> lists, boolean fold) {
        this.fold = fold;
        lists.forEach((prefix, list) -> nodeOf(prefix).orders = list.toArray());
    }

    Node root() {
        return root;
    }

    /// The child of `node` whose label goes on with the path at `at`, or null.
    @Nullable
    Node next(Node node, String path, int at) {
        if (at == path.length() || node.firsts.length == 0) {
            return null;
        }
        char c = path.charAt(at);
        int i = Arrays.binarySearch(node.firsts, fold ? AsciiCase.lower(c) : c);
        if (i < 0) {
            return null;
        }
        Node child = node.children[i];
        return labelMatches(child.label, path, at) ? child : null;
    }

    private boolean labelMatches(String label, String path, int at) {
        if (!fold) {
            return path.startsWith(label, at);
        }
        if (label.length() > path.length() - at) {
            return false;
        }
        for (int i = 1; i < label.length(); i++) {
            if (AsciiCase.lower(path.charAt(at + i)) != label.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private Node nodeOf(String prefix) {
        Node node = root;
        int at = 0;
        while (at < prefix.length()) {
            int i = Arrays.binarySearch(node.firsts, prefix.charAt(at));
            if (i < 0) {
                Node leaf = new Node(prefix.substring(at));
                node.insert(-i - 1, leaf);
                return leaf;
            }
            Node child = node.children[i];
            int common = commonLength(child.label, prefix, at);
            if (common < child.label.length()) {
                child = child.splitAt(common);
                node.children[i] = child;
            }
            node = child;
            at += common;
        }
        return node;
    }

    private static int commonLength(String label, String prefix, int at) {
        int longest = Math.min(label.length(), prefix.length() - at);
        int common = 1;
        while (common < longest && label.charAt(common) == prefix.charAt(at + common)) {
            common++;
        }
        return common;
    }

    /// A prefix, or a fork between prefixes.
    static final class Node {
        private static final Node[] NO_CHILDREN = {};
        private static final char[] NO_CHARS = {};

        private final String label;
        private char[] firsts = NO_CHARS;
        private Node[] children = NO_CHILDREN;
        private int @Nullable [] orders;

        private Node(String label) {
            this.label = label;
        }

        /// The characters that the step to this node takes of the path.
        int length() {
            return label.length();
        }

        /// The numbers of the matches with exactly this prefix, ascending; null at a mere fork.
        int @Nullable [] orders() {
            return orders;
        }

        private void insert(int place, Node child) {
            char[] longerFirsts = new char[firsts.length + 1];
            Node[] longerChildren = new Node[firsts.length + 1];
            System.arraycopy(firsts, 0, longerFirsts, 0, place);
            System.arraycopy(children, 0, longerChildren, 0, place);
            longerFirsts[place] = child.label.charAt(0);
            longerChildren[place] = child;
            System.arraycopy(firsts, place, longerFirsts, place + 1, firsts.length - place);
            System.arraycopy(children, place, longerChildren, place + 1, firsts.length - place);
            firsts = longerFirsts;
            children = longerChildren;
        }

        /// A fork after `length` characters of the label, with the rest of this node below it.
        private Node splitAt(int length) {
            Node fork = new Node(label.substring(0, length));
            Node rest = new Node(label.substring(length));
            rest.firsts = firsts;
            rest.children = children;
            rest.orders = orders;
            fork.insert(0, rest);
            return fork;
        }
    }
}
