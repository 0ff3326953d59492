package io.sallyport.telemetry;

import io.sallyport.telemetry.ClusterMetrics.Sample.Resilience;
import java.util.Collection;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/// `sallyport_upstream_*` by cluster.
public final class ClusterMetrics {
    /// The figures of one cluster at one moment.
    ///
    /// @param sinceMillis since when it counts, milliseconds since 1970
    /// @param endpointsAvailable that requests are sent to
    /// @param requestsActive sent or waiting for a connection
    /// @param connectionsTotal that became ready for requests
    public record Sample(
            String cluster,
            long sinceMillis,
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

    private static final String PREFIX = "sallyport_upstream_";

    private ClusterMetrics() {}

    public static void register(Exposition exposition, Supplier<Collection<Sample>> clusters) {
        exposition.add(new FigureMetrics<>("cluster", Sample::cluster, Sample::sinceMillis, clusters)
                .gauge(PREFIX + "endpoints", "Endpoints known.", Sample::endpoints)
                .gauge(
                        PREFIX + "endpoints_available",
                        "Endpoints that requests are sent to.",
                        Sample::endpointsAvailable)
                .gauge(PREFIX + "requests_active", "Requests in flight.", Sample::requestsActive)
                .counter(PREFIX + "requests", "Requests.", Sample::requestsTotal)
                .counter(PREFIX + "connections", "Connections made.", Sample::connectionsTotal)
                .counter(
                        PREFIX + "connect_failures",
                        "Connections that could not be made.",
                        Sample::connectFailuresTotal)
                .counter(PREFIX + "no_endpoint", "Requests for which there was no endpoint.", Sample::noEndpointTotal)
                .gauge(
                        PREFIX + "endpoints_ejected",
                        "Endpoints that outlier detection has ejected.",
                        of(Resilience::ejected))
                .counter(PREFIX + "ejections", "Ejections of endpoints.", of(Resilience::ejectionsTotal))
                .gauge(PREFIX + "circuit_open", "1 where a limit is reached.", of(Resilience::circuitOpen))
                .counter(
                        PREFIX + "connection_overflows",
                        "Times that a connection was wanted beyond maxConnections.",
                        of(Resilience::connectionOverflowsTotal))
                .counter(
                        PREFIX + "pending_overflows",
                        "Requests refused beyond http1MaxPendingRequests.",
                        of(Resilience::pendingOverflowsTotal))
                .counter(
                        PREFIX + "request_overflows",
                        "Requests refused beyond http2MaxRequests.",
                        of(Resilience::requestOverflowsTotal))
                .counter(
                        PREFIX + "retry_overflows",
                        "Retries that the retry budget did not allow.",
                        of(Resilience::retryOverflowsTotal)));
    }

    private static ToDoubleFunction<Sample> of(ToDoubleFunction<Resilience> figure) {
        return sample -> figure.applyAsDouble(sample.resilience());
    }
}
