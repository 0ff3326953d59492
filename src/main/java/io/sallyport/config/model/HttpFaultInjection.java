package io.sallyport.config.model;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// `HTTPFaultInjection`: delay or abort a part of the requests.
public record HttpFaultInjection(
        @Nullable Delay delay, @Nullable Abort abort, Position at) {

    /// `HTTPFaultInjection.Delay`: exactly one of the two delays.
    ///
    /// @param percent deprecated form of `percentage`, whole per cent; 0 is absent
    /// @param percentage 0.0 to 100.0; null is none
    public record Delay(
            int percent,
            @Nullable Duration fixedDelay,
            @Nullable Duration exponentialDelay,
            @Nullable Double percentage) {}

    /// `HTTPFaultInjection.Abort`: exactly one of the three errors.
    ///
    /// @param httpStatus 200 to 599
    /// @param grpcStatus the name of a [GrpcStatus]
    /// @param percentage 0.0 to 100.0; null is none
    public record Abort(
            @Nullable Integer httpStatus,
            @Nullable String grpcStatus,
            @Nullable String http2Error,
            @Nullable Double percentage) {}
}
