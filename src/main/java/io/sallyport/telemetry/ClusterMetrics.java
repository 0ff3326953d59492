package io.sallyport.telemetry;

import io.prometheus.client.Collector;
import io.prometheus.client.CollectorRegistry;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/// `sallyport_upstream_*` by cluster, asked for when somebody scrapes: clusters come and go with the configuration.
public final class ClusterMetrics {
    private static final List<String> LABELS = List.of("cluster");

    private ClusterMetrics() {}

    public static void register(CollectorRegistry registry, Supplier<Collection<ClusterSample>> clusters) {
        new Collector() {
            @Override
            public List<MetricFamilySamples> collect() {
                Collection<ClusterSample> all = clusters.get();
                return List.of(
                        family("endpoints", Type.GAUGE, "Endpoints known.", all, ClusterSample::endpoints),
                        family(
                                "requests_active",
                                Type.GAUGE,
                                "Requests in flight.",
                                all,
                                ClusterSample::requestsActive),
                        family("requests", Type.COUNTER, "Requests.", all, ClusterSample::requestsTotal),
                        family("connections", Type.COUNTER, "Connections made.", all, ClusterSample::connectionsTotal),
                        family(
                                "connect_failures",
                                Type.COUNTER,
                                "Connections that could not be made.",
                                all,
                                ClusterSample::connectFailuresTotal),
                        family(
                                "no_endpoint",
                                Type.COUNTER,
                                "Requests for which there was no endpoint.",
                                all,
                                ClusterSample::noEndpointTotal));
            }
        }.register(registry);
    }

    private static Collector.MetricFamilySamples family(
            String what,
            Collector.Type type,
            String help,
            Collection<ClusterSample> clusters,
            ToDoubleFunction<ClusterSample> figure) {
        String name = "sallyport_upstream_" + what;
        String sample = type == Collector.Type.COUNTER ? name + "_total" : name;
        var samples = new ArrayList<Collector.MetricFamilySamples.Sample>(clusters.size());
        for (ClusterSample cluster : clusters) {
            samples.add(new Collector.MetricFamilySamples.Sample(
                    sample, LABELS, List.of(cluster.cluster()), figure.applyAsDouble(cluster)));
        }
        return new Collector.MetricFamilySamples(name, type, help, samples);
    }
}
