package io.sallyport.telemetry;

import io.prometheus.client.Collector;
import io.prometheus.client.CollectorRegistry;
import io.sallyport.telemetry.EgressKey.Outcome;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// `sallyport_egress_requests_total{permit, protocol}`: what was let out, by the resource that lists it (`egress mode`
/// where none does); `sallyport_egress_denied_total{host, port, reason}`: what was answered 403, bounded, and then
/// `host="overflow"`. Summed when somebody scrapes.
public final class EgressMetrics extends Collector {
    private static final String REQUESTS = "sallyport_egress_requests";
    private static final String DENIED = "sallyport_egress_denied";

    private final EgressCounts counts;

    private EgressMetrics(EgressCounts counts) {
        this.counts = counts;
    }

    public static void register(CollectorRegistry registry, EgressUsage usage) {
        new EgressMetrics(usage.counts()).register(registry);
    }

    @Override
    public List<MetricFamilySamples> collect() {
        Map<List<String>, Long> requests =
                new TreeMap<>(Comparator.comparing(List<String>::getFirst).thenComparing(List::getLast));
        for (Outcome outcome : List.of(Outcome.LISTED, Outcome.UNLISTED)) {
            for (EgressCount count : both(outcome)) {
                String permit = count.key.permit();
                requests.merge(
                        List.of(permit == null ? unnamed(outcome) : permit, count.key.how()),
                        count.requests(),
                        Long::sum);
            }
        }
        var denied = new ArrayList<MetricFamilySamples.Sample>();
        for (EgressCount count : both(Outcome.DENIED)) {
            EgressKey key = count.key;
            denied.add(sample(
                    DENIED,
                    List.of("host", "port", "reason"),
                    List.of(key.host(), key.port() == 0 ? "" : Integer.toString(key.port()), key.how()),
                    count.requests()));
        }
        return List.of(
                family(
                        REQUESTS,
                        "Requests and tunnels of mesh clients that were let out.",
                        requests.entrySet().stream()
                                .map(each ->
                                        sample(REQUESTS, List.of("permit", "protocol"), each.getKey(), each.getValue()))
                                .toList()),
                family(DENIED, "Requests and tunnels of mesh clients that were denied.", denied));
    }

    private List<EgressCount> both(Outcome outcome) {
        var both = new ArrayList<>(counts.all(outcome));
        both.addAll(counts.overflow(outcome));
        return both;
    }

    private static String unnamed(Outcome outcome) {
        return outcome == Outcome.UNLISTED ? EgressKey.EVERYTHING : EgressKey.OVERFLOW;
    }

    private static MetricFamilySamples.Sample sample(
            String metric, List<String> labels, List<String> values, double value) {
        return new MetricFamilySamples.Sample(metric + "_total", labels, values, value);
    }

    private static MetricFamilySamples family(String metric, String help, List<MetricFamilySamples.Sample> samples) {
        return new MetricFamilySamples(metric, Type.COUNTER, help, samples);
    }
}
