package io.sallyport.route;

import org.jspecify.annotations.Nullable;

/// A word of `HTTPRetry.retryOn`, with Envoy's meaning (`x-envoy-retry-on`, `x-envoy-retry-grpc-on`). The words for
/// gRPC look at a `grpc-status` in the response's head: that of a call without messages.
public enum RetryCondition {
    /// A status of 500 to 599, or no response at all.
    SERVER_ERROR("5xx"),
    /// 502, 503 or 504, or no response at all.
    GATEWAY_ERROR("gateway-error"),
    /// No response: disconnected, reset, or a try that took too long.
    RESET("reset"),
    /// No response, and the request was not sent.
    RESET_BEFORE_REQUEST("reset-before-request"),
    /// The connection could not be established.
    CONNECT_FAILURE("connect-failure"),
    /// 409.
    RETRIABLE_4XX("retriable-4xx"),
    /// The endpoint says that it has not begun with the request (RFC 9113, 8.7).
    REFUSED_STREAM("refused-stream"),
    /// The statuses given as numbers.
    RETRIABLE_STATUS_CODES("retriable-status-codes"),
    /// Headers that Istio has no field for: never met.
    RETRIABLE_HEADERS("retriable-headers"),
    /// A response with `x-envoy-ratelimited`, which no other condition takes up.
    ENVOY_RATELIMITED("envoy-ratelimited"),
    /// Of HTTP/3, which is not spoken: never met.
    HTTP3_POST_CONNECT_FAILURE("http3-post-connect-failure"),
    CANCELLED("cancelled", 1),
    DEADLINE_EXCEEDED("deadline-exceeded", 4),
    RESOURCE_EXHAUSTED("resource-exhausted", 8),
    INTERNAL("internal", 13),
    UNAVAILABLE("unavailable", 14);

    private static final RetryCondition[] ALL = values();

    private final String word;
    private final int grpcStatus;

    RetryCondition(String word) {
        this(word, -1);
    }

    RetryCondition(String word, int grpcStatus) {
        this.word = word;
        this.grpcStatus = grpcStatus;
    }

    /// As it is written in `retryOn`.
    public String word() {
        return word;
    }

    /// The condition that is written so, or null.
    public static @Nullable RetryCondition of(String word) {
        for (RetryCondition condition : ALL) {
            if (condition.word.equals(word)) {
                return condition;
            }
        }
        return null;
    }

    boolean isGrpc() {
        return grpcStatus >= 0;
    }

    /// The condition that a call's status meets, or null.
    static @Nullable RetryCondition ofGrpc(int status) {
        for (RetryCondition condition : ALL) {
            if (condition.isGrpc() && condition.grpcStatus == status) {
                return condition;
            }
        }
        return null;
    }
}
