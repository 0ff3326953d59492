package io.sallyport.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.SummaryDataPoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Metrics as samples by series, `name{label=value, …}`, whichever way they came: labels in alphabetical order, those
/// without a value left out, buckets cumulated.
public final class MetricSamples {
    private static final Pattern LINE = Pattern.compile("([a-zA-Z_:][\\w:]*)(?:\\{(.*)})? (\\S+)");
    private static final Pattern LABEL = Pattern.compile("(\\w+)=\"((?:[^\"\\\\]|\\\\.)*+)\"");

    private final Map<String, Double> samples = new TreeMap<>();
    private final Map<String, String> helps = new TreeMap<>();
    private final List<String> repeated = new ArrayList<>();
    private String family = "";
    private String help = "";

    private MetricSamples() {}

    /// Of an exposition in the text format, 0.0.4.
    public static MetricSamples ofText(List<String> lines) {
        MetricSamples made = new MetricSamples();
        for (String line : lines) {
            Matcher sample = LINE.matcher(line);
            if (line.startsWith("# HELP ")) {
                String[] words = line.split(" ", 4);
                made.family = words[2];
                made.help = unescaped(words[3]);
            } else if (sample.matches()) {
                Map<String, String> labels = new TreeMap<>();
                if (sample.group(2) != null) {
                    LABEL.matcher(sample.group(2))
                            .results()
                            .forEach(label -> labels.put(label.group(1), unescaped(label.group(2))));
                }
                made.add(sample.group(1), labels, number(sample.group(3)));
            }
        }
        return made;
    }

    private static double number(String text) {
        return switch (text) {
            case "+Inf" -> Double.POSITIVE_INFINITY;
            case "-Inf" -> Double.NEGATIVE_INFINITY;
            default -> Double.parseDouble(text);
        };
    }

    private static String unescaped(String value) {
        return Pattern.compile("\\\\(.)")
                .matcher(value)
                .replaceAll(
                        escaped -> Matcher.quoteReplacement(escaped.group(1).equals("n") ? "\n" : escaped.group(1)));
    }

    /// Of one export, which may consist of several requests.
    public static MetricSamples of(List<ExportMetricsServiceRequest> requests) {
        MetricSamples made = new MetricSamples();
        requests.stream()
                .flatMap(request -> request.getResourceMetricsList().stream())
                .flatMap(resource -> resource.getScopeMetricsList().stream())
                .flatMap(scope -> scope.getMetricsList().stream())
                .forEach(made::add);
        return made;
    }

    private void add(Metric metric) {
        assertThat(metric.getUnit()).as("names have units").isEmpty();
        String name = metric.getName();
        String shown = metric.hasSum() ? name + "_total" : name;
        family = shown;
        help = metric.getDescription();
        switch (metric.getDataCase()) {
            case SUM -> {
                assertThat(metric.getSum().getIsMonotonic()).isTrue();
                isCumulative(metric.getSum().getAggregationTemporality());
                metric.getSum().getDataPointsList().forEach(point -> number(shown, point, true));
            }
            case GAUGE -> metric.getGauge().getDataPointsList().forEach(point -> number(shown, point, false));
            case HISTOGRAM -> {
                isCumulative(metric.getHistogram().getAggregationTemporality());
                metric.getHistogram().getDataPointsList().forEach(point -> histogram(name, point));
            }
            case SUMMARY -> metric.getSummary().getDataPointsList().forEach(point -> summary(name, point));
            default -> throw new AssertionError(metric);
        }
    }

    private static void isCumulative(AggregationTemporality temporality) {
        assertThat(temporality).isEqualTo(AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE);
    }

    private void number(String name, NumberDataPoint point, boolean counted) {
        assertThat(point.hasAsDouble()).isTrue();
        assertThat(point.getTimeUnixNano()).isPositive();
        assertThat(point.getStartTimeUnixNano() != 0).isEqualTo(counted);
        add(name, labels(point.getAttributesList()), point.getAsDouble());
    }

    private void histogram(String name, HistogramDataPoint point) {
        assertThat(point.getStartTimeUnixNano()).isPositive().isLessThanOrEqualTo(point.getTimeUnixNano());
        assertThat(point.hasSum()).isTrue();
        assertThat(point.getBucketCountsCount()).isEqualTo(point.getExplicitBoundsCount() + 1);
        assertThat(point.getExplicitBoundsList()).isSorted().doesNotHaveDuplicates();
        Map<String, String> labels = labels(point.getAttributesList());
        long count = 0;
        for (int i = 0; i < point.getBucketCountsCount(); i++) {
            count += point.getBucketCounts(i);
            Map<String, String> bucket = new TreeMap<>(labels);
            bucket.put(
                    "le", i == point.getExplicitBoundsCount() ? "+Inf" : Double.toString(point.getExplicitBounds(i)));
            add(name + "_bucket", bucket, count);
        }
        assertThat(point.getCount()).isEqualTo(count);
        add(name + "_count", labels, count);
        add(name + "_sum", labels, point.getSum());
    }

    private void summary(String name, SummaryDataPoint point) {
        assertThat(point.getStartTimeUnixNano()).isPositive().isLessThanOrEqualTo(point.getTimeUnixNano());
        add(name + "_count", labels(point.getAttributesList()), point.getCount());
        add(name + "_sum", labels(point.getAttributesList()), point.getSum());
    }

    private static Map<String, String> labels(List<KeyValue> attributes) {
        Map<String, String> labels = new TreeMap<>();
        attributes.forEach(each -> labels.put(each.getKey(), each.getValue().getStringValue()));
        assertThat(labels).hasSize(attributes.size()).doesNotContainValue("");
        return labels;
    }

    private void add(String name, Map<String, String> labels, double value) {
        labels.values().removeIf(String::isEmpty);
        helps.put(family, help);
        String series = name + labels;
        if (samples.put(series, value) != null) {
            repeated.add(series);
        }
    }

    /// Values by series, each of which there is once.
    public Map<String, Double> values() {
        assertThat(repeated).isEmpty();
        return samples;
    }

    /// Help texts of metrics that have samples, by their names in the text format.
    public Map<String, String> helps() {
        return helps;
    }
}
