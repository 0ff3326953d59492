package io.sallyport.telemetry;

import io.netty.util.concurrent.FastThreadLocal;
import io.prometheus.client.CollectorRegistry;
import io.sallyport.telemetry.SeriesLabels.Protocol;
import java.util.concurrent.atomic.AtomicLongArray;

/// Istio's standard metrics: `istio_requests_total`, `istio_request_duration_milliseconds`, `istio_request_bytes`,
/// `istio_response_bytes` and `istio_tcp_*`, as a gateway reports them (`reporter="source"`).
///
/// Counting a request is a look-up in the event loop's own table and a few additions to memory that nobody else writes;
/// sums over the loops are made when somebody scrapes.
public final class RequestMetrics implements RequestObserver {
    private static final int UNKNOWN_GRPC_STATUS = 2;
    private static final int HIGHEST_GRPC_STATUS = 16;

    private final SeriesIndex index;
    private final FastThreadLocal<LoopSeries> series;

    /// @param instance who reports
    /// @param maxSeries label combinations that are told apart
    public RequestMetrics(CollectorRegistry registry, InstanceLabels instance, int maxSeries) {
        index = new SeriesIndex(maxSeries);
        series = new FastThreadLocal<>() {
            @Override
            protected LoopSeries initialValue() {
                return new LoopSeries(index);
            }
        };
        new RequestCollector(index, instance).register(registry);
    }

    @Override
    public void onRequestEnd(RequestFacts facts) {
        Protocol protocol = facts.grpc ? Protocol.GRPC : Protocol.HTTP;
        AtomicLongArray cells = series.get().cells(protocol, facts, grpcStatus(facts));
        Series.record(cells, Series.DURATION, facts.durationNanos / 1e6, facts.durationNanos);
        Series.record(cells, Series.REQUEST_BYTES, facts.bytesReceived, facts.bytesReceived);
        Series.record(cells, Series.RESPONSE_BYTES, facts.bytesSent, facts.bytesSent);
    }

    @Override
    public void onConnectionStart(RequestFacts facts) {
        Series.add(series.get().cells(Protocol.TCP, facts, -1), Series.OPENED, 1);
    }

    @Override
    public void onConnectionEnd(RequestFacts facts) {
        AtomicLongArray cells = series.get().cells(Protocol.TCP, facts, -1);
        Series.add(cells, Series.CLOSED, 1);
        Series.add(cells, Series.SENT, facts.bytesSent);
        Series.add(cells, Series.RECEIVED, facts.bytesReceived);
    }

    /// The status as a number; what is none is UNKNOWN, as gRPC clients read it, and cannot make a label of its own.
    private static int grpcStatus(RequestFacts facts) {
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
