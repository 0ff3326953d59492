package io.sallyport.route;

import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// `HTTPRetry.retryOn`: which ends of a try are worth another.
public final class RetryConditions {
    private static final Set<RetryCondition> WITHOUT_RESPONSE =
            EnumSet.of(RetryCondition.SERVER_ERROR, RetryCondition.GATEWAY_ERROR, RetryCondition.RESET);

    /// Istio's default, with no status listed (pilot `retry.go`, `defaultPolicy`): none of these sends a request again
    /// that an endpoint has begun with, but for gRPC's statuses, which say that it may be.
    public static final RetryConditions DEFAULT = new RetryConditions(
            EnumSet.of(
                    RetryCondition.CONNECT_FAILURE,
                    RetryCondition.REFUSED_STREAM,
                    RetryCondition.UNAVAILABLE,
                    RetryCondition.CANCELLED,
                    RetryCondition.RETRIABLE_STATUS_CODES),
            List.of());

    private final EnumSet<RetryCondition> conditions;
    private final Set<Integer> statuses;
    private final boolean gone;
    private final boolean grpc;

    /// @param statuses to retry on; they count without `retriable-status-codes`, too, as in Istio
    public RetryConditions(Set<RetryCondition> conditions, Collection<Integer> statuses) {
        this.conditions = EnumSet.noneOf(RetryCondition.class);
        this.conditions.addAll(conditions);
        this.statuses = new TreeSet<>(statuses);
        gone = conditions.stream().anyMatch(WITHOUT_RESPONSE::contains);
        grpc = conditions.stream().anyMatch(RetryCondition::isGrpc);
    }

    /// After a try without a response.
    public boolean covers(RetryCause cause) {
        return gone
                || switch (cause) {
                    case NOT_CONNECTED ->
                        conditions.contains(RetryCondition.CONNECT_FAILURE)
                                || conditions.contains(RetryCondition.RESET_BEFORE_REQUEST);
                    case NOT_PROCESSED ->
                        conditions.contains(RetryCondition.REFUSED_STREAM)
                                || conditions.contains(RetryCondition.RESET_BEFORE_REQUEST);
                    case RESET, TIMED_OUT -> false;
                };
    }

    /// After a response's head.
    ///
    /// @param status of HTTP
    /// @param grpcStatus -1 where the head has none
    public boolean coversResponse(int status, int grpcStatus) {
        if (grpc && grpcStatus > 0) {
            RetryCondition condition = RetryCondition.ofGrpc(grpcStatus);
            if (condition != null && conditions.contains(condition)) {
                return true;
            }
        }
        return (status >= 500 && status < 600 && conditions.contains(RetryCondition.SERVER_ERROR))
                || (status >= 502 && status <= 504 && conditions.contains(RetryCondition.GATEWAY_ERROR))
                || (status == 409 && conditions.contains(RetryCondition.RETRIABLE_4XX))
                || statuses.contains(status);
    }

    /// Whether there are numbers among the conditions.
    public boolean listsStatuses() {
        return !statuses.isEmpty();
    }

    /// After a response with `x-envoy-ratelimited`.
    public boolean coversRateLimited() {
        return conditions.contains(RetryCondition.ENVOY_RATELIMITED);
    }

    /// Whether a request may be sent again that an endpoint has had: only then is there need to remember its body.
    ///
    /// @param multiplexed the connection is HTTP/2, whose streams can be refused
    public boolean concernsSent(boolean multiplexed, boolean grpcRequest) {
        return gone
                || !statuses.isEmpty()
                || (grpcRequest && grpc)
                || (multiplexed
                        && (conditions.contains(RetryCondition.REFUSED_STREAM)
                                || conditions.contains(RetryCondition.RESET_BEFORE_REQUEST)))
                || conditions.contains(RetryCondition.RETRIABLE_4XX)
                || conditions.contains(RetryCondition.ENVOY_RATELIMITED);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof RetryConditions that
                && conditions.equals(that.conditions)
                && statuses.equals(that.statuses);
    }

    @Override
    public int hashCode() {
        return conditions.hashCode() * 31 + statuses.hashCode();
    }

    /// As `retryOn` would have it.
    @Override
    public String toString() {
        List<String> words = new ArrayList<>();
        conditions.forEach(condition -> words.add(condition.word()));
        statuses.forEach(status -> words.add(status.toString()));
        return String.join(",", words);
    }
}
