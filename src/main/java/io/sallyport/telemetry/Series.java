package io.sallyport.telemetry;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLongArray;

/// What is counted under one combination of labels: cells for each event loop, which alone writes them, and the sums of
/// all.
///
/// Histograms take [#HISTOGRAM_CELLS] cells each: one a bucket, not cumulated, one for what is above the last, and the
/// sum.
final class Series {
    /// Upper bounds of the buckets, as Envoy has them for durations and sizes alike.
    static final double[] BOUNDS = {
        0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000, 300_000, 600_000, 1_800_000,
        3_600_000
    };

    static final int SUM = BOUNDS.length + 1;
    static final int HISTOGRAM_CELLS = BOUNDS.length + 2;

    /// Requests: three histograms.
    static final int DURATION = 0;
    static final int REQUEST_BYTES = HISTOGRAM_CELLS;
    static final int RESPONSE_BYTES = 2 * HISTOGRAM_CELLS;
    /// Connections: four counters.
    static final int OPENED = 0;
    static final int CLOSED = 1;
    static final int SENT = 2;
    static final int RECEIVED = 3;

    final SeriesLabels labels;
    private final List<AtomicLongArray> perLoop = new CopyOnWriteArrayList<>();

    Series(SeriesLabels labels) {
        this.labels = labels;
    }

    /// Cells for one more event loop.
    AtomicLongArray cells() {
        var cells = new AtomicLongArray(
                labels.protocol() == SeriesLabels.Protocol.TCP ? RECEIVED + 1 : 3 * HISTOGRAM_CELLS);
        perLoop.add(cells);
        return cells;
    }

    boolean isUsed() {
        return !perLoop.isEmpty();
    }

    long sum(int cell) {
        long sum = 0;
        for (AtomicLongArray cells : perLoop) {
            sum += cells.getOpaque(cell);
        }
        return sum;
    }

    /// Adds on the event loop that owns the cells: no other writes them, so a plain read is enough.
    static void add(AtomicLongArray cells, int cell, long more) {
        cells.setOpaque(cell, cells.getPlain(cell) + more);
    }

    /// Counts a value in a histogram.
    ///
    /// @param value in the unit of the bounds
    /// @param exact what is added to the sum, in any unit
    static void record(AtomicLongArray cells, int histogram, double value, long exact) {
        int bucket = 0;
        while (bucket < BOUNDS.length && value > BOUNDS[bucket]) {
            bucket++;
        }
        add(cells, histogram + bucket, 1);
        add(cells, histogram + SUM, exact);
    }
}
