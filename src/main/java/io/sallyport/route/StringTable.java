package io.sallyport.route;

import io.sallyport.net.AsciiCase;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// A hash table, read-only once it is made, whose keys are looked up as the tail of a string, so that no
/// substring is made. Open addressing with linear probing, at most half full, each key beside its value. A large one
/// is in parts, each of which probes for itself: a change copies those that it is in.
///
/// The keys come from the configuration, so a client cannot make them collide. Where they do all the same, and would
/// fill a part, the table is one part.
@SuppressWarnings("NullAway") // It takes elements of an array's arrays for arrays.
final class StringTable<V> {
    private static final int PART_BITS = 9;
    private static final StringTable<?> EMPTY = new StringTable<>(0, PART_BITS, false);

    /// Keys at even places, the value of each behind it.
    private final @Nullable Object[][] parts;
    /// Entries of each part.
    private final int[] sizes;

    private final int shift;
    private final int partShift;
    private int size;
    private final boolean fold;

    /// @param most entries that it has room for
    /// @param partBits a part has as many slots as these can count, or less
    private StringTable(int most, int partBits, boolean fold) {
        int bits = 33 - Integer.numberOfLeadingZeros(Math.max(most, 1));
        int ofPart = Math.min(bits, partBits);
        parts = new @Nullable Object[1 << (bits - ofPart)][2 << ofPart];
        sizes = new int[parts.length];
        shift = Integer.SIZE - bits;
        partShift = shift + ofPart;
        this.fold = fold;
    }

    private StringTable(StringTable<V> other) {
        parts = other.parts.clone();
        sizes = other.sizes.clone();
        shift = other.shift;
        partShift = other.partShift;
        size = other.size;
        fold = other.fold;
    }

    /// @param fold whether look-ups ignore case; the keys must then be in lower case
    @SuppressWarnings("unchecked")
    static <V> StringTable<V> of(Map<String, V> entries, boolean fold) {
        if (entries.isEmpty()) {
            return (StringTable<V>) EMPTY;
        }
        StringTable<V> table = new StringTable<>(entries.size(), PART_BITS, fold);
        if (!table.change(entries, null)) {
            table = new StringTable<>(entries.size(), Integer.SIZE, fold);
            table.change(entries, null);
        }
        return table;
    }

    /// A table with other values for some keys. It shares parts with this one, as long as it has a fitting size.
    ///
    /// @param changes null for a key that is to go
    StringTable<V> changed(Map<String, @Nullable V> changes) {
        if (changes.isEmpty()) {
            return this;
        }
        long most = size + (long) changes.size();
        long places = (long) parts.length * parts[0].length;
        if (4 * most <= places && 32 * most >= places) {
            StringTable<V> table = new StringTable<>(this);
            if (table.change(changes, this)) {
                return table;
            }
        }
        Map<String, V> all = new HashMap<>();
        forEach(all::put);
        changes.forEach((key, value) -> {
            if (value == null) {
                all.remove(key);
            } else {
                all.put(key, value);
            }
        });
        return of(all, fold);
    }

    /// @param shared the table that has the parts as well, which are copied before they change; null where none has
    /// @return false where a part has no room
    private boolean change(Map<String, ? extends @Nullable V> changes, @Nullable StringTable<V> shared) {
        for (Map.Entry<String, ? extends @Nullable V> change : changes.entrySet()) {
            int part = partOf(spread(change.getKey().hashCode()));
            if (shared != null && parts[part] == shared.parts[part]) {
                parts[part] = parts[part].clone();
            }
            V value = change.getValue();
            if (value == null) {
                remove(part, change.getKey());
            } else if (!put(part, change.getKey(), value)) {
                return false;
            }
        }
        return true;
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
        int spread = spread(hash);
        @Nullable Object[] slots = parts[partOf(spread)];
        int mask = slots.length - 1;
        for (int slot = slotOf(spread) & mask; slots[slot] instanceof String key; slot = (slot + 2) & mask) {
            if (key.hashCode() == hash && isTail(key, text, from)) {
                return (V) slots[slot + 1];
            }
        }
        return null;
    }

    /// All values, in no order.
    List<V> values() {
        List<V> values = new ArrayList<>(size);
        forEach((_, value) -> values.add(value));
        return values;
    }

    @SuppressWarnings("unchecked")
    private void forEach(BiConsumer<String, V> visitor) {
        for (@Nullable Object[] slots : parts) {
            for (int slot = 0; slot < slots.length; slot += 2) {
                Object value = slots[slot + 1];
                if (slots[slot] instanceof String key && value != null) {
                    visitor.accept(key, (V) value);
                }
            }
        }
    }

    private boolean put(int part, String key, V value) {
        @Nullable Object[] slots = parts[part];
        int slot = find(slots, key);
        if (slots[slot] == null) {
            // One part of several may have more than its share, but a look-up has to end.
            if (parts.length > 1 && 8 * (sizes[part] + 1) > 3 * slots.length) {
                return false;
            }
            sizes[part]++;
            size++;
        }
        slots[slot] = key;
        slots[slot + 1] = value;
        return true;
    }

    private void remove(int part, String key) {
        @Nullable Object[] slots = parts[part];
        int hole = find(slots, key);
        if (slots[hole] == null) {
            return;
        }
        sizes[part]--;
        size--;
        int mask = slots.length - 1;
        // Those behind it move up, unless that is before their place.
        for (int next = (hole + 2) & mask; slots[next] instanceof String other; next = (next + 2) & mask) {
            if (((next - slotOf(spread(other.hashCode()))) & mask) >= ((next - hole) & mask)) {
                slots[hole] = other;
                slots[hole + 1] = slots[next + 1];
                hole = next;
            }
        }
        slots[hole] = null;
        slots[hole + 1] = null;
    }

    /// Where the key is, or would be.
    private int find(@Nullable Object[] slots, String key) {
        int mask = slots.length - 1;
        int slot = slotOf(spread(key.hashCode())) & mask;
        while (slots[slot] != null && !key.equals(slots[slot])) {
            slot = (slot + 2) & mask;
        }
        return slot;
    }

    /// Fibonacci hashing: spreads the low bits, in which similar names differ, over the whole table.
    private static int spread(int hash) {
        return hash * 0x9E3779B9;
    }

    private int partOf(int spread) {
        return (int) (Integer.toUnsignedLong(spread) >>> partShift);
    }

    /// In all parts, as if they stood one behind the other.
    private int slotOf(int spread) {
        return spread >>> shift << 1;
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
