package io.sallyport.upstream;

import java.util.List;

/// What one pool of one event loop holds, counted from its connections; each connection is in exactly one state.
///
/// @param host the server name that the pool is for, or `""`
/// @param connecting no request can be sent yet
/// @param idle without a stream
/// @param active with at least one stream
/// @param draining ending with their last stream
/// @param streams requests in flight on all of them
/// @param waiting requests that wait for a connection
public record PoolUsage(
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

    /// @param dialling how many the pool believes to be connecting
    /// @throws IllegalStateException where the pool's own counts differ
    static PoolUsage of(
            String cluster, String endpoint, String host, List<PooledConnection> all, int dialling, int waiting) {
        int connecting = 0;
        int idle = 0;
        int active = 0;
        int draining = 0;
        int streams = 0;
        for (PooledConnection connection : all) {
            streams += connection.streams();
            switch (connection.state) {
                case CONNECTING -> connecting++;
                case DRAINING -> draining++;
                case OPEN -> {
                    if (connection.streams() == 0) {
                        idle++;
                    } else {
                        active++;
                    }
                }
                case CLOSED -> throw new IllegalStateException("a closed connection in the pool of " + endpoint);
            }
        }
        if (connecting != dialling) {
            throw new IllegalStateException(dialling + " connections being made, " + connecting + " in the pool");
        }
        return new PoolUsage(cluster, endpoint, host, connecting, idle, active, draining, streams, waiting);
    }
}
