package io.sallyport.config.model;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// `HTTPRoute`: conditions and what to do with a request that meets them.
///
/// @param match any of these; empty matches every request
/// @param timeout of the whole request with its retries; null or zero is off
/// @param mirrorPercent deprecated form of `mirrorPercentage`, whole per cent
/// @param mirrorPercentage 0.0 to 100.0; null is 100
public record HttpRoute(
        String name,
        List<HttpMatchRequest> match,
        List<HttpRouteDestination> route,
        @Nullable HttpRedirect redirect,
        @Nullable HttpDirectResponse directResponse,
        @Nullable Delegate delegate,
        @Nullable HttpRewrite rewrite,
        @Nullable Duration timeout,
        @Nullable HttpRetry retries,
        @Nullable HttpFaultInjection fault,
        @Nullable Destination mirror,
        List<HttpMirrorPolicy> mirrors,
        @Nullable Integer mirrorPercent,
        @Nullable Double mirrorPercentage,
        @Nullable CorsPolicy corsPolicy,
        @Nullable Headers headers,
        Position at) {

    public HttpRoute withMatch(List<HttpMatchRequest> matches) {
        return new HttpRoute(
                name,
                matches,
                route,
                redirect,
                directResponse,
                delegate,
                rewrite,
                timeout,
                retries,
                fault,
                mirror,
                mirrors,
                mirrorPercent,
                mirrorPercentage,
                corsPolicy,
                headers,
                at);
    }
}
