package io.sallyport.telemetry;

import io.sallyport.format.MetricPlan;
import io.sallyport.outcome.RequestFacts;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLongArray;

/// One event loop's way from the facts of a request to the cells that count it: a table with open addressing that
/// compares the facts themselves, so that a combination seen before costs neither an object nor a lock.
public final class LoopSeries {
    private final SeriesIndex index;
    private final InstanceLabels instance;
    private final LabelValues labelValues;
    private final Map<SeriesLabels.Protocol, AtomicLongArray> overflow = new EnumMap<>(SeriesLabels.Protocol.class);
    private final CellTable<Series> table = new CellTable<>(series -> !series.isForgotten());
    /// Of what is not counted as usual.
    private final CellTable<Series> planned = new CellTable<>(series -> !series.isForgotten());

    LoopSeries(SeriesIndex index, InstanceLabels instance, LabelValues labelValues) {
        this.index = index;
        this.instance = instance;
        this.labelValues = labelValues;
    }

    AtomicLongArray cells(SeriesLabels.Protocol protocol, RequestFacts facts, int grpcStatus) {
        int hash = SeriesLabels.hash(protocol, facts, grpcStatus);
        for (int slot = table.first(hash); ; slot = table.next(slot)) {
            CellTable.Entry<Series> entry = table.at(slot);
            if (entry == null) {
                Series series = index.of(SeriesLabels.of(protocol, facts, grpcStatus));
                series.showAll();
                return first(hash, series, table);
            }
            if (entry.hash() == hash
                    && entry.key().labels instanceof SeriesLabels labels
                    && labels.matches(protocol, facts, grpcStatus)
                    && !entry.key().isForgotten()) {
                return entry.cells();
            }
        }
    }

    /// The cells for those metrics.
    AtomicLongArray cells(SeriesLabels.Protocol protocol, RequestFacts facts, int grpcStatus, MetricPlan.Group group) {
        SeriesLabels usual = SeriesLabels.of(protocol, facts, grpcStatus);
        ShownLabels labels =
                group.isUsual() ? usual : EditedLabels.of(usual, group, labelValues.of(group.set(), facts), instance);
        int hash = labels.hashCode();
        for (int slot = planned.first(hash); ; slot = planned.next(slot)) {
            CellTable.Entry<Series> entry = planned.at(slot);
            if (entry == null) {
                Series series = index.of(labels);
                series.show(group.metrics());
                if (group.set().stream().anyMatch(label -> EditedLabels.isUsual(label.name()))) {
                    index.mayRepeat();
                }
                return first(hash, series, planned);
            }
            if (entry.hash() == hash
                    && entry.key().labels.equals(labels)
                    && !entry.key().isForgotten()) {
                entry.key().show(group.metrics());
                return entry.cells();
            }
        }
    }

    private AtomicLongArray first(int hash, Series series, CellTable<Series> table) {
        SeriesLabels.Protocol protocol = series.labels.protocol();
        if (series == index.overflow(protocol)) {
            // Not into the table: it must not grow with what cannot be told apart.
            return overflow.computeIfAbsent(protocol, _ -> series.cells());
        }
        AtomicLongArray cells = series.cells();
        table.add(hash, series, cells);
        return cells;
    }
}
