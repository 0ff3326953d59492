package io.sallyport.config.model;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// `HTTPRetry`.
///
/// @param attempts how many retries after the first try; 0 turns retries off
/// @param perTryTimeout null is the route's timeout; zero is off
/// @param retryOn conditions and status codes, separated by commas; `""` is Istio's default list
/// @param backoff base interval between tries; null is 25 ms
public record HttpRetry(
        int attempts,
        @Nullable Duration perTryTimeout,
        String retryOn,
        @Nullable Boolean retryRemoteLocalities,
        @Nullable Boolean retryIgnorePreviousHosts,
        @Nullable Duration backoff,
        Position at) {}
