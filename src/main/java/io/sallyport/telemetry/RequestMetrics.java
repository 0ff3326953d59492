package io.sallyport.telemetry;

import io.netty.util.concurrent.FastThreadLocal;
import io.sallyport.outcome.RequestFacts;
import io.sallyport.outcome.RequestObserver;
import io.sallyport.telemetry.MetricWriter.Type;
import io.sallyport.telemetry.SeriesLabels.Protocol;
import java.io.IOException;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

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

    /// @param host `payments.default.svc.cluster.local`
    /// @param subset null where there is none
    public record Destination(String host, @Nullable String subset) {}

    private final InstanceLabels instance;
    private final Supplier<Collection<String>> clusters;
    private final Histogram durations;
    private final Histogram requestSizes;
    private final Histogram responseSizes;
    private final int requestMessages;
    private final int responseMessages;
    private final SeriesIndex index;
    private final FastThreadLocal<LoopSeries> series;

    /// @param instance who reports
    /// @param maxSeries label combinations that are told apart
    /// @param clusters names of the clusters that exist: series of others are forgotten
    public RequestMetrics(
            InstanceLabels instance, int maxSeries, HistogramBounds bounds, Supplier<Collection<String>> clusters) {
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
        index = new SeriesIndex(maxSeries, responseMessages + 1);
        series = new FastThreadLocal<>() {
            @Override
            protected LoopSeries initialValue() {
                return new LoopSeries(index);
            }
        };
    }

    private static double[] doubles(List<Double> bounds) {
        return bounds.stream().mapToDouble(Double::doubleValue).toArray();
    }

    @Override
    public void onRequestEnd(RequestFacts facts) {
        Protocol protocol = facts.grpc ? Protocol.GRPC : Protocol.HTTP;
        AtomicLongArray cells = series.get().cells(protocol, facts, grpcStatus(facts));
        durations.record(cells, facts.durationNanos / NANOS_PER_MILLI, facts.durationNanos);
        requestSizes.record(cells, facts.bytesReceived, facts.bytesReceived);
        responseSizes.record(cells, facts.bytesSent, facts.bytesSent);
        if (facts.grpc) {
            Series.add(cells, requestMessages, facts.requestMessages);
            Series.add(cells, responseMessages, facts.responseMessages);
        }
    }

    @Override
    public void onConnectionStart(RequestFacts facts) {
        Series.add(series.get().cells(Protocol.TCP, facts, -1), Series.OPENED, 1);
    }

    @Override
    public void onConnectionEnd(RequestFacts facts) {
        AtomicLongArray cells = series.get().cells(Protocol.TCP, facts, -1);
        if (facts.upstreamHost == null) {
            // It ended before an endpoint was connected, which would have counted it.
            Series.add(cells, Series.OPENED, 1);
        }
        Series.add(cells, Series.CLOSED, 1);
        Series.add(cells, Series.SENT, facts.bytesSent);
        Series.add(cells, Series.RECEIVED, facts.bytesReceived);
    }

    @Override
    public void write(MetricWriter out) throws IOException {
        out.family("istio_requests", Type.COUNTER, "Requests.");
        each(REQUESTS, out, each -> out.sample(durations.count(each)));
        for (Histogram histogram : List.of(durations, requestSizes, responseSizes)) {
            histogram.family(out);
            each(REQUESTS, out, each -> histogram.write(each, out));
        }
        sums(out, GRPC, "istio_request_messages", "Messages sent within gRPC requests.", requestMessages);
        sums(out, GRPC, "istio_response_messages", "Messages sent within gRPC responses.", responseMessages);
        sums(out, CONNECTIONS, "istio_tcp_connections_opened", "TCP connections opened.", Series.OPENED);
        sums(out, CONNECTIONS, "istio_tcp_connections_closed", "TCP connections closed.", Series.CLOSED);
        sums(out, CONNECTIONS, "istio_tcp_sent_bytes", "Bytes sent to clients of TCP connections.", Series.SENT);
        sums(out, CONNECTIONS, "istio_tcp_received_bytes", "Bytes received from them.", Series.RECEIVED);
    }

    private void sums(MetricWriter out, Set<Protocol> of, String name, String help, int cell) throws IOException {
        out.family(name, Type.COUNTER, help);
        each(of, out, each -> out.sample(each.sum(cell)));
    }

    private interface Samples {
        void write(Series series) throws IOException;
    }

    /// Not from a copy of all series: there may be a million.
    private void each(Set<Protocol> of, MetricWriter out, Samples samples) throws IOException {
        for (Series each : index.all()) {
            one(each, of, out, samples);
        }
        for (Series each : index.overflows()) {
            if (each.isUsed()) {
                one(each, of, out, samples);
            }
        }
    }

    private void one(Series each, Set<Protocol> of, MetricWriter out, Samples samples) throws IOException {
        if (of.contains(each.labels.protocol())) {
            each.labels.write(instance, out);
            samples.write(each);
        }
    }

    /// What destinations were like lately.
    public TrafficWindow<Destination> traffic() {
        return new TrafficWindow<>(this::counts, durations.bounds(), System::nanoTime);
    }

    private Map<Destination, TrafficCount> counts() {
        Map<Destination, TrafficCount> counts = new HashMap<>();
        for (Series each : index.all()) {
            SeriesLabels labels = each.labels;
            if (labels.host() != null && REQUESTS.contains(labels.protocol())) {
                long failures = ServerFailure.is(labels.status(), labels.grpcStatus()) ? durations.count(each) : 0;
                counts.merge(
                        new Destination(labels.host(), labels.subset()),
                        new TrafficCount(durations.buckets(each), failures),
                        TrafficCount::plus);
            }
        }
        return counts;
    }

    @Override
    public void forget(long nowMillis) {
        var destinations = new HashSet<String>();
        for (String cluster : clusters.get()) {
            destinations.add(cluster.substring(cluster.indexOf('|', cluster.indexOf('|') + 1) + 1));
        }
        index.forget(each -> isGone(each, destinations, nowMillis));
    }

    private boolean isGone(Series each, Set<String> destinations, long nowMillis) {
        boolean connection = each.labels.protocol() == Protocol.TCP;
        long count = connection ? each.sum(Series.OPENED) + each.sum(Series.CLOSED) : durations.count(each);
        boolean open = connection && each.sum(Series.OPENED) > each.sum(Series.CLOSED);
        return each.lastUse.isGone(count, open || isServed(each.labels, destinations), nowMillis);
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
