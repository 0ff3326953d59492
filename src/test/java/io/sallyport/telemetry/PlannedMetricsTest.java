package io.sallyport.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.format.Metric;
import io.sallyport.format.MetricPlan;
import io.sallyport.outcome.Facts;
import io.sallyport.outcome.RequestFacts;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PlannedMetricsTest {
    private static final int MOST = 20;
    private static final MetricPlan NOTHING = new MetricPlan(Map.of());

    private final Scraped scraped = new Scraped();
    private final RequestMetrics metrics =
            new RequestMetrics(InstanceLabels.of(Map.of(), "edge", "north"), MOST, Scraped.BOUNDS, List::of);

    @BeforeEach
    void show() {
        scraped.exposition.add(metrics);
    }

    private static MetricPlan all(Set<Metric> but, Set<String> removed) {
        Map<Metric, Set<String>> plan = new EnumMap<>(Metric.class);
        for (Metric each : Metric.values()) {
            if (each != Metric.ALL_METRICS && !but.contains(each)) {
                plan.put(each, removed);
            }
        }
        return new MetricPlan(plan);
    }

    private static RequestFacts to(String host, MetricPlan plan) {
        RequestFacts facts = Facts.forwarded();
        facts.grpc = true;
        facts.grpcStatus = "0";
        facts.requestMessages = 2;
        facts.responseMessages = 3;
        facts.destinationHost = host;
        facts.metrics = plan;
        return facts;
    }

    private List<String> samples(String name) {
        return scraped.lines().stream()
                .filter(line -> line.startsWith(name + "{") || line.startsWith(name + " "))
                .toList();
    }

    private double value(String name) {
        assertThat(samples(name)).hasSize(1);
        return Double.parseDouble(samples(name).getFirst().replaceFirst(".* ", ""));
    }

    private void assertThatSeriesAreThereOnce() {
        assertThat(scraped.lines().stream()
                        .filter(line -> !line.startsWith("#"))
                        .map(line -> line.substring(0, line.lastIndexOf(' '))))
                .doesNotHaveDuplicates();
    }

    @Test
    void whatIsMergedIsSummedUpInEveryMetric() {
        MetricPlan plan = all(Set.of(), Set.of("destination_service", "destination_service_name", "response_code"));
        metrics.onRequestEnd(to("a.example", plan));
        RequestFacts other = to("b.example", plan);
        other.status = 500;
        metrics.onRequestEnd(other);

        assertThat(value("istio_requests_total")).isEqualTo(2);
        assertThat(value("istio_request_duration_milliseconds_count")).isEqualTo(2);
        assertThat(value("istio_request_bytes_sum")).isEqualTo(6);
        assertThat(value("istio_response_bytes_sum")).isEqualTo(2468);
        assertThat(value("istio_request_messages_total")).isEqualTo(4);
        assertThat(value("istio_response_messages_total")).isEqualTo(6);
        assertThatSeriesAreThereOnce();
    }

    @Test
    void labelsOfOtherMetricsStay() {
        Map<Metric, Set<String>> plan = new EnumMap<>(Metric.class);
        plan.put(Metric.REQUEST_COUNT, Set.of("response_code"));
        plan.put(Metric.REQUEST_DURATION, Set.of());
        metrics.onRequestEnd(to("a.example", new MetricPlan(plan)));
        metrics.onRequestEnd(to("a.example", null));

        assertThat(samples("istio_requests_total"))
                .as("with the label and without")
                .hasSize(2);
        assertThat(value("istio_request_duration_milliseconds_count")).isEqualTo(2);
        assertThat(value("istio_request_bytes_count")).isEqualTo(1);
        assertThatSeriesAreThereOnce();
    }

    @ParameterizedTest
    @EnumSource(
            value = Metric.class,
            names = {"REQUEST_COUNT", "REQUEST_DURATION"})
    void countAndDurationAreKeptApart(Metric disabled) {
        metrics.onRequestEnd(to("a.example", all(Set.of(disabled), Set.of())));
        boolean counted = disabled != Metric.REQUEST_COUNT;
        assertThat(samples("istio_requests_total")).hasSize(counted ? 1 : 0);
        assertThat(samples("istio_request_duration_milliseconds_count")).hasSize(counted ? 0 : 1);

        metrics.onRequestEnd(to("a.example", null));
        assertThat(value("istio_requests_total")).isEqualTo(counted ? 2 : 1);
        assertThat(value("istio_request_duration_milliseconds_count")).isEqualTo(counted ? 1 : 2);
    }

    @Test
    void whereEverythingIsDisabledThereIsNothing() {
        metrics.onRequestEnd(to("a.example", NOTHING));
        RequestFacts connection = Facts.connection();
        connection.metrics = NOTHING;
        metrics.onConnectionStart(connection);
        metrics.onConnectionEnd(connection);

        assertThat(scraped.lines()).noneMatch(line -> line.startsWith("istio_"));
    }

    @Test
    void removedLabelsDoNotUseUpTheBound() {
        MetricPlan plan = all(Set.of(), Set.of("destination_service", "destination_service_name"));
        for (int i = 0; i < 10_000; i++) {
            metrics.onRequestEnd(to("h" + i + ".example", plan));
        }
        assertThat(value("istio_requests_total")).isEqualTo(10_000);
    }

    @Test
    void whatIsBeyondTheBoundIsCountedOnce() {
        Map<Metric, Set<String>> plan = new EnumMap<>(Metric.class);
        plan.put(Metric.REQUEST_COUNT, Set.of("response_code"));
        plan.put(Metric.REQUEST_SIZE, Set.of());
        for (int i = 0; i < 100; i++) {
            metrics.onRequestEnd(to("h\"\n" + i + ".example", new MetricPlan(plan)));
        }

        double sum = samples("istio_requests_total").stream()
                .mapToDouble(line -> Double.parseDouble(line.replaceFirst(".* ", "")))
                .sum();
        assertThat(sum).isEqualTo(100);
        assertThat(samples("istio_requests_total")).hasSizeLessThanOrEqualTo(MOST + 1);
        assertThatSeriesAreThereOnce();
    }

    @Test
    void allLabelsMayGo() {
        metrics.onRequestEnd(to("a.example", null));
        Set<String> labels = Set.of(samples("istio_requests_total")
                .getFirst()
                .replaceFirst(".*\\{(.*)}.*", "$1")
                .replaceAll("=\"[^\"]*\"", "")
                .split(","));

        metrics.onRequestEnd(to("a.example", all(Set.of(), labels)));

        assertThat(scraped.lines()).contains("istio_requests_total 1.0");
        assertThat(scraped.lines()).anyMatch(line -> line.startsWith("istio_request_bytes_bucket{le="));
        assertThatSeriesAreThereOnce();
    }

    @Test
    void connectionsAreMergedToo() {
        MetricPlan plan = all(Set.of(Metric.TCP_SENT_BYTES), Set.of("destination_service", "destination_service_name"));
        for (String host : List.of("a.example", "b.example")) {
            RequestFacts connection = Facts.connection();
            connection.destinationHost = host;
            connection.metrics = plan;
            metrics.onConnectionStart(connection);
            metrics.onConnectionEnd(connection);
        }

        assertThat(value("istio_tcp_connections_opened_total")).isEqualTo(2);
        assertThat(value("istio_tcp_connections_closed_total")).isEqualTo(2);
        assertThat(value("istio_tcp_received_bytes_total")).isEqualTo(20);
        assertThat(samples("istio_tcp_sent_bytes_total")).isEmpty();
    }
}
