package io.sallyport.telemetry;

import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// A table with open addressing from keys to the cells that count them, for one event loop. Who looks something up
/// walks the slots itself and compares with what it has, so that no key need be made for it.
public final class CellTable<K> {
    private static final int FIRST_CAPACITY = 64;

    public record Entry<K>(int hash, K key, AtomicLongArray cells) {}

    private @Nullable Object[] slots = new @Nullable Object[FIRST_CAPACITY];
    private final Predicate<K> inUse;
    private int size;

    /// @param inUse false where a key may be dropped when room is needed
    public CellTable(Predicate<K> inUse) {
        this.inUse = inUse;
    }

    /// The slot that a walk begins with.
    public int first(int hash) {
        return hash & slots.length - 1;
    }

    /// The slot behind that one.
    public int next(int slot) {
        return slot + 1 & slots.length - 1;
    }

    /// What stands there; null ends the walk.
    @SuppressWarnings("unchecked") // Nothing else is put in.
    @Nullable
    public Entry<K> at(int slot) {
        return (Entry<K>) slots[slot];
    }

    /// @param key not in the table
    public void add(int hash, K key, AtomicLongArray cells) {
        if (++size * 2 > slots.length) {
            grow();
        }
        insert(new Entry<>(hash, key, cells));
    }

    /// Makes room: drops entries that are not in use and, if more than half of the entries remain, doubles the
    /// table.
    private void grow() {
        @Nullable Object[] before = slots;
        int kept = 0;
        for (int slot = 0; slot < before.length; slot++) {
            Entry<K> entry = at(slot);
            if (entry != null && inUse.test(entry.key())) {
                kept++;
            }
        }
        slots = new @Nullable Object[kept * 4 > before.length ? before.length * 2 : before.length];
        size = kept + 1;
        for (Object each : before) {
            @SuppressWarnings("unchecked") // Nothing else is put in.
            Entry<K> entry = (Entry<K>) each;
            if (entry != null && inUse.test(entry.key())) {
                insert(entry);
            }
        }
    }

    private void insert(Entry<?> entry) {
        int slot = first(entry.hash());
        while (slots[slot] != null) {
            slot = next(slot);
        }
        slots[slot] = entry;
    }
}
