package io.sallyport.route;

import java.time.Duration;

/// What is done to requests to see how others bear it (`HTTPFaultInjection`). A delay and an abort are drawn
/// independently; the abort comes after the delay.
///
/// @param delay how long a delayed request waits before it goes on
/// @param delayed which requests are
/// @param abort the answer to an aborted request
/// @param aborted which requests are
public record Fault(Duration delay, Fraction delayed, Abort abort, Fraction aborted) {

    /// How an aborted request is answered.
    public sealed interface Abort {}

    /// `httpStatus`; a gRPC client gets the status that this one maps to.
    ///
    /// @param status 200 to 599
    public record HttpAbort(int status) implements Abort {}

    /// `grpcStatus`; for a client that does not speak gRPC it is a plain 200, as at Envoy.
    ///
    /// @param code 0 to 16
    public record GrpcAbort(int code) implements Abort {}
}
