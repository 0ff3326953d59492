package io.sallyport.persistent;

import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// An immutable map. What is made of it by a change shares all but the changed parts with it, and what is different
/// between two maps is found in the time that the difference takes, not in that of their size.
///
/// A trie of hashes, five bits a level: each node has the entries that are alone at their place, and below them
/// the nodes of the places where several meet. Its form follows from what it holds, whatever the order in which
/// that came.
public final class PersistentMap<K, V> extends AbstractMap<K, V> {
    private static final int BITS = 5;
    private static final int MASK = (1 << BITS) - 1;
    /// Of the last level; below it are keys of one hash, one after the other.
    private static final int LAST = 30;

    private static final Node NOTHING = new Node(0, 0);
    private static final PersistentMap<?, ?> EMPTY = new PersistentMap<>(NOTHING, 0, false);
    private static final PersistentMap<?, ?> EMPTY_BY_IDENTITY = new PersistentMap<>(NOTHING, 0, true);

    /// Receives the differences between two maps.
    public interface Visitor<K, V> {
        /// @param before null where the key is new
        /// @param now null where it is gone
        void visit(K key, @Nullable V before, @Nullable V now);
    }

    /// Makes another value of one.
    public interface Mapping<V, W> {
        /// @return null where it is left out
        @Nullable
        W map(V value);
    }

    private static final class Node {
        /// The places that have one, a bit each.
        final int entries;

        final int nodes;
        /// Key and value of each entry, then the nodes.
        final Object[] content;

        Node(int entries, int nodes, Object... content) {
            this.entries = entries;
            this.nodes = nodes;
            this.content = content;
        }

        int indexOfEntry(int bit) {
            return 2 * Integer.bitCount(entries & (bit - 1));
        }

        int indexOfNode(int bit) {
            return 2 * Integer.bitCount(entries) + Integer.bitCount(nodes & (bit - 1));
        }

        boolean isOneEntry() {
            return nodes == 0 && content.length == 2;
        }

        /// With some of the content replaced by other.
        Node with(int newEntries, int newNodes, int from, int removed, Object... added) {
            return new Node(newEntries, newNodes, splice(content, from, removed, added));
        }

        Node without(int bit) {
            return with(entries & ~bit, nodes, indexOfEntry(bit), 2);
        }

        /// An entry becomes a node, or a node an entry.
        Node moved(int bit, Object... there) {
            boolean toNode = there.length == 1;
            Node left = toNode ? without(bit) : with(entries, nodes & ~bit, indexOfNode(bit), 1);
            return toNode
                    ? left.with(left.entries, left.nodes | bit, left.indexOfNode(bit), 0, there)
                    : left.with(left.entries | bit, left.nodes, left.indexOfEntry(bit), 0, there);
        }

        static Object[] splice(Object[] of, int from, int removed, Object... added) {
            Object[] made = Arrays.copyOf(of, of.length - removed + added.length);
            System.arraycopy(added, 0, made, from, added.length);
            System.arraycopy(of, from + removed, made, from + added.length, of.length - from - removed);
            return made;
        }
    }

    private final Node root;
    private final int size;
    private final boolean byIdentity;

    private PersistentMap(Node root, int size, boolean byIdentity) {
        this.root = root;
        this.size = size;
        this.byIdentity = byIdentity;
    }

    @SuppressWarnings("unchecked")
    public static <K, V> PersistentMap<K, V> empty() {
        return (PersistentMap<K, V>) EMPTY;
    }

    /// One whose keys are the very objects.
    @SuppressWarnings("unchecked")
    public static <K, V> PersistentMap<K, V> emptyByIdentity() {
        return (PersistentMap<K, V>) EMPTY_BY_IDENTITY;
    }

    private int hash(Object key) {
        int hash = byIdentity ? System.identityHashCode(key) : key.hashCode();
        return hash ^ (hash >>> 16);
    }

    @SuppressWarnings("ReferenceEquality") // By identity this is all that counts.
    private boolean isSame(Object one, Object other) {
        return one == other || (!byIdentity && one.equals(other));
    }

    private static int bit(int hash, int shift) {
        return 1 << ((hash >>> shift) & MASK);
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public boolean containsKey(@Nullable Object key) {
        return get(key) != null;
    }

    @Override
    @SuppressWarnings("unchecked")
    public @Nullable V get(@Nullable Object key) {
        if (key == null) {
            return null;
        }
        Node node = root;
        int hash = hash(key);
        for (int shift = 0; shift <= LAST; shift += BITS) {
            int bit = bit(hash, shift);
            if ((node.entries & bit) != 0) {
                int at = node.indexOfEntry(bit);
                return isSame(node.content[at], key) ? (V) node.content[at + 1] : null;
            }
            if ((node.nodes & bit) == 0) {
                return null;
            }
            node = (Node) node.content[node.indexOfNode(bit)];
        }
        int at = find(node, key);
        return at < 0 ? null : (V) node.content[at + 1];
    }

    private int find(Node colliding, Object key) {
        for (int i = 0; i < colliding.content.length; i += 2) {
            if (isSame(colliding.content[i], key)) {
                return i;
            }
        }
        return -1;
    }

    /// The same map, where it has that very value already.
    public PersistentMap<K, V> with(K key, V value) {
        V before = get(key);
        return before == value
                ? this
                : new PersistentMap<>(
                        put(root, 0, hash(key), key, value), before == null ? size + 1 : size, byIdentity);
    }

    private Node put(Node node, int shift, int hash, Object key, Object value) {
        if (shift > LAST) {
            int at = find(node, key);
            return at < 0 ? node.with(0, 0, node.content.length, 0, key, value) : node.with(0, 0, at, 2, key, value);
        }
        int bit = bit(hash, shift);
        if ((node.nodes & bit) != 0) {
            int at = node.indexOfNode(bit);
            Node below = put((Node) node.content[at], shift + BITS, hash, key, value);
            return node.with(node.entries, node.nodes, at, 1, below);
        }
        int at = node.indexOfEntry(bit);
        if ((node.entries & bit) == 0) {
            return node.with(node.entries | bit, node.nodes, at, 0, key, value);
        }
        Object other = node.content[at];
        if (isSame(other, key)) {
            return node.with(node.entries, node.nodes, at, 2, key, value);
        }
        Node alone = alone(other, node.content[at + 1], shift + BITS);
        return node.moved(bit, put(alone, shift + BITS, hash, key, value));
    }

    private Node alone(Object key, Object value, int shift) {
        return new Node(shift > LAST ? 0 : bit(hash(key), shift), 0, key, value);
    }

    public PersistentMap<K, V> without(K key) {
        return containsKey(key) ? new PersistentMap<>(remove(root, 0, hash(key), key), size - 1, byIdentity) : this;
    }

    private Node remove(Node node, int shift, int hash, Object key) {
        if (shift > LAST) {
            return node.with(0, 0, find(node, key), 2);
        }
        int bit = bit(hash, shift);
        if ((node.entries & bit) != 0) {
            return node.without(bit);
        }
        int at = node.indexOfNode(bit);
        Node below = remove((Node) node.content[at], shift + BITS, hash, key);
        return below.isOneEntry() ? node.moved(bit, below.content) : node.with(node.entries, node.nodes, at, 1, below);
    }

    /// Tells what is different in this map from the one before.
    public void difference(PersistentMap<K, V> before, Visitor<K, V> visitor) {
        differ(before.root, root, 0, visitor);
    }

    @SuppressWarnings("unchecked")
    private void differ(Node before, Node now, int shift, Visitor<K, V> visitor) {
        if (before == now) {
            return;
        }
        if (shift > LAST) {
            compare(before, now, visitor);
            return;
        }
        int shared = before.nodes | now.nodes;
        for (int left = before.entries | now.entries | shared; left != 0; left &= left - 1) {
            int bit = Integer.lowestOneBit(left);
            if ((shared & bit) != 0) {
                differ(below(before, bit, shift), below(now, bit, shift), shift + BITS, visitor);
            } else {
                compare(entry(before, bit), entry(now, bit), visitor);
            }
        }
    }

    private static Node entry(Node node, int bit) {
        if ((node.entries & bit) == 0) {
            return NOTHING;
        }
        int at = node.indexOfEntry(bit);
        return new Node(0, 0, node.content[at], node.content[at + 1]);
    }

    private Node below(Node node, int bit, int shift) {
        if ((node.nodes & bit) != 0) {
            return (Node) node.content[node.indexOfNode(bit)];
        }
        Node entry = entry(node, bit);
        return entry == NOTHING ? entry : alone(entry.content[0], entry.content[1], shift + BITS);
    }

    /// The entries of nodes without others below.
    @SuppressWarnings("unchecked")
    private void compare(Node before, Node now, Visitor<K, V> visitor) {
        for (int i = 0; i < before.content.length; i += 2) {
            int at = find(now, before.content[i]);
            Object next = at < 0 ? null : now.content[at + 1];
            if (next != before.content[i + 1]) {
                visitor.visit((K) before.content[i], (V) before.content[i + 1], (V) next);
            }
        }
        for (int i = 0; i < now.content.length; i += 2) {
            if (find(before, now.content[i]) < 0) {
                visitor.visit((K) now.content[i], null, (V) now.content[i + 1]);
            }
        }
    }

    /// This map as one of other values, which are made each time they are asked for.
    public <W> Map<K, W> mapped(Mapping<V, W> mapping) {
        PersistentMap<K, V> source = this;
        return new AbstractMap<>() {
            @Override
            public @Nullable W get(@Nullable Object key) {
                V value = source.get(key);
                return value == null ? null : mapping.map(value);
            }

            @Override
            public Set<Entry<K, W>> entrySet() {
                Map<K, W> all = new HashMap<>();
                source.forEach((key, value) -> {
                    W mapped = mapping.map(value);
                    if (mapped != null) {
                        all.put(key, mapped);
                    }
                });
                return Map.copyOf(all).entrySet();
            }
        };
    }

    @Override
    public void forEach(BiConsumer<? super K, ? super V> action) {
        forEach(root, action);
    }

    @SuppressWarnings("unchecked")
    private void forEach(Node node, BiConsumer<? super K, ? super V> action) {
        int nodes = node.content.length - Integer.bitCount(node.nodes);
        for (int i = 0; i < nodes; i += 2) {
            action.accept((K) node.content[i], (V) node.content[i + 1]);
        }
        for (int i = nodes; i < node.content.length; i++) {
            forEach((Node) node.content[i], action);
        }
    }

    @Override
    public Set<Entry<K, V>> entrySet() {
        return new AbstractSet<>() {
            @Override
            public Iterator<Entry<K, V>> iterator() {
                return new Entries();
            }

            @Override
            public int size() {
                return size;
            }
        };
    }

    private final class Entries implements Iterator<Entry<K, V>> {
        private final Deque<Node> others = new ArrayDeque<>();
        private Node node = root;
        private int next;

        Entries() {
            push(root);
        }

        private void push(Node of) {
            int nodes = of.content.length - Integer.bitCount(of.nodes);
            for (int i = of.content.length - 1; i >= nodes; i--) {
                others.push((Node) of.content[i]);
            }
        }

        @Override
        public boolean hasNext() {
            while (next >= node.content.length - Integer.bitCount(node.nodes)) {
                if (others.isEmpty()) {
                    return false;
                }
                node = others.pop();
                next = 0;
                push(node);
            }
            return true;
        }

        @Override
        @SuppressWarnings("unchecked")
        public Entry<K, V> next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            next += 2;
            return Map.entry((K) node.content[next - 2], (V) node.content[next - 1]);
        }
    }
}
