package io.sallyport.outcome;

import org.jspecify.annotations.Nullable;

/// Why a response is what it is, in Envoy's letters (`%RESPONSE_FLAGS%`), so that Istio's dashboards and habits keep
/// working. Each names the status of the local reply that goes with it.
public enum ResponseFlag {
    /// No route configured, or no filter chain for the connection.
    NR(404),
    /// The route's cluster does not exist.
    NC(503),
    /// No healthy endpoint.
    UH(503),
    /// Connecting to the endpoint failed.
    UF(503),
    /// A circuit breaker is open.
    UO(503),
    /// The endpoint closed the connection.
    UC(503),
    /// The endpoint reset the stream.
    UR(503),
    /// The retry limit or the connect attempts were used up.
    URX(503),
    /// The endpoint did not answer within the route's timeout.
    UT(504),
    /// The endpoint broke the protocol.
    UPE(502),
    /// Rate limited.
    RL(429),
    /// The client went away.
    DC(499),
    /// The client broke the protocol.
    DPE(400),
    /// The longest duration of a request, or of a stream, was reached.
    DT(504),
    /// A stream stood still for too long.
    SI(408),
    /// A fault was injected: the request was answered by the route's `fault.abort`, with the status that this says.
    FI(503),
    /// A delay was injected by the route's `fault.delay`; no local reply of its own.
    DI(503),
    /// No filter configuration: a generation without what the route needs.
    NFCF(500),
    /// Denied by authorization policy.
    RBAC(403),
    /// Denied by an external authorization service, or in its absence.
    UAEX(403);

    private final int status;

    ResponseFlag(int status) {
        this.status = status;
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

    /// The status of the local reply.
    public int status() {
        return status;
    }
}
