package io.sallyport.http;

import java.time.Duration;

/// Bounds on what one connection may make the gateway hold or wait for. They hold alike in both versions of HTTP.
///
/// @param targetBytes longest request target; beyond it 414
/// @param headBytes all header fields of a message together, each with 4 bytes beside its name and value, as in
///     HTTP/1.1; in HTTP/2 `:authority` counts as `host`, and other pseudo-header fields do not count; 431
/// @param headerFields number of header fields; 431
/// @param bodyBytes largest body, or 0 for no bound; 413
/// @param headTimeout from the first byte of a request's head (or the connection's start) to its end; 408
/// @param bodyTimeout longest pause within a request's body; 408
/// @param idleTimeout longest time between requests
/// @param writeTimeout longest time that a peer reads nothing while there is something to write
/// @param concurrentStreams HTTP/2 streams that a peer may have open at once; further ones are refused
/// @param streamWindowBytes HTTP/2 flow-control window of a stream
/// @param connectionWindowBytes HTTP/2 flow-control window of a connection
/// @param requestsPerConnection requests after which a connection is closed, or 0 for no bound
public record HttpLimits(
        int targetBytes,
        int headBytes,
        int headerFields,
        long bodyBytes,
        Duration headTimeout,
        Duration bodyTimeout,
        Duration idleTimeout,
        Duration writeTimeout,
        int concurrentStreams,
        int streamWindowBytes,
        int connectionWindowBytes,
        int requestsPerConnection) {

    /// The longest name of a header field; 431.
    public static final int NAME_BYTES = 256;

    /// The longest method; 400.
    public static final int METHOD_BYTES = 64;

    /// Bytes around a field's name and value: a colon, a blank and the line's end.
    public static final int FIELD_OVERHEAD = 4;

    /// The defaults of the gateway's listeners.
    public static final HttpLimits DEFAULT = new HttpLimits(
            8 * 1024,
            60 * 1024,
            100,
            0,
            Duration.ofSeconds(10),
            Duration.ofSeconds(60),
            Duration.ofSeconds(3600),
            Duration.ofSeconds(300),
            100,
            64 * 1024,
            1024 * 1024,
            0);

    public HttpLimits withHeadBytes(int bytes) {
        return new HttpLimits(
                targetBytes,
                bytes,
                headerFields,
                bodyBytes,
                headTimeout,
                bodyTimeout,
                idleTimeout,
                writeTimeout,
                concurrentStreams,
                streamWindowBytes,
                connectionWindowBytes,
                requestsPerConnection);
    }
}
