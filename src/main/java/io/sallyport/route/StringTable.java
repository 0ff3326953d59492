package io.sallyport.route;

import io.sallyport.net.AsciiCase;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A hash table, read-only once it is made, whose keys are looked up as the tail of a string, so that no
/// substring is made. Open addressing with linear probing, at most half full, each key beside its value. The
/// keys come from the configuration, so a client cannot make them collide.
final class StringTable<V> {
    private static final StringTable<?> EMPTY = new StringTable<>(0, false);

    /// Keys at even places, the value of each behind it.
    private final @Nullable Object[] slots;

    private final int shift;
    private int size;
    private final boolean fold;

    /// @param most entries that it has room for
    private StringTable(int most, boolean fold) {
        int bits = 33 - Integer.numberOfLeadingZeros(Math.max(most, 1));
        this(new @Nullable Object[2 << bits], 0, 32 - bits, fold);
    }

    private StringTable(@Nullable Object[] slots, int size, int shift, boolean fold) {
        this.slots = slots;
        this.size = size;
        this.shift = shift;
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

    /// A table with other values for some keys: a copy, as long as it has a fitting size.
    ///
    /// @param changes null for a key that is to go
    StringTable<V> changed(Map<String, @Nullable V> changes) {
        int most = size + changes.size();
        boolean fits = 4L * most <= slots.length && 32L * most >= slots.length;
        StringTable<V> table = fits ? new StringTable<>(slots.clone(), size, shift, fold) : resized(most);
        changes.forEach((key, value) -> {
            if (value == null) {
                table.remove(key);
            } else {
                table.put(key, value);
            }
        });
        return table;
    }

    @SuppressWarnings("unchecked")
    private StringTable<V> resized(int most) {
        StringTable<V> table = new StringTable<>(most, fold);
        for (int slot = 0; slot < slots.length; slot += 2) {
            Object value = slots[slot + 1];
            if (slots[slot] instanceof String key && value != null) {
                table.put(key, (V) value);
            }
        }
        return table;
    }

    boolean isEmpty() {
        return size == 0;
    }

    /// The value of the whole string, or null.
    @Nullable
    V get(String text) {
        return size == 0 ? null : getTail(text, 0, fold ? foldedHash(text) : text.hashCode());
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
        int slot = find(key);
        size += slots[slot] == null ? 1 : 0;
        slots[slot] = key;
        slots[slot + 1] = value;
    }

    private void remove(String key) {
        int hole = find(key);
        if (slots[hole] == null) {
            return;
        }
        size--;
        int mask = slots.length - 1;
        // Those behind it move up, unless that is before their place.
        for (int next = (hole + 2) & mask; slots[next] instanceof String other; next = (next + 2) & mask) {
            if (((next - slotOf(other.hashCode())) & mask) >= ((next - hole) & mask)) {
                slots[hole] = other;
                slots[hole + 1] = slots[next + 1];
                hole = next;
            }
        }
        slots[hole] = null;
        slots[hole + 1] = null;
    }

    /// Where the key is, or would be.
    private int find(String key) {
        int slot = slotOf(key.hashCode());
        while (slots[slot] != null && !key.equals(slots[slot])) {
            slot = (slot + 2) & (slots.length - 1);
        }
        return slot;
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
