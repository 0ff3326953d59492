package io.sallyport.telemetry;

/// The figures of one cluster at one moment.
///
/// @param endpointsAvailable that requests are sent to
/// @param requestsActive sent or waiting for a connection
/// @param connectionsTotal that became ready for requests
public record ClusterSample(
        String cluster,
        int endpoints,
        int endpointsAvailable,
        long requestsActive,
        long requestsTotal,
        long connectionsTotal,
        long connectFailuresTotal,
        long noEndpointTotal,
        Resilience resilience) {

    /// @param ejected endpoints, now
    /// @param circuitOpen 1 where a limit is reached, else 0
    public record Resilience(
            int ejected,
            long ejectionsTotal,
            int circuitOpen,
            long connectionOverflowsTotal,
            long pendingOverflowsTotal,
            long requestOverflowsTotal,
            long retryOverflowsTotal) {}
}
