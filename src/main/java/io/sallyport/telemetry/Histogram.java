package io.sallyport.telemetry;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicLongArray;

/// One histogram of every series: where its cells are, and how it is shown. It has a cell for each bucket, not
/// cumulated, one for what is above the last, and one for the sum.
final class Histogram {
    private final String name;
    private final String help;
    private final double[] bounds;
    private final BucketBounds shown;
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
        shown = new BucketBounds(bounds);
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
        readBuckets(series, buckets);
        return buckets;
    }

    private void readBuckets(Series series, long[] buckets) {
        for (int i = 0; i < buckets.length; i++) {
            buckets[i] = series.sum(first + i);
        }
    }

    double[] bounds() {
        return bounds.clone();
    }

    /// Writes its family, of which each series gets its samples.
    Samples family(MetricWriter out) throws IOException {
        out.family(name, MetricWriter.Type.HISTOGRAM, help);
        return new Samples(out);
    }

    /// Writes samples of series, with memory for the one at hand.
    final class Samples {
        private final MetricWriter out;
        private final long[] buckets = new long[bounds.length + 1];

        private Samples(MetricWriter out) {
            this.out = out;
        }

        /// Under the labels at hand.
        void write(Series series) throws IOException {
            readBuckets(series, buckets);
            out.histogram(shown, buckets, series.sum(sum()) / unit);
        }
    }
}
