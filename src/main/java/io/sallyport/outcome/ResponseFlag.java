package io.sallyport.outcome;

import org.jspecify.annotations.Nullable;

/// Why a response is what it is, in Envoy's letters (`%RESPONSE_FLAGS%`), so that Istio's dashboards and habits keep
/// working. Each names the status of the local reply that goes with it.
public enum ResponseFlag {
    /// No route configured, or no filter chain for the connection.
    NR(404, "NoRouteFound"),
    /// The route's cluster does not exist.
    NC(503, "NoClusterFound"),
    /// No healthy endpoint.
    UH(503, "NoHealthyUpstream"),
    /// Connecting to the endpoint failed.
    UF(503, "UpstreamConnectionFailure"),
    /// A circuit breaker is open.
    UO(503, "UpstreamOverflow"),
    /// The endpoint closed the connection.
    UC(503, "UpstreamConnectionTermination"),
    /// The endpoint reset the stream.
    UR(503, "UpstreamRemoteReset"),
    /// The retry limit or the connect attempts were used up.
    URX(503, "UpstreamRetryLimitExceeded"),
    /// The endpoint did not answer within the route's timeout.
    UT(504, "UpstreamRequestTimeout"),
    /// The endpoint broke the protocol.
    UPE(502, "UpstreamProtocolError"),
    /// Rate limited.
    RL(429, "RateLimited"),
    /// The client went away.
    DC(499, "DownstreamConnectionTermination"),
    /// The client broke the protocol.
    DPE(400, "DownstreamProtocolError"),
    /// The longest duration of a request, or of a stream, was reached.
    DT(504, "DurationTimeout"),
    /// A stream stood still for too long.
    SI(408, "StreamIdleTimeout"),
    /// A fault was injected: the request was answered by the route's `fault.abort`, with the status that this says.
    FI(503, "FaultInjected"),
    /// A delay was injected by the route's `fault.delay`; no local reply of its own.
    DI(503, "DelayInjected"),
    /// No filter configuration: a generation without what the route needs.
    NFCF(500, "NoFilterConfigFound"),
    /// Denied by authorization policy.
    RBAC(403, "AccessDenied"),
    /// Denied by an external authorization service, or in its absence.
    UAEX(403, "UnauthorizedExternalService");

    private final int status;
    private final String longName;

    ResponseFlag(int status, String longName) {
        this.status = status;
        this.longName = longName;
    }

    /// Those that there are, or `-`, as Envoy writes several flags.
    public static String text(
            @Nullable ResponseFlag first, @Nullable ResponseFlag second, @Nullable ResponseFlag third) {
        if (first == null) {
            return text(second, third);
        }
        return second == null && third == null ? first.name() : first.name() + ',' + text(second, third);
    }

    private static String text(@Nullable ResponseFlag first, @Nullable ResponseFlag second) {
        if (second == null) {
            return first == null ? "-" : first.name();
        }
        return first == null ? second.name() : first.name() + ',' + second.name();
    }

    /// As `%RESPONSE_FLAGS_LONG%` has it.
    public String longName() {
        return longName;
    }

    /// The status of the local reply.
    public int status() {
        return status;
    }
}
