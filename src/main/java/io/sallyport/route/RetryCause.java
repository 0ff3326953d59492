package io.sallyport.route;

/// How a try ended without a response.
public enum RetryCause {
    /// There was no connection to send the request on.
    NOT_CONNECTED,
    /// The endpoint has not begun with it: REFUSED_STREAM, GOAWAY, or closed before a byte was sent.
    NOT_PROCESSED,
    /// The endpoint may have begun with it: disconnected, reset, or against the protocol.
    RESET,
    /// [RetryPolicy#perTryTimeout] is over, and the request was sent.
    TIMED_OUT
}
