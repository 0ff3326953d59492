package io.sallyport.otlp;

import io.netty.buffer.ByteBuf;
import io.sallyport.http.grpc.ProtoWriter;
import io.sallyport.telemetry.BucketBounds;
import io.sallyport.telemetry.MetricWriter;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/// Writes metrics as requests to a collector (opentelemetry-proto `ExportMetricsServiceRequest`, `metrics.proto`). As
/// soon as one is full it is handed over, so that there is memory for one, however many label sets there are: the rest
/// of a family then stands in the next one. Counts are cumulative; labels without a value, which Prometheus takes for
/// none, are left out, and so are families without samples.
final class MetricRequests implements MetricWriter {
    /// Bytes after which a request is handed over, so that it is larger by one data point at most. Collectors accept
    /// 4 MiB by gRPC by default; an event loop is busy with this one for less than a millisecond.
    static final int FULL = 512 * 1024;

    // `Metric`.
    private static final int NAME = 1;
    private static final int DESCRIPTION = 2;
    private static final int GAUGE = 5;
    private static final int SUM = 7;
    private static final int HISTOGRAM = 9;
    private static final int SUMMARY = 11;
    // `Gauge`, `Sum`, `Histogram` and `Summary`.
    private static final int POINT = 1;
    private static final int TEMPORALITY = 2;
    private static final int MONOTONIC = 3;
    private static final int CUMULATIVE = 2;
    // `NumberDataPoint`, `HistogramDataPoint` and `SummaryDataPoint`.
    private static final int START = 2;
    private static final int TIME = 3;
    private static final int AS_DOUBLE = 4;
    private static final int COUNT = 4;
    private static final int SUM_OF_VALUES = 5;
    private static final int BUCKET_COUNTS = 6;
    private static final int EXPLICIT_BOUNDS = 7;
    private static final int ATTRIBUTES = 7;
    private static final int ATTRIBUTES_OF_HISTOGRAM = 9;

    /// Bytes that the length takes as a rule: of a point up to 16 KiB, of all points up to 2 MiB.
    private static final int LENGTH_OF_POINT = 2;

    private static final int LENGTH_OF_ALL = 3;

    private final Resource resource;
    private final long start;
    private final LongSupplier clock;
    private final Taker taker;
    private final Batch batch = new Batch();
    private final ProtoWriter labels = new ProtoWriter();
    private final Attributes attributes = new Attributes(labels, ATTRIBUTES);
    private final Attributes attributesOfHistogram = new Attributes(labels, ATTRIBUTES_OF_HISTOGRAM);
    private String name = "";
    private String help = "";
    private Type type = Type.GAUGE;
    private long since;
    private long time;
    private boolean isOpen;
    private int metricStart;
    private int pointsStart;
    private int points;
    private boolean givenUp;

    /// Gets the requests.
    interface Taker {
        /// @param message valid until the return
        /// @param points data points in it
        /// @return false where the next ones would only be lost, too
        boolean take(ByteBuf message, int points);

        /// Those data points are in no request, since no further one is wanted.
        void skip(int points);
    }

    /// @param start of the process, nanoseconds since 1970
    /// @param clock likewise; a request is of the time at which it begins
    MetricRequests(Resource resource, long start, LongSupplier clock, Taker taker) {
        this.resource = resource;
        this.start = start;
        this.clock = clock;
        this.taker = taker;
        time = now();
    }

    /// A clock that goes back must not make a count end before it begins.
    private long now() {
        return Math.max(start, clock.getAsLong());
    }

    @Override
    public void family(String familyName, Type familyType, String familyHelp) {
        close();
        name = familyName;
        type = familyType;
        help = familyHelp;
    }

    @Override
    public MetricWriter labels() {
        labels.truncate(0);
        since = start;
        return this;
    }

    @Override
    public MetricWriter since(long millis) {
        since = Math.clamp(TimeUnit.MILLISECONDS.toNanos(millis), start, time);
        return this;
    }

    @Override
    public MetricWriter label(String label, String value) {
        if (!value.isEmpty()) {
            (type == Type.HISTOGRAM ? attributesOfHistogram : attributes).instead(label, value);
        }
        return this;
    }

    @Override
    public void sample(double value) {
        int point = begin();
        batch.content().float64(AS_DOUBLE, value);
        end(point);
    }

    @Override
    public void histogram(BucketBounds bounds, long[] counts, double sum) {
        int point = begin();
        ProtoWriter out = batch.content();
        long count = 0;
        int of = out.open(BUCKET_COUNTS);
        for (int i = 0; i <= bounds.size(); i++) {
            count += counts[i];
            out.littleEndian(counts[i]);
        }
        out.close(of);
        int all = out.open(EXPLICIT_BOUNDS);
        for (int i = 0; i < bounds.size(); i++) {
            out.littleEndian(Double.doubleToRawLongBits(bounds.get(i)));
        }
        out.close(all);
        out.fixed64(COUNT, count).float64(SUM_OF_VALUES, sum);
        end(point);
    }

    @Override
    public void summary(long count, double sum) {
        int point = begin();
        batch.content().fixed64(COUNT, count).float64(SUM_OF_VALUES, sum);
        end(point);
    }

    private int begin() {
        if (!isOpen) {
            open();
        }
        ProtoWriter out = batch.content();
        int point = out.open(POINT, LENGTH_OF_POINT);
        out.copy(labels);
        if (type != Type.GAUGE) {
            out.fixed64(START, since);
        }
        out.fixed64(TIME, time);
        return point;
    }

    private void end(int point) {
        batch.content().close(point, LENGTH_OF_POINT);
        points++;
        if (batch.size() >= FULL) {
            close();
            handOver();
        }
    }

    private void open() {
        metricStart = batch.open(resource);
        ProtoWriter out = batch.content().text(NAME, name).text(DESCRIPTION, help);
        pointsStart = out.open(
                switch (type) {
                    case COUNTER -> SUM;
                    case GAUGE -> GAUGE;
                    case HISTOGRAM -> HISTOGRAM;
                    case SUMMARY -> SUMMARY;
                },
                LENGTH_OF_ALL);
        if (type == Type.COUNTER || type == Type.HISTOGRAM) {
            out.number(TEMPORALITY, CUMULATIVE);
        }
        if (type == Type.COUNTER) {
            out.number(MONOTONIC, 1);
        }
        isOpen = true;
    }

    private void close() {
        if (isOpen) {
            batch.content().close(pointsStart, LENGTH_OF_ALL);
            batch.close(metricStart);
            isOpen = false;
        }
    }

    private void handOver() {
        if (givenUp) {
            taker.skip(points);
        } else {
            givenUp = !taker.take(batch.message(), points);
        }
        points = 0;
        batch.clear();
        time = now();
    }

    /// Hands over the last request, when all metrics are written.
    void finish() {
        close();
        if (points > 0) {
            handOver();
        }
    }
}
