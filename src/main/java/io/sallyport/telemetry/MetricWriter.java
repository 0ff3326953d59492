package io.sallyport.telemetry;

import java.io.IOException;

/// Takes the metrics of a [MetricSource], one sample after the other. What it has taken it does not keep.
public interface MetricWriter extends LabelSink {
    enum Type {
        COUNTER,
        GAUGE,
        HISTOGRAM,
        SUMMARY
    }

    /// Begins a family.
    ///
    /// @param name of a counter without `_total`
    void family(String name, Type type, String help) throws IOException;

    /// Begins a label set, which all samples have until the next begins.
    MetricWriter labels();

    /// Says since when the samples of the label set at hand count; the process's start where nobody says it.
    ///
    /// @param millis since 1970
    MetricWriter since(long millis);

    /// Adds a label.
    @Override
    MetricWriter label(String name, String value);

    /// A sample of a counter or a gauge.
    void sample(double value) throws IOException;

    /// A histogram.
    ///
    /// @param counts of each bucket alone, and of what is above the last bound: valid until the return
    /// @param sum of all values
    void histogram(BucketBounds bounds, long[] counts, double sum) throws IOException;

    /// A summary without quantiles.
    ///
    /// @param sum of all values
    void summary(long count, double sum) throws IOException;
}
