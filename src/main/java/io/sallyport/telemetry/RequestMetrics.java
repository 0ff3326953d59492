package io.sallyport.telemetry;

import io.netty.util.concurrent.FastThreadLocal;
import io.sallyport.format.Metric;
import io.sallyport.format.MetricPlan;
import io.sallyport.outcome.GrpcMessages;
import io.sallyport.outcome.RequestFacts;
import io.sallyport.outcome.RequestObserver;
import io.sallyport.telemetry.MetricWriter.Type;
import io.sallyport.telemetry.SeriesLabels.Protocol;
import java.io.IOException;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.Supplier;

/// Istio's standard metrics: `istio_requests_total`, `istio_request_duration_milliseconds`, `istio_request_bytes`,
/// `istio_response_bytes`, `istio_request_messages_total`, `istio_response_messages_total` and `istio_tcp_*`, as a
/// gateway reports them (`reporter="source"`).
///
/// Counting a request is a look-up in the event loop's own table and a few additions to memory that nobody else writes;
/// sums over the loops are made when somebody scrapes.
public final class RequestMetrics implements RequestObserver, MetricSource {
    private static final int UNKNOWN_GRPC_STATUS = 2;
    private static final int HIGHEST_GRPC_STATUS = 16;
    private static final double NANOS_PER_MILLI = 1e6;
    private static final Set<Protocol> REQUESTS = EnumSet.of(Protocol.HTTP, Protocol.GRPC);
    private static final Set<Protocol> GRPC = EnumSet.of(Protocol.GRPC);
    private static final Set<Protocol> CONNECTIONS = EnumSet.of(Protocol.TCP);

    /// How many series there may be.
    ///
    /// @param series label combinations
    /// @param labelValues values of each label that a Telemetry sets
    public record Limits(int series, int labelValues) {}

    private final InstanceLabels instance;
    private final Supplier<Collection<String>> clusters;
    private final Histogram durations;
    private final Histogram requestSizes;
    private final Histogram responseSizes;
    private final int requestMessages;
    private final int responseMessages;
    /// What the number of requests has beyond the number of durations, where a Telemetry counts but one of the two.
    private final int beyondDurations;
    /// Requests that were counted as a Telemetry says.
    private final int planned;
    private final SeriesIndex index;
    private final LabelValues labelValues;
    private final FastThreadLocal<LoopSeries> series;

    /// @param instance who reports
    /// @param limits of the number of series
    /// @param clusters names of the clusters that exist: series of others are forgotten
    public RequestMetrics(
            InstanceLabels instance, Limits limits, HistogramBounds bounds, Supplier<Collection<String>> clusters) {
        this.instance = instance;
        this.clusters = clusters;
        durations = new Histogram(
                "istio_request_duration_milliseconds",
                "Durations of requests.",
                doubles(bounds.durations()),
                0,
                NANOS_PER_MILLI);
        requestSizes = new Histogram(
                "istio_request_bytes", "Sizes of request bodies.", doubles(bounds.requestSizes()), durations.end(), 1);
        responseSizes = new Histogram(
                "istio_response_bytes",
                "Sizes of response bodies.",
                doubles(bounds.responseSizes()),
                requestSizes.end(),
                1);
        requestMessages = responseSizes.end();
        responseMessages = requestMessages + 1;
        beyondDurations = responseMessages + 1;
        planned = beyondDurations + 1;
        index = new SeriesIndex(limits.series(), planned + 1);
        labelValues = new LabelValues(limits.labelValues());
        series = new FastThreadLocal<>() {
            @Override
            protected LoopSeries initialValue() {
                return new LoopSeries(index, instance, labelValues);
            }
        };
    }

    private static double[] doubles(List<Double> bounds) {
        return bounds.stream().mapToDouble(Double::doubleValue).toArray();
    }

    @Override
    public void onRequestEnd(RequestFacts facts) {
        Protocol protocol = facts.grpc ? Protocol.GRPC : Protocol.HTTP;
        MetricPlan plan = facts.metrics;
        if (plan != null && !plan.isUsual()) {
            count(plan, protocol, facts);
            return;
        }
        AtomicLongArray cells = series.get().cells(protocol, facts, grpcStatus(facts));
        recordDuration(cells, facts);
        requestSizes.record(cells, facts.bytesReceived, facts.bytesReceived);
        responseSizes.record(cells, facts.bytesSent, facts.bytesSent);
        GrpcMessages messages = facts.messages;
        if (messages != null) {
            Series.add(cells, requestMessages, messages.request);
            Series.add(cells, responseMessages, messages.response);
        }
    }

    private void recordDuration(AtomicLongArray cells, RequestFacts facts) {
        durations.record(cells, facts.durationNanos / NANOS_PER_MILLI, facts.durationNanos);
    }

    private void count(MetricPlan plan, Protocol protocol, RequestFacts facts) {
        for (MetricPlan.Group group : plan.requests(facts.grpc)) {
            AtomicLongArray cells = series.get().cells(protocol, facts, grpcStatus(facts), group);
            Series.add(cells, planned, 1);
            if (group.has(Metric.REQUEST_DURATION)) {
                recordDuration(cells, facts);
            }
            int counted = group.has(Metric.REQUEST_COUNT) ? 1 : 0;
            int timed = group.has(Metric.REQUEST_DURATION) ? 1 : 0;
            Series.add(cells, beyondDurations, counted - timed);
            if (group.has(Metric.REQUEST_SIZE)) {
                requestSizes.record(cells, facts.bytesReceived, facts.bytesReceived);
            }
            if (group.has(Metric.RESPONSE_SIZE)) {
                responseSizes.record(cells, facts.bytesSent, facts.bytesSent);
            }
            GrpcMessages messages = facts.messages;
            if (messages != null && group.has(Metric.GRPC_REQUEST_MESSAGES)) {
                Series.add(cells, requestMessages, messages.request);
            }
            if (messages != null && group.has(Metric.GRPC_RESPONSE_MESSAGES)) {
                Series.add(cells, responseMessages, messages.response);
            }
        }
    }

    @Override
    public void onConnectionStart(RequestFacts facts) {
        add(facts, Metric.TCP_OPENED_CONNECTIONS, Series.OPENED, 1);
    }

    @Override
    public void onConnectionEnd(RequestFacts facts) {
        if (facts.endpoint.address() == null) {
            // It ended before an endpoint was connected, which would have counted it.
            add(facts, Metric.TCP_OPENED_CONNECTIONS, Series.OPENED, 1);
        }
        add(facts, Metric.TCP_CLOSED_CONNECTIONS, Series.CLOSED, 1);
        bytes(facts);
    }

    @Override
    public void onConnectionProgress(RequestFacts facts) {
        bytes(facts);
    }

    private void bytes(RequestFacts facts) {
        add(facts, Metric.TCP_SENT_BYTES, Series.SENT, facts.bytesSent - facts.reported.sent());
        add(facts, Metric.TCP_RECEIVED_BYTES, Series.RECEIVED, facts.bytesReceived - facts.reported.received());
    }

    private void add(RequestFacts facts, Metric metric, int cell, long more) {
        MetricPlan plan = facts.metrics;
        if (plan == null || plan.isUsual()) {
            Series.add(series.get().cells(Protocol.TCP, facts, -1), cell, more);
            return;
        }
        for (MetricPlan.Group group : plan.connections()) {
            if (group.has(metric)) {
                Series.add(series.get().cells(Protocol.TCP, facts, -1, group), cell, more);
            }
        }
    }

    @Override
    public void write(MetricWriter out) throws IOException {
        Collection<Series> all = index.shown(instance);
        out.family("istio_requests", Type.COUNTER, "Requests.");
        each(all, REQUESTS, Metric.REQUEST_COUNT, out, each -> out.sample(requests(each)));
        histogram(all, durations, Metric.REQUEST_DURATION, out);
        histogram(all, requestSizes, Metric.REQUEST_SIZE, out);
        histogram(all, responseSizes, Metric.RESPONSE_SIZE, out);
        out.family("istio_request_messages", Type.COUNTER, "Messages sent within gRPC requests.");
        sums(all, GRPC, Metric.GRPC_REQUEST_MESSAGES, out, requestMessages);
        out.family("istio_response_messages", Type.COUNTER, "Messages sent within gRPC responses.");
        sums(all, GRPC, Metric.GRPC_RESPONSE_MESSAGES, out, responseMessages);
        out.family("istio_tcp_connections_opened", Type.COUNTER, "TCP connections opened.");
        sums(all, CONNECTIONS, Metric.TCP_OPENED_CONNECTIONS, out, Series.OPENED);
        out.family("istio_tcp_connections_closed", Type.COUNTER, "TCP connections closed.");
        sums(all, CONNECTIONS, Metric.TCP_CLOSED_CONNECTIONS, out, Series.CLOSED);
        out.family("istio_tcp_sent_bytes", Type.COUNTER, "Bytes sent to clients of TCP connections.");
        sums(all, CONNECTIONS, Metric.TCP_SENT_BYTES, out, Series.SENT);
        out.family("istio_tcp_received_bytes", Type.COUNTER, "Bytes received from them.");
        sums(all, CONNECTIONS, Metric.TCP_RECEIVED_BYTES, out, Series.RECEIVED);
        labelValues.write(out);
    }

    private long requests(Series each) {
        return durations.count(each) + each.sum(beyondDurations);
    }

    private void histogram(Collection<Series> all, Histogram histogram, Metric metric, MetricWriter out)
            throws IOException {
        each(all, REQUESTS, metric, out, histogram.family(out)::write);
    }

    private void sums(Collection<Series> all, Set<Protocol> of, Metric metric, MetricWriter out, int cell)
            throws IOException {
        each(all, of, metric, out, each -> out.sample(each.sum(cell)));
    }

    private interface Samples {
        void write(Series series) throws IOException;
    }

    private void each(Collection<Series> all, Set<Protocol> of, Metric metric, MetricWriter out, Samples samples)
            throws IOException {
        for (Series each : all) {
            one(each, of, metric, out, samples);
        }
        for (Series each : index.overflows()) {
            if (each.isUsed()) {
                one(each, of, metric, out, samples);
            }
        }
    }

    private void one(Series each, Set<Protocol> of, Metric metric, MetricWriter out, Samples samples)
            throws IOException {
        if (of.contains(each.labels.protocol()) && each.shows(metric)) {
            each.labels.write(instance, out.labels().since(each.sinceMillis));
            samples.write(each);
        }
    }

    @Override
    public void forget(long nowMillis) {
        var destinations = new HashSet<String>();
        for (String cluster : clusters.get()) {
            destinations.add(cluster.substring(cluster.indexOf('|', cluster.indexOf('|') + 1) + 1));
        }
        index.forget(each -> isGone(each, destinations, nowMillis));
        labelValues.retain(index.all());
    }

    private boolean isGone(Series each, Set<String> destinations, long nowMillis) {
        boolean connection = each.labels.protocol() == Protocol.TCP;
        long count = connection
                ? each.sum(Series.OPENED) + each.sum(Series.CLOSED)
                : durations.count(each) + each.sum(planned);
        boolean open = connection
                && each.shows(Metric.TCP_CLOSED_CONNECTIONS)
                && each.sum(Series.OPENED) > each.sum(Series.CLOSED);
        return each.lastUse.isGone(
                count, open || each.labels instanceof SeriesLabels labels && isServed(labels, destinations), nowMillis);
    }

    /// Clusters' names end in `subset|host`; catch-alls have only a name.
    private static boolean isServed(SeriesLabels labels, Set<String> destinations) {
        return labels.host() == null
                || labels.subset() == null && destinations.contains(labels.host())
                || destinations.contains((labels.subset() == null ? "" : labels.subset()) + '|' + labels.host());
    }

    /// The status as a number; what is none is UNKNOWN, as gRPC clients read it, and cannot make a label of its own.
    static int grpcStatus(RequestFacts facts) {
        CharSequence text = facts.grpcStatus;
        if (!facts.grpc || text == null) {
            return -1;
        }
        int status = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < '0' || c > '9' || status > HIGHEST_GRPC_STATUS) {
                return UNKNOWN_GRPC_STATUS;
            }
            status = status * 10 + (c - '0');
        }
        return text.isEmpty() || status > HIGHEST_GRPC_STATUS ? UNKNOWN_GRPC_STATUS : status;
    }
}
