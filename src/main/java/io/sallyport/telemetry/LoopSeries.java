package io.sallyport.telemetry;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/// One event loop's way from the facts of a request to the cells that count it: a table with open addressing that
/// compares the facts themselves, so that a combination seen before costs neither an object nor a lock.
final class LoopSeries {
    private static final int FIRST_CAPACITY = 64;

    private record Entry(int hash, SeriesLabels labels, AtomicLongArray cells) {}

    private final SeriesIndex index;
    private final Map<SeriesLabels.Protocol, AtomicLongArray> overflow = new EnumMap<>(SeriesLabels.Protocol.class);
    private @Nullable Entry[] table = new @Nullable Entry[FIRST_CAPACITY];
    private int size;

    LoopSeries(SeriesIndex index) {
        this.index = index;
    }

    AtomicLongArray cells(SeriesLabels.Protocol protocol, RequestFacts facts, int grpcStatus) {
        int hash = SeriesLabels.hash(protocol, facts, grpcStatus);
        int mask = table.length - 1;
        for (int slot = hash & mask; ; slot = slot + 1 & mask) {
            Entry entry = table[slot];
            if (entry == null) {
                return first(hash, SeriesLabels.of(protocol, facts, grpcStatus));
            }
            if (entry.hash == hash && entry.labels.matches(protocol, facts, grpcStatus)) {
                return entry.cells;
            }
        }
    }

    private AtomicLongArray first(int hash, SeriesLabels labels) {
        Series series = index.of(labels);
        if (series == index.overflow(labels.protocol())) {
            // Not into the table: it must not grow with what cannot be told apart.
            return overflow.computeIfAbsent(labels.protocol(), _ -> series.cells());
        }
        AtomicLongArray cells = series.cells();
        if (++size * 2 > table.length) {
            grow();
        }
        insert(table, new Entry(hash, labels, cells));
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
