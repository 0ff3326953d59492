package io.sallyport.telemetry;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicLongArray;

/// One histogram of every series: where its cells are, and how it is shown. It has a cell for each bucket, not
/// cumulated, one for what is above the last, and one for the sum.
final class Histogram {
    private static final byte[] INFINITE = MetricWriter.bound(Double.POSITIVE_INFINITY);

    private final String name;
    private final String help;
    private final double[] bounds;
    private final byte[][] shown;
    private final int first;
    private final double unit;

    /// @param bounds upper ones, rising
    /// @param first its first cell
    /// @param unit what the sum is divided by
    Histogram(String name, String help, double[] bounds, int first, double unit) {
        this.name = name;
        this.help = help;
        this.bounds = bounds;
        this.first = first;
        this.unit = unit;
        shown = new byte[bounds.length][];
        for (int i = 0; i < bounds.length; i++) {
            shown[i] = MetricWriter.bound(bounds[i]);
        }
    }

    /// The first cell after its own.
    int end() {
        return sum() + 1;
    }

    private int sum() {
        return first + bounds.length + 1;
    }

    /// Counts a value, on the event loop of the cells.
    ///
    /// @param value in the unit of the bounds
    /// @param exact what is added to the sum
    void record(AtomicLongArray cells, double value, long exact) {
        int bucket = 0;
        while (bucket < bounds.length && value > bounds[bucket]) {
            bucket++;
        }
        Series.add(cells, first + bucket, 1);
        Series.add(cells, sum(), exact);
    }

    /// How many values were counted.
    long count(Series series) {
        long count = 0;
        for (int cell = first; cell < sum(); cell++) {
            count += series.sum(cell);
        }
        return count;
    }

    /// The cells of its buckets, not cumulated.
    long[] buckets(AtomicLongArray cells) {
        long[] buckets = new long[bounds.length + 1];
        for (int i = 0; i < buckets.length; i++) {
            buckets[i] = cells.getOpaque(first + i);
        }
        return buckets;
    }

    /// The same of all event loops.
    long[] buckets(Series series) {
        long[] buckets = new long[bounds.length + 1];
        for (int i = 0; i < buckets.length; i++) {
            buckets[i] = series.sum(first + i);
        }
        return buckets;
    }

    double[] bounds() {
        return bounds.clone();
    }

    void family(MetricWriter out) throws IOException {
        out.family(name, MetricWriter.Type.HISTOGRAM, help);
    }

    /// Writes the samples of a series under the labels at hand.
    void write(Series series, MetricWriter out) throws IOException {
        long count = 0;
        for (int bucket = 0; bucket < bounds.length; bucket++) {
            count += series.sum(first + bucket);
            out.bucket(shown[bucket], count);
        }
        count += series.sum(first + bounds.length);
        out.bucket(INFINITE, count);
        out.histogram(count, series.sum(sum()) / unit);
    }
}
