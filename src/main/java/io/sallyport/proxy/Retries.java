package io.sallyport.proxy;

import io.netty.util.AsciiString;
import io.sallyport.cluster.Cluster;
import io.sallyport.http.HeaderNames;
import io.sallyport.http.RequestHead;
import io.sallyport.http.ResponseHead;
import io.sallyport.http.grpc.GrpcResult;
import io.sallyport.outcome.RequestFacts;
import io.sallyport.outcome.ResponseFlag;
import io.sallyport.route.RetryCause;
import io.sallyport.route.RetryConditions;
import io.sallyport.route.RetryPolicy;
import org.jspecify.annotations.Nullable;

/// Decides after each try of one request whether there is another, within the route's policy and the cluster's budget.
///
/// Two kinds of retries are outside the budget, because they add nothing to what the endpoints have to do, and have no
/// pause before them: one after a connection that was gone before the endpoint could begin (gRPC calls it a transparent
/// retry); and one after a connection that could not be made, where another endpoint can be reached as far as is
/// known. In a cluster of which no endpoint can be reached every retry counts.
final class Retries {
    /// The request is not sent again.
    static final long NONE = -1;

    private final RetryPolicy policy;
    private final Cluster cluster;
    private final RoutingContext request;
    private final RequestFacts facts;
    private final boolean idempotent;
    private boolean counted;
    private boolean transparentUsed;

    Retries(RetryPolicy policy, Cluster cluster, RoutingContext request, RequestHead head, RequestFacts facts) {
        this.policy = policy;
        this.cluster = cluster;
        this.request = request;
        this.facts = facts;
        this.idempotent = isIdempotent(head.method);
    }

    /// RFC 9110, 9.2.2.
    private static boolean isIdempotent(String method) {
        return switch (method) {
            case "GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE" -> true;
            default -> false;
        };
    }

    private boolean isLast() {
        return facts.attempts > policy.attempts();
    }

    /// Whether the request may be sent again after it was sent in the try that now begins.
    ///
    /// @param reused whether its connection may turn out to be closed already
    boolean mayReplay(boolean reused, boolean multiplexed) {
        return !isLast()
                && (policy.on().concernsSent(multiplexed, facts.grpc)
                        || (idempotent && (reused || policy.lateTries())));
    }

    /// After a try without a response.
    ///
    /// @param cause null where no try would help
    /// @param gone the connection had ended before the endpoint can have read the request, or most likely so
    /// @return nanoseconds until the next try, or [#NONE]
    long after(@Nullable RetryCause cause, boolean gone) {
        giveBack(false);
        if (cause == null || policy.isOff() || !covers(cause, gone)) {
            return NONE;
        }
        boolean free = gone ? !transparentUsed : cause == RetryCause.NOT_CONNECTED && goesElsewhere();
        transparentUsed |= gone;
        return next(free);
    }

    /// Not where the endpoint's connection was refused just now and it is chosen again all the same.
    private boolean goesElsewhere() {
        return request.hasExcluded() && cluster.offersAnother(request);
    }

    private boolean covers(RetryCause cause, boolean gone) {
        return policy.on().covers(cause)
                || (idempotent && cause == RetryCause.RESET && gone)
                || (idempotent && cause == RetryCause.TIMED_OUT && policy.lateTries());
    }

    /// Whether the policy may have a response with this head followed by another try.
    static boolean judges(RetryPolicy policy, ResponseHead response, @Nullable AsciiString grpcStatus) {
        return !policy.isOff()
                && (response.status >= 400 || grpcStatus != null || policy.on().listsStatuses());
    }

    /// After a response's head.
    ///
    /// @param grpcStatus of the head; null for none
    /// @return nanoseconds until the next try, or [#NONE]
    long after(ResponseHead response, @Nullable AsciiString grpcStatus) {
        boolean again = judges(policy, response, grpcStatus) && covers(response, grpcStatus);
        giveBack(!again);
        return again ? next(false) : NONE;
    }

    /// An endpoint that says why it did not serve is taken at its word (Envoy's `x-envoy-ratelimited` and
    /// `x-envoy-overloaded`).
    private boolean covers(ResponseHead response, @Nullable AsciiString grpcStatus) {
        RetryConditions on = policy.on();
        if (response.headers.contains(HeaderNames.X_ENVOY_RATELIMITED)) {
            return on.coversRateLimited();
        }
        return !response.headers.contains(HeaderNames.X_ENVOY_OVERLOADED)
                && on.coversResponse(response.status, grpcStatus == null ? -1 : GrpcResult.number(grpcStatus));
    }

    private long next(boolean free) {
        if (isLast()) {
            facts.retryFlag = ResponseFlag.URX;
            return NONE;
        }
        if (free) {
            return 0;
        }
        counted = cluster.beginRetry();
        if (!counted) {
            facts.retryFlag = ResponseFlag.UO;
            return NONE;
        }
        return policy.backoffNanos(facts.attempts);
    }

    /// The request is over, whatever became of it.
    void giveBack() {
        giveBack(false);
    }

    private void giveBack(boolean helped) {
        if (counted) {
            counted = false;
            cluster.endRetry(helped);
        }
    }
}
