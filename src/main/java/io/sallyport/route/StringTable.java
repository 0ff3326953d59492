package io.sallyport.route;

import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A read-only hash table whose keys are looked up as the tail of a string, so that no substring is made. Open
/// addressing
/// with linear probing, at most half full. The keys come from the configuration, so a client cannot make them collide.
final class StringTable<V> {
    private final int[] hashes;
    private final @Nullable String[] keys;
    private final @Nullable Object[] values;
    private final int shift;
    private final int size;
    private final boolean fold;

    private StringTable(int size, boolean fold) {
        int bits = 33 - Integer.numberOfLeadingZeros(Math.max(size, 1));
        this.size = size;
        this.fold = fold;
        this.shift = 32 - bits;
        this.hashes = new int[1 << bits];
        this.keys = new @Nullable String[1 << bits];
        this.values = new @Nullable Object[1 << bits];
    }

    /// @param fold whether look-ups ignore case; the keys must then be in lower case
    static <S, V> StringTable<V> of(Map<String, S> entries, Function<S, V> value, boolean fold) {
        StringTable<V> table = new StringTable<>(entries.size(), fold);
        entries.forEach((key, source) -> table.put(key, value.apply(source)));
        return table;
    }

    boolean isEmpty() {
        return size == 0;
    }

    /// The value of the whole string, or null.
    @Nullable
    V get(String text) {
        return getTail(text, 0, fold ? foldedHash(text) : text.hashCode());
    }

    /// The value of the string from `from` on, or null.
    ///
    /// @param hash what `text.substring(from).hashCode()` would be
    @SuppressWarnings("unchecked")
    @Nullable
    V getTail(String text, int from, int hash) {
        int slot = slotOf(hash);
        while (true) {
            String key = keys[slot];
            if (key == null) {
                return null;
            }
            if (hashes[slot] == hash && isTail(key, text, from)) {
                return (V) values[slot];
            }
            slot = slot + 1 & keys.length - 1;
        }
    }

    private void put(String key, V value) {
        int slot = slotOf(key.hashCode());
        while (keys[slot] != null) {
            slot = slot + 1 & keys.length - 1;
        }
        hashes[slot] = key.hashCode();
        keys[slot] = key;
        values[slot] = value;
    }

    /// Fibonacci hashing: spreads the low bits, in which similar names differ, over the whole table.
    private int slotOf(int hash) {
        return hash * 0x9E3779B9 >>> shift;
    }

    private boolean isTail(String key, String text, int from) {
        if (key.length() != text.length() - from) {
            return false;
        }
        return fold ? AsciiCase.startsWith(text, key, true) : text.startsWith(key, from);
    }

    private static int foldedHash(String text) {
        int hash = 0;
        for (int i = 0; i < text.length(); i++) {
            hash = 31 * hash + AsciiCase.lower(text.charAt(i));
        }
        return hash;
    }
}
