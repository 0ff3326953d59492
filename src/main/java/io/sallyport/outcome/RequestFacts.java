package io.sallyport.outcome;

import io.sallyport.format.Command.Moment;
import io.sallyport.format.MetricPlan;
import java.net.SocketAddress;
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
    /// Of a connection, those that [RequestObserver#onConnectionProgress] has reported.
    public long reportedReceived;
    public long reportedSent;

    public @Nullable CharSequence forwardedFor;
    public @Nullable CharSequence userAgent;
    public @Nullable CharSequence requestId;
    public @Nullable CharSequence grpcStatus;
    /// The request's content type says gRPC, so Istio's `request_protocol` is `grpc`.
    public boolean grpc;
    /// Messages of gRPC that were sent to the endpoint, and that it has sent.
    public long requestMessages;
    public long responseMessages;

    /// Of the client's request: trusted hops may say another than the connection's. Empty where there is no request.
    public String scheme = "";
    /// The client: the peer, or who trusted hops say it is.
    public @Nullable SocketAddress downstreamRemote;
    /// The peer where the client is another; null where it is the client itself.
    public @Nullable SocketAddress downstreamPeer;
    public @Nullable SocketAddress downstreamLocal;
    public @Nullable String requestedServerName;
    /// The client's verified SPIFFE id or first URI SAN.
    public @Nullable String downstreamPrincipal;
    public boolean downstreamTls;
    /// The client has shown a certificate that was verified.
    public boolean downstreamVerified;
    /// The mesh client's workload; null on other listeners, where the gateway itself is the source, and where
    /// nothing is known of it.
    public @Nullable WorkloadNames source;

    /// The Gateway server's port number.
    public int port;
    /// The domain of the virtual host that served it, `*.example.com`; null where none did.
    public @Nullable String virtualHost;
    public @Nullable String routeName;
    /// Its place in the VirtualService's `http` list.
    public int routeIndex;
    /// The VirtualService that routed it, `namespace/name`.
    public @Nullable String virtualService;
    /// `outbound|80|v1|payments.default.svc.cluster.local`.
    public @Nullable String cluster;
    public @Nullable String destinationHost;
    public @Nullable String destinationSubset;
    /// That host's namespace and what else is known of it; null where nothing is.
    public @Nullable WorkloadNames destinationService;
    /// The endpoint's address that was used.
    public @Nullable String upstreamHost;
    public @Nullable SocketAddress upstreamLocal;
    /// The endpoint's verified SPIFFE id.
    public @Nullable String upstreamPrincipal;
    /// The SPIFFE id that the gateway has shown to it.
    public @Nullable String ownPrincipal;
    /// The endpoint's workload; null where nothing is known of it.
    public @Nullable WorkloadNames destination;
    /// The host that a mesh client's request names, canonical and without port; null on other listeners.
    public @Nullable String egressHost;
    /// The port of that host.
    public int egressPort;
    /// `HTTP`, `TLS` or `TCP`: what the client speaks to it.
    public @Nullable String egressProtocol;
    /// The entry of the egress list that let it out, `ServiceEntry default/partner-api`; null where it was denied.
    public @Nullable String egressPermit;
    /// The host pattern of that entry, `*.example.com`; null where it is that host itself.
    public @Nullable String egressPattern;
    /// Why it was denied, as one line for the log; null where it was not, or where the details say all.
    public @Nullable String egressDenial;
    /// The AuthorizationPolicy that denied it, `namespace/name`; empty where ALLOW policies applied and none
    /// allowed it; null where no policy denied it.
    public @Nullable String deniedBy;
    /// What policies on trial (`istio.io/dry-run`) would have denied it with, in the words of [#details]; null
    /// where they would not.
    public @Nullable String policyTrial;
    /// The provider of the external authorizer that was asked about it last; null for none.
    public @Nullable String authorizer;
    /// The AUDIT policy that it matched, `namespace/name`; null for none.
    public @Nullable String audited;
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

    /// The service that it is to be sent to.
    ///
    /// @param service null where it belongs to no namespace
    public void headedFor(@Nullable String host, @Nullable String subset, @Nullable WorkloadNames service) {
        destinationHost = host;
        destinationSubset = subset;
        destinationService = service;
    }

    /// An attempt has a connection to the endpoint.
    public void connected(String endpoint, SocketAddress local) {
        upstreamHost = endpoint;
        upstreamLocal = local;
        transportFailure = null;
    }

    /// Who that endpoint is.
    ///
    /// @param identity verified; null where it has shown none
    /// @param own that it was shown; null likewise
    public void identified(@Nullable WorkloadNames workload, @Nullable String identity, @Nullable String own) {
        destination = workload;
        upstreamPrincipal = identity;
        ownPrincipal = own;
    }

    /// An attempt has found no connection to the endpoint.
    ///
    /// @param endpoint null where it did not come to one
    public void notConnected(@Nullable String endpoint, ProxyException failure) {
        // No connection is tried to what the guard denies or no name server knows.
        if (endpoint != null && failure.flag() == ResponseFlag.UF) {
            upstreamHost = endpoint;
            upstreamLocal = null;
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
