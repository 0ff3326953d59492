package io.sallyport.upstream;

/// What one pool of one event loop holds, counted anew from its connections: every connection is in exactly one column.
///
/// @param host the server name that the pool is for, or `""`
/// @param connecting no request can be sent yet
/// @param idle without a stream
/// @param active with at least one stream
/// @param draining ending with their last stream
/// @param streams requests in flight on all of them
/// @param waiting requests that wait for a connection
public record PoolBooks(
        String cluster,
        String endpoint,
        String host,
        int connecting,
        int idle,
        int active,
        int draining,
        int streams,
        int waiting) {

    /// Nothing is in use: each slot that was taken has come back.
    public boolean isQuiet() {
        return connecting == 0 && active == 0 && draining == 0 && streams == 0 && waiting == 0;
    }
}
