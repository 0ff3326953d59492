package io.sallyport.telemetry;

import io.prometheus.client.Collector.MetricFamilySamples;
import io.prometheus.client.Collector.MetricFamilySamples.Sample;
import io.prometheus.client.CollectorRegistry;
import java.io.IOException;
import java.util.Enumeration;

/// The metrics of Micrometer's registry: counters, gauges and summaries, which are its timers. Other kinds it has none
/// of ([Exposition#emptyRegistry]).
final class RegistryMetrics implements MetricSource {
    private static final String COUNT = "_count";
    private static final String SUM = "_sum";

    private final CollectorRegistry registry;

    RegistryMetrics(CollectorRegistry registry) {
        this.registry = registry;
    }

    @Override
    public void write(MetricWriter out) throws IOException {
        Enumeration<MetricFamilySamples> families = registry.metricFamilySamples();
        while (families.hasMoreElements()) {
            MetricFamilySamples family = families.nextElement();
            switch (family.type) {
                case COUNTER -> samples(family, MetricWriter.Type.COUNTER, out);
                case SUMMARY -> summaries(family, out);
                default -> samples(family, MetricWriter.Type.GAUGE, out);
            }
        }
    }

    private static void samples(MetricFamilySamples family, MetricWriter.Type type, MetricWriter out)
            throws IOException {
        out.family(family.name, type, family.help);
        for (Sample sample : family.samples) {
            labels(sample, out);
            out.sample(sample.value);
        }
    }

    /// The sum of each stands behind its count.
    private static void summaries(MetricFamilySamples family, MetricWriter out) throws IOException {
        out.family(family.name, MetricWriter.Type.SUMMARY, family.help);
        long count = 0;
        for (Sample sample : family.samples) {
            if (sample.name.endsWith(COUNT)) {
                count = (long) sample.value;
            } else if (sample.name.endsWith(SUM)) {
                labels(sample, out);
                out.summary(count, sample.value);
            }
        }
    }

    private static void labels(Sample sample, MetricWriter out) {
        out.labels();
        for (int i = 0; i < sample.labelNames.size(); i++) {
            out.label(sample.labelNames.get(i), sample.labelValues.get(i));
        }
    }
}
