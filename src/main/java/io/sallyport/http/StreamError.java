package io.sallyport.http;

/// Why a stream ended early, as far as the reaction to it depends on the cause.
public enum StreamError {
    /// The peer closed the connection, or the network broke it.
    CONNECTION_CLOSED,
    /// The peer cut this stream alone (RST_STREAM), or the gateway does so without blaming the peer.
    CANCEL,
    /// The peer did not begin to process the request: REFUSED_STREAM, or GOAWAY with a lower last stream. Safe to send
    /// again.
    REFUSED,
    /// The peer's bytes broke the protocol.
    PROTOCOL_ERROR,
    /// A head over its limits.
    HEAD_TOO_LARGE,
    /// The head is over the limit that the peer announced, and was not sent (RFC 9113, 6.5.2).
    HEAD_REFUSED,
    /// The endpoint has not announced what the request needs of HTTP/2, and was not sent it (RFC 8441, 3).
    UNSUPPORTED,
    /// A body over its limit.
    BODY_TOO_LARGE,
    /// The peer did not send, or did not read, in time.
    TIMEOUT,
    /// The gateway failed.
    INTERNAL_ERROR
}
