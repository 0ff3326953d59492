package io.sallyport.telemetry;

import io.sallyport.format.Metric;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLongArray;

/// What is counted under one combination of labels: cells for each event loop, which alone writes them, and the sums of
/// all.
public final class Series {
    /// Connections: four counters.
    static final int OPENED = 0;
    static final int CLOSED = 1;
    static final int SENT = 2;
    static final int RECEIVED = 3;
    static final int CONNECTION_CELLS = 4;

    private static final int ALL_SHOWN = -1;

    final ShownLabels labels;
    /// Since when it counts, milliseconds since 1970.
    final long sinceMillis;

    private final int cells;
    private final List<AtomicLongArray> perLoop = new CopyOnWriteArrayList<>();

    final LastUse lastUse = new LastUse();
    private volatile boolean forgotten;
    /// Bits by the ordinals of the metrics that are shown.
    private volatile int shown;

    /// @param cells of each event loop
    Series(ShownLabels labels, int cells) {
        this(labels, cells, System.currentTimeMillis());
    }

    private Series(ShownLabels labels, int cells, long sinceMillis) {
        this.labels = labels;
        this.cells = cells;
        this.sinceMillis = sinceMillis;
    }

    /// What is counted under this one and another with the same labels, to be shown.
    Series with(Series other) {
        Series both = new Series(labels, cells, Math.min(sinceMillis, other.sinceMillis));
        both.perLoop.addAll(perLoop);
        both.perLoop.addAll(other.perLoop);
        both.shown = shown | other.shown;
        return both;
    }

    /// Cells for one more event loop.
    AtomicLongArray cells() {
        var made = new AtomicLongArray(cells);
        perLoop.add(made);
        return made;
    }

    /// All of its metrics are shown from now on.
    void showAll() {
        add(ALL_SHOWN);
    }

    /// Those are, too.
    void show(Set<Metric> metrics) {
        int more = 0;
        for (Metric each : metrics) {
            more |= 1 << each.ordinal();
        }
        if ((shown & more) != more) {
            add(more);
        }
    }

    private synchronized void add(int more) {
        shown |= more;
    }

    boolean shows(Metric metric) {
        return (shown & 1 << metric.ordinal()) != 0;
    }

    boolean isUsed() {
        return !perLoop.isEmpty();
    }

    /// Whether it is no longer shown; what is counted in its cells is lost.
    boolean isForgotten() {
        return forgotten;
    }

    void forget() {
        forgotten = true;
    }

    long sum(int cell) {
        long sum = 0;
        for (AtomicLongArray each : perLoop) {
            sum += each.getOpaque(cell);
        }
        return sum;
    }

    /// Adds on the event loop that owns the cells: no other writes them, so a plain read is enough.
    public static void add(AtomicLongArray cells, int cell, long more) {
        cells.setOpaque(cell, cells.getPlain(cell) + more);
    }
}
