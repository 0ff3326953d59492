package io.sallyport.outcome;

import io.sallyport.format.Command.Moment;
import io.sallyport.format.MetricPlan;
import org.jspecify.annotations.Nullable;

/// What is known of one request when it has ended: the input of the access log, the metrics and the traces.
///
/// The proxy fills it in while the request lives, on one event loop, and hands it to a [RequestObserver] once; after
/// that nobody writes to it, so that it may be read on another thread. Fields are public because it is a record of
/// facts without behaviour, written on the hottest path. Texts are kept as they came: whoever prints them escapes
/// them.
public final class RequestFacts {
    /// Wall clock at the request's first byte, milliseconds since 1970.
    public long startMillis;
    /// Monotonic clock at the same moment, nanoseconds.
    public long startNanos;
    /// From the request's head to the end of the exchange, nanoseconds.
    public long durationNanos;
    /// From the request's last byte sent upstream to the response's head received, nanoseconds; -1 where there was
    /// none.
    public long upstreamServiceNanos = -1;

    public String method = "";
    /// As the client sent it, with the query.
    public String path = "";
    public String authority = "";
    /// `HTTP/1.1`, `HTTP/2`.
    public String protocol = "";

    /// Of the response that the client got; 0 where it got none.
    public int status;
    public @Nullable ResponseFlag flag;
    /// DI where a fault of the route delayed it, whatever became of it then: `DI,FI`.
    public @Nullable ResponseFlag faultFlag;
    /// Why the request was not tried again though it should have been: URX where its retries were used up, UO where the
    /// retry budget of its cluster was. Beside [#flag], as Envoy has it: `UF,URX`; alone with a response of the
    /// endpoint.
    public @Nullable ResponseFlag retryFlag;
    /// Envoy's RESPONSE_CODE_DETAILS: `via_upstream`, `route_not_found`, ….
    public String details = "";
    public @Nullable String transportFailure;
    /// Bodies without their framing, bytes.
    public long bytesReceived;
    public long bytesSent;
    public ReportedBytes reported = ReportedBytes.NONE;

    public @Nullable CharSequence forwardedFor;
    public @Nullable CharSequence userAgent;
    public @Nullable CharSequence requestId;
    public @Nullable CharSequence grpcStatus;
    /// The request's content type says gRPC, so Istio's `request_protocol` is `grpc`.
    public boolean grpc;
    /// Null where none were counted.
    public @Nullable GrpcMessages messages;

    /// Of the client's request: trusted hops may say another than the connection's. Empty where there is no request.
    public String scheme = "";
    public ClientFacts client = ClientFacts.NONE;
    /// The mesh client's workload; null on other listeners, where the gateway itself is the source, and where
    /// nothing is known of it.
    public @Nullable WorkloadNames source;

    /// The domain of the virtual host that served it, `*.example.com`; null where none did.
    public @Nullable String virtualHost;
    public @Nullable String routeName;
    /// Its place in the VirtualService's `http` list.
    public int routeIndex;
    /// The VirtualService that routed it, `namespace/name`.
    public @Nullable String virtualService;
    public DestinationFacts destination = DestinationFacts.NONE;
    /// Of the last attempt.
    public EndpointFacts endpoint = EndpointFacts.NONE;
    public EgressFacts egress = EgressFacts.NONE;
    public PolicyFacts policy = PolicyFacts.NONE;
    /// It opened a tunnel, which [RequestObserver#onTunnelStart] has reported.
    public boolean tunnel;
    /// Times that the request was sent upstream.
    public int attempts;
    /// The trace that it belongs to; null where tracing is not configured.
    public @Nullable RequestTrace trace;
    /// What the access log's format wants besides; null where the configuration does not say how to log.
    public @Nullable LoggedFields log;
    /// How it is counted; null for as it is usual.
    public @Nullable MetricPlan metrics;

    /// The route that takes the request.
    public void routed(@Nullable String route, int index, String service) {
        routeName = route;
        routeIndex = index;
        virtualService = service;
    }

    /// An attempt has a connection to the endpoint.
    public void connected(EndpointFacts to) {
        endpoint = to;
        transportFailure = null;
    }

    /// An attempt has found no connection to the endpoint.
    ///
    /// @param tried null where it did not come to one
    public void notConnected(@Nullable String tried, ProxyException failure) {
        // No connection is tried to what the guard denies or no name server knows.
        if (tried != null && failure.flag() == ResponseFlag.UF) {
            endpoint = new EndpointFacts(tried, null, null, null, null);
        }
        transportFailure = failure.details();
    }

    /// The head of the response that is passed on has arrived.
    public void responded(long serviceNanos, @Nullable CharSequence grpc) {
        upstreamServiceNanos = serviceNanos;
        grpcStatus = grpc;
    }

    /// The request or its response was cut.
    public void cut(ResponseFlag by, String reason) {
        flag = by;
        details = reason;
    }

    /// What counts the messages of gRPC.
    public GrpcMessages messages() {
        GrpcMessages counted = messages == null ? new GrpcMessages() : messages;
        messages = counted;
        return counted;
    }

    /// Nanoseconds from one moment to the other; -1 where one of them has not been, or is not known.
    public long between(Moment from, Moment to) {
        LoggedFields fields = log;
        if (fields == null) {
            return -1;
        }
        long start = fields.nanos(from, this);
        long end = fields.nanos(to, this);
        return start == 0 || end == 0 ? -1 : Math.max(0, end - start);
    }

    /// Of the texts that others have sent, characters.
    public int weight() {
        return path.length()
                + method.length()
                + authority.length()
                + details.length()
                + length(userAgent)
                + length(forwardedFor)
                + length(requestId)
                + length(grpcStatus)
                + length(transportFailure)
                + (trace == null ? 0 : trace.weight())
                + (log == null ? 0 : log.weight());
    }

    private static int length(@Nullable CharSequence text) {
        return text == null ? 0 : text.length();
    }

    /// The flags as the access log and the metrics have them: `UF`, `UF,URX`, or `-` for none.
    public String flags() {
        return ResponseFlag.text(faultFlag, flag, retryFlag);
    }
}
