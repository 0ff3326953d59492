package io.sallyport.cluster;

import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A cluster as the admin API and the metrics show it, at one moment.
///
/// @param closed it belongs to no generation; requests that began before may still use it
/// @param requestsActive sent or waiting for a connection
/// @param connectionsTotal that became ready for requests
/// @param connectFailures that did not, for any reason
/// @param noEndpointTotal requests for which no endpoint was there
/// @param outliers null where no outliers are detected
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
        CircuitStatus circuit,
        @Nullable OutlierStatus outliers,
        List<EndpointStatus> endpoints) {

    /// @param addresses none while the name is not resolved
    /// @param errorsTotal responses with a status of 500 or above
    /// @param failuresTotal requests without a complete response
    /// @param available requests are sent to it
    /// @param health null where it is not watched
    public record EndpointStatus(
            EndpointSpec spec,
            List<SocketAddress> addresses,
            int requestsActive,
            long requestsTotal,
            long errorsTotal,
            long failuresTotal,
            boolean available,
            @Nullable HealthStatus health) {}

    /// @param checkFailed its health checks fail
    /// @param ejectedFor how long it stays ejected, zero or less until the next sweep; null where it is not
    /// @param ejections so far
    public record HealthStatus(
            boolean checkFailed, @Nullable Duration ejectedFor, int ejections) {}

    /// @param ejected endpoints that are, now
    /// @param ejectionsTotal so far
    /// @param notEjectedTotal that would have been, but for `maxEjectionPercent`
    /// @param panicking so few endpoints are healthy that all are used
    public record OutlierStatus(int ejected, long ejectionsTotal, long notEjectedTotal, boolean panicking) {}
}
