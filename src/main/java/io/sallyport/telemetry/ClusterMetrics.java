package io.sallyport.telemetry;

import io.prometheus.client.CollectorRegistry;
import java.util.Collection;
import java.util.function.Supplier;

/// `sallyport_upstream_*` by cluster.
public final class ClusterMetrics {
    private static final String PREFIX = "sallyport_upstream_";

    private ClusterMetrics() {}

    public static void register(CollectorRegistry registry, Supplier<Collection<ClusterSample>> clusters) {
        new FigureCollector<>("cluster", ClusterSample::cluster, clusters)
                .gauge(PREFIX + "endpoints", "Endpoints known.", ClusterSample::endpoints)
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
                .register(registry);
    }
}
