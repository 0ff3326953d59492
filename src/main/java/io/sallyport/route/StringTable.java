package io.sallyport.route;

import io.sallyport.net.AsciiCase;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A read-only hash table whose keys are looked up as the tail of a string, so that no substring is made. Open
/// addressing with linear probing, at most half full, each key beside its value. The keys come from the
/// configuration, so a client cannot make them collide.
final class StringTable<V> {
    private static final StringTable<?> EMPTY = new StringTable<>(0, false);

    /// Keys at even places, the value of each behind it.
    private final @Nullable Object[] slots;

    private final int shift;
    private final boolean empty;
    private final boolean fold;

    private StringTable(int size, boolean fold) {
        int bits = 33 - Integer.numberOfLeadingZeros(Math.max(size, 1));
        this.slots = new @Nullable Object[2 << bits];
        this.shift = 32 - bits;
        this.empty = size == 0;
        this.fold = fold;
    }

    /// @param fold whether look-ups ignore case; the keys must then be in lower case
    @SuppressWarnings("unchecked")
    static <V> StringTable<V> of(Map<String, V> entries, boolean fold) {
        if (entries.isEmpty()) {
            return (StringTable<V>) EMPTY;
        }
        StringTable<V> table = new StringTable<>(entries.size(), fold);
        entries.forEach(table::put);
        return table;
    }

    boolean isEmpty() {
        return empty;
    }

    /// The value of the whole string, or null.
    @Nullable
    V get(String text) {
        return empty ? null : getTail(text, 0, fold ? foldedHash(text) : text.hashCode());
    }

    /// The value of the string from `from` on, or null.
    ///
    /// @param hash what `text.substring(from).hashCode()` would be
    @SuppressWarnings("unchecked")
    @Nullable
    V getTail(String text, int from, int hash) {
        int slot = slotOf(hash);
        while (slots[slot] instanceof String key) {
            if (key.hashCode() == hash && isTail(key, text, from)) {
                return (V) slots[slot + 1];
            }
            slot = (slot + 2) & (slots.length - 1);
        }
        return null;
    }

    /// All values, in no order.
    @SuppressWarnings("unchecked")
    List<V> values() {
        List<V> values = new ArrayList<>();
        for (int slot = 1; slot < slots.length; slot += 2) {
            Object value = slots[slot];
            if (value != null) {
                values.add((V) value);
            }
        }
        return values;
    }

    private void put(String key, V value) {
        int slot = slotOf(key.hashCode());
        while (slots[slot] != null) {
            slot = (slot + 2) & (slots.length - 1);
        }
        slots[slot] = key;
        slots[slot + 1] = value;
    }

    /// Fibonacci hashing: spreads the low bits, in which similar names differ, over the whole table.
    private int slotOf(int hash) {
        return ((hash * 0x9E3779B9) >>> shift) << 1;
    }

    private boolean isTail(String key, String text, int from) {
        if (key.length() != text.length() - from) {
            return false;
        }
        return fold ? AsciiCase.startsWith(text, key) : text.startsWith(key, from);
    }

    private static int foldedHash(String text) {
        int hash = 0;
        for (int i = 0; i < text.length(); i++) {
            hash = 31 * hash + AsciiCase.lower(text.charAt(i));
        }
        return hash;
    }
}
