package io.sallyport.telemetry;

import io.sallyport.telemetry.EgressKey.Outcome;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/// One event loop's way from the facts of a request to the cells that count it, as [LoopSeries] is for other metrics: a
/// key seen before costs neither an object nor a lock.
final class LoopEgressCounts {
    private static final int FIRST_CAPACITY = 64;

    private record Entry(int hash, EgressKey key, AtomicLongArray cells) {}

    private final EgressCounts counts;
    private final Map<EgressKey, AtomicLongArray> overflow = new HashMap<>();
    private @Nullable Entry[] table = new @Nullable Entry[FIRST_CAPACITY];
    private int size;

    LoopEgressCounts(EgressCounts counts) {
        this.counts = counts;
    }

    AtomicLongArray cells(Outcome outcome, RequestFacts facts) {
        int hash = EgressKey.hash(outcome, facts);
        int mask = table.length - 1;
        for (int slot = hash & mask; ; slot = slot + 1 & mask) {
            Entry entry = table[slot];
            if (entry == null) {
                return first(hash, EgressKey.of(outcome, facts));
            }
            if (entry.hash == hash && entry.key.matches(outcome, facts)) {
                return entry.cells;
            }
        }
    }

    private AtomicLongArray first(int hash, EgressKey key) {
        EgressCount count = counts.of(key);
        if (!count.key.equals(key)) {
            // Not into the table: it must not grow with what cannot be told apart.
            return overflow.computeIfAbsent(count.key, _ -> count.cells());
        }
        AtomicLongArray cells = count.cells();
        if (++size * 2 > table.length) {
            grow();
        }
        insert(table, new Entry(hash, key, cells));
        return cells;
    }

    private void grow() {
        var larger = new @Nullable Entry[table.length * 2];
        for (Entry entry : table) {
            if (entry != null) {
                insert(larger, entry);
            }
        }
        table = larger;
    }

    private static void insert(@Nullable Entry[] table, Entry entry) {
        int mask = table.length - 1;
        int slot = entry.hash & mask;
        while (table[slot] != null) {
            slot = slot + 1 & mask;
        }
        table[slot] = entry;
    }
}
