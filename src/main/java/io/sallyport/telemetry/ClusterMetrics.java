package io.sallyport.telemetry;

import io.sallyport.telemetry.ClusterSample.Resilience;
import java.util.Collection;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/// `sallyport_upstream_*` by cluster.
public final class ClusterMetrics {
    private static final String PREFIX = "sallyport_upstream_";

    private ClusterMetrics() {}

    public static void register(Exposition exposition, Supplier<Collection<ClusterSample>> clusters) {
        exposition.add(new FigureMetrics<>("cluster", ClusterSample::cluster, clusters)
                .gauge(PREFIX + "endpoints", "Endpoints known.", ClusterSample::endpoints)
                .gauge(
                        PREFIX + "endpoints_available",
                        "Endpoints that requests are sent to.",
                        ClusterSample::endpointsAvailable)
                .gauge(PREFIX + "requests_active", "Requests in flight.", ClusterSample::requestsActive)
                .counter(PREFIX + "requests", "Requests.", ClusterSample::requestsTotal)
                .counter(PREFIX + "connections", "Connections made.", ClusterSample::connectionsTotal)
                .counter(
                        PREFIX + "connect_failures",
                        "Connections that could not be made.",
                        ClusterSample::connectFailuresTotal)
                .counter(
                        PREFIX + "no_endpoint",
                        "Requests for which there was no endpoint.",
                        ClusterSample::noEndpointTotal)
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

    private static ToDoubleFunction<ClusterSample> of(ToDoubleFunction<Resilience> figure) {
        return sample -> figure.applyAsDouble(sample.resilience());
    }
}
