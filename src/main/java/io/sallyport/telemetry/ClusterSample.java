package io.sallyport.telemetry;

/// The figures of one cluster at one moment.
///
/// @param requestsActive sent or waiting for a connection
/// @param connectionsTotal that became ready for requests
public record ClusterSample(
        String cluster,
        int endpoints,
        long requestsActive,
        long requestsTotal,
        long connectionsTotal,
        long connectFailuresTotal,
        long noEndpointTotal) {}
