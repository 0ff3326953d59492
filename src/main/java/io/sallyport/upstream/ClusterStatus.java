package io.sallyport.upstream;

import java.net.SocketAddress;
import java.util.List;

/// A cluster as the admin API and the metrics show it, at one moment.
///
/// @param closed it belongs to no generation; requests that began before may still use it
/// @param requestsActive sent or waiting for a connection
/// @param connectionsTotal that became ready for requests
/// @param connectFailures that did not, for any reason
/// @param noEndpointTotal requests for which no endpoint was there
public record ClusterStatus(
        ClusterSpec spec,
        boolean closed,
        long requestsActive,
        long requestsTotal,
        long connectionsTotal,
        long connectFailures,
        long connectTimeouts,
        long tlsFailures,
        long noEndpointTotal,
        List<EndpointStatus> endpoints) {

    /// @param addresses none while the name is not resolved
    /// @param errorsTotal responses with a status of 500 or above
    /// @param failuresTotal requests without a complete response
    public record EndpointStatus(
            EndpointSpec spec,
            List<SocketAddress> addresses,
            int requestsActive,
            long requestsTotal,
            long errorsTotal,
            long failuresTotal) {}
}
