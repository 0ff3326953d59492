package io.sallyport.telemetry;

import io.sallyport.outcome.RequestFacts;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLongArray;

/// One event loop's way from the facts of a request to the cells that count it: a table with open addressing that
/// compares the facts themselves, so that a combination seen before costs neither an object nor a lock.
public final class LoopSeries {
    private final SeriesIndex index;
    private final Map<SeriesLabels.Protocol, AtomicLongArray> overflow = new EnumMap<>(SeriesLabels.Protocol.class);
    private final CellTable<Series> table = new CellTable<>(series -> !series.isForgotten());

    LoopSeries(SeriesIndex index) {
        this.index = index;
    }

    AtomicLongArray cells(SeriesLabels.Protocol protocol, RequestFacts facts, int grpcStatus) {
        int hash = SeriesLabels.hash(protocol, facts, grpcStatus);
        for (int slot = table.first(hash); ; slot = table.next(slot)) {
            CellTable.Entry<Series> entry = table.at(slot);
            if (entry == null) {
                return first(hash, SeriesLabels.of(protocol, facts, grpcStatus));
            }
            if (entry.hash() == hash
                    && entry.key().labels.matches(protocol, facts, grpcStatus)
                    && !entry.key().isForgotten()) {
                return entry.cells();
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
        table.add(hash, series, cells);
        return cells;
    }
}
