package io.sallyport.telemetry;

import io.prometheus.client.Collector;
import io.sallyport.telemetry.SeriesLabels.Protocol;
import java.util.ArrayList;
import java.util.List;

/// Turns the series into what Prometheus scrapes.
final class RequestCollector extends Collector {
    private static final double NANOS_PER_MILLI = 1e6;

    private final SeriesIndex index;
    private final InstanceLabels instance;

    RequestCollector(SeriesIndex index, InstanceLabels instance) {
        this.index = index;
        this.instance = instance;
    }

    @Override
    public List<MetricFamilySamples> collect() {
        var requests = new Family("istio_requests", Type.COUNTER, "Requests.");
        var durations = new Family("istio_request_duration_milliseconds", Type.HISTOGRAM, "Durations of requests.");
        var requestBytes = new Family("istio_request_bytes", Type.HISTOGRAM, "Sizes of request bodies.");
        var responseBytes = new Family("istio_response_bytes", Type.HISTOGRAM, "Sizes of response bodies.");
        var opened = new Family("istio_tcp_connections_opened", Type.COUNTER, "TCP connections opened.");
        var closed = new Family("istio_tcp_connections_closed", Type.COUNTER, "TCP connections closed.");
        var sent = new Family("istio_tcp_sent_bytes", Type.COUNTER, "Bytes sent to clients of TCP connections.");
        var received = new Family("istio_tcp_received_bytes", Type.COUNTER, "Bytes received from them.");
        for (Series series : counted()) {
            List<String> values = series.labels.values(instance);
            if (series.labels.protocol() == Protocol.TCP) {
                opened.counter(SeriesLabels.CONNECTION_NAMES, values, series.sum(Series.OPENED));
                closed.counter(SeriesLabels.CONNECTION_NAMES, values, series.sum(Series.CLOSED));
                sent.counter(SeriesLabels.CONNECTION_NAMES, values, series.sum(Series.SENT));
                received.counter(SeriesLabels.CONNECTION_NAMES, values, series.sum(Series.RECEIVED));
            } else {
                long count = durations.histogram(values, series, Series.DURATION, NANOS_PER_MILLI);
                requestBytes.histogram(values, series, Series.REQUEST_BYTES, 1);
                responseBytes.histogram(values, series, Series.RESPONSE_BYTES, 1);
                requests.counter(SeriesLabels.REQUEST_NAMES, values, count);
            }
        }
        return List.of(
                requests.samples(),
                durations.samples(),
                requestBytes.samples(),
                responseBytes.samples(),
                opened.samples(),
                closed.samples(),
                sent.samples(),
                received.samples());
    }

    private List<Series> counted() {
        var counted = new ArrayList<>(index.all());
        for (Series overflow : index.overflows()) {
            if (overflow.isUsed()) {
                counted.add(overflow);
            }
        }
        return counted;
    }

    /// The samples of one metric, as they are gathered.
    private static final class Family {
        private static final List<String> BUCKET_NAMES = new ArrayList<>(SeriesLabels.REQUEST_NAMES);

        static {
            BUCKET_NAMES.add("le");
        }

        private final String name;
        private final Type type;
        private final String help;
        private final List<MetricFamilySamples.Sample> samples = new ArrayList<>();

        Family(String name, Type type, String help) {
            this.name = name;
            this.type = type;
            this.help = help;
        }

        void counter(List<String> names, List<String> values, double value) {
            samples.add(new MetricFamilySamples.Sample(name + "_total", names, values, value));
        }

        /// Returns how many values the histogram has counted.
        long histogram(List<String> values, Series series, int histogram, double unit) {
            long count = 0;
            for (int bucket = 0; bucket <= Series.BOUNDS.length; bucket++) {
                count += series.sum(histogram + bucket);
                double bound = bucket < Series.BOUNDS.length ? Series.BOUNDS[bucket] : Double.POSITIVE_INFINITY;
                var bucketValues = new ArrayList<>(values);
                bucketValues.add(doubleToGoString(bound));
                samples.add(new MetricFamilySamples.Sample(name + "_bucket", BUCKET_NAMES, bucketValues, count));
            }
            double sum = series.sum(histogram + Series.SUM) / unit;
            samples.add(new MetricFamilySamples.Sample(name + "_count", SeriesLabels.REQUEST_NAMES, values, count));
            samples.add(new MetricFamilySamples.Sample(name + "_sum", SeriesLabels.REQUEST_NAMES, values, sum));
            return count;
        }

        MetricFamilySamples samples() {
            return new MetricFamilySamples(name, type, help, samples);
        }
    }
}
