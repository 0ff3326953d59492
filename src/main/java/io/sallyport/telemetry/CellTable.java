package io.sallyport.telemetry;

import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/// A table with open addressing from keys to the cells that count them, for one event loop. Who looks something up
/// walks the slots itself and compares with what it has, so that no key need be made for it.
final class CellTable<K> {
    private static final int FIRST_CAPACITY = 64;

    record Entry<K>(int hash, K key, AtomicLongArray cells) {}

    private @Nullable Object[] slots = new @Nullable Object[FIRST_CAPACITY];
    private int size;

    /// The slot that a walk begins with.
    int first(int hash) {
        return hash & slots.length - 1;
    }

    /// The slot behind that one.
    int next(int slot) {
        return slot + 1 & slots.length - 1;
    }

    /// What stands there; null ends the walk.
    @SuppressWarnings("unchecked") // Nothing else is put in.
    @Nullable
    Entry<K> at(int slot) {
        return (Entry<K>) slots[slot];
    }

    /// @param key not in the table
    void add(int hash, K key, AtomicLongArray cells) {
        if (++size * 2 > slots.length) {
            grow();
        }
        insert(new Entry<>(hash, key, cells));
    }

    private void grow() {
        @Nullable Object[] before = slots;
        slots = new @Nullable Object[before.length * 2];
        for (Object entry : before) {
            if (entry != null) {
                insert((Entry<?>) entry);
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
