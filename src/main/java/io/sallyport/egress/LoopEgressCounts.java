package io.sallyport.egress;

import io.sallyport.egress.EgressKey.Outcome;
import io.sallyport.outcome.RequestFacts;
import io.sallyport.telemetry.CellTable;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/// One event loop's way from the facts of a request to the cells that count it, as
/// [io.sallyport.telemetry.LoopSeries] is for other metrics: a key seen before costs neither an object nor a
/// lock.
final class LoopEgressCounts {
    private final EgressCounts counts;
    private final Map<EgressKey, AtomicLongArray> overflow = new HashMap<>();
    private final CellTable<EgressKey> table = new CellTable<>(_ -> true);

    LoopEgressCounts(EgressCounts counts) {
        this.counts = counts;
    }

    AtomicLongArray cells(Outcome outcome, RequestFacts facts) {
        int hash = EgressKey.hash(outcome, facts);
        for (int slot = table.first(hash); ; slot = table.next(slot)) {
            CellTable.Entry<EgressKey> entry = table.at(slot);
            if (entry == null) {
                return first(hash, EgressKey.of(outcome, facts), facts.egress.protocol());
            }
            if (entry.hash() == hash && entry.key().matches(outcome, facts)) {
                return entry.cells();
            }
        }
    }

    private AtomicLongArray first(int hash, EgressKey key, @Nullable String protocol) {
        EgressCount count = counts.of(key);
        if (!count.key.equals(key)) {
            // Not into the table: it must not grow with what cannot be told apart.
            return overflow.computeIfAbsent(count.key, _ -> count.cells());
        }
        if (key.outcome() == Outcome.DENIED) {
            count.deniedFirst(protocol);
        }
        AtomicLongArray cells = count.cells();
        table.add(hash, key, cells);
        return cells;
    }
}
