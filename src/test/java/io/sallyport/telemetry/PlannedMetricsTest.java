package io.sallyport.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.format.CapturedFields;
import io.sallyport.format.CelExpression;
import io.sallyport.format.FormatException;
import io.sallyport.format.Metric;
import io.sallyport.format.MetricPlan;
import io.sallyport.outcome.CapturedValues;
import io.sallyport.outcome.Facts;
import io.sallyport.outcome.LoggedFields;
import io.sallyport.outcome.RequestFacts;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class PlannedMetricsTest {
    private static final int MOST = 20;
    private static final MetricPlan NOTHING = new MetricPlan(Map.of());

    private final Scraped scraped = new Scraped();
    private final RequestMetrics metrics = new RequestMetrics(
            InstanceLabels.of(Map.of(), "edge", "north"), new RequestMetrics.Limits(MOST, 3), Scraped.BOUNDS, List::of);

    @BeforeEach
    void show() {
        scraped.exposition.add(metrics);
    }

    private static MetricPlan all(Set<Metric> but, Set<String> removed) {
        Map<Metric, MetricPlan.Edits> plan = new EnumMap<>(Metric.class);
        for (Metric each : Metric.values()) {
            if (each != Metric.ALL_METRICS && !but.contains(each)) {
                plan.put(each, new MetricPlan.Edits(removed, Map.of()));
            }
        }
        return new MetricPlan(plan);
    }

    private static MetricPlan.Edits without(String label) {
        return new MetricPlan.Edits(Set.of(label), Map.of());
    }

    /// All metrics, with those labels set.
    private static MetricPlan setting(Map<String, String> labels) throws FormatException {
        Map<String, CelExpression> set = new HashMap<>();
        for (Map.Entry<String, String> each : labels.entrySet()) {
            set.put(each.getKey(), CelExpression.value(each.getValue()));
        }
        Map<Metric, MetricPlan.Edits> plan = new EnumMap<>(Metric.class);
        for (Metric each : EnumSet.complementOf(EnumSet.of(Metric.ALL_METRICS))) {
            plan.put(each, new MetricPlan.Edits(Set.of(), set));
        }
        return new MetricPlan(plan);
    }

    private static RequestFacts to(String host, MetricPlan plan) {
        RequestFacts facts = Facts.forwarded();
        facts.grpc = true;
        facts.grpcStatus = "0";
        facts.messages().request = 2;
        facts.messages().response = 3;
        facts.destination = Facts.to(host, "v1");
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
        Map<Metric, MetricPlan.Edits> plan = new EnumMap<>(Metric.class);
        plan.put(Metric.REQUEST_COUNT, without("response_code"));
        plan.put(Metric.REQUEST_DURATION, MetricPlan.Edits.NONE);
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

    /// A destination that answers at random takes no series of others, whose names nobody shows either.
    @Test
    void removedLabelsDoNotShareTheBoundOfOneDestination() {
        var roomy = new RequestMetrics(
                InstanceLabels.UNKNOWN, new RequestMetrics.Limits(2_000, 3), Scraped.BOUNDS, List::of);
        scraped.exposition.add(roomy);
        MetricPlan plan = all(Set.of(), Set.of("destination_service", "destination_service_name"));
        for (int i = 0; i < 700; i++) {
            RequestFacts odd = to("odd", plan);
            odd.status = 300 + i;
            roomy.onRequestEnd(odd);
        }
        RequestFacts good = to("good", plan);
        good.status = 299;
        roomy.onRequestEnd(good);

        assertThat(samples("istio_requests_total"))
                .filteredOn(line -> line.contains("response_code=\"299\""))
                .hasSize(1);
        assertThat(samples("istio_requests_total")).hasSize(152);
    }

    @Test
    void whatIsBeyondTheBoundIsCountedOnce() {
        Map<Metric, MetricPlan.Edits> plan = new EnumMap<>(Metric.class);
        plan.put(Metric.REQUEST_COUNT, without("response_code"));
        plan.put(Metric.REQUEST_SIZE, MetricPlan.Edits.NONE);
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
            connection.destination = Facts.to(host, null);
            connection.metrics = plan;
            metrics.onConnectionStart(connection);
            metrics.onConnectionEnd(connection);
        }

        assertThat(value("istio_tcp_connections_opened_total")).isEqualTo(2);
        assertThat(value("istio_tcp_connections_closed_total")).isEqualTo(2);
        assertThat(value("istio_tcp_received_bytes_total")).isEqualTo(20);
        assertThat(samples("istio_tcp_sent_bytes_total")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "request.host | api.example.com",
                "request.method | GET",
                "\"literal\" | literal",
                "'it\"s' | it\\\"s",
                "7 | 7",
                "response.code | 200",
                "string(response.code) | 200",
                "string(destination.port) | 8443",
                "connection.mtls | false",
                "request.url_path | /v1/pay",
                "response.code >= 500 ? 'failed' : 'good' | good",
                "response.code >= 500 ? 'failed' : response.code >= 400 ? 'refused' : 'good' | good",
                "request.headers['x-tenant'] | unknown",
                "request.referer | unknown",
                "source.principal | unknown",
                "has(request.referer) ? request.referer : 'none' | none",
            })
    void aLabelHasTheValueOfItsExpression(String expression, String value) throws Exception {
        MetricPlan plan = setting(Map.of("custom", expression, "response_code", expression));

        metrics.onRequestEnd(to("a.example", plan));

        assertThat(samples("istio_requests_total"))
                .singleElement()
                .asString()
                .contains(",custom=\"" + value + "\"")
                .contains(",response_code=\"" + value + "\"")
                .containsOnlyOnce("response_code=")
                .contains("destination_service=\"a.example\"");
        assertThat(value("istio_request_duration_milliseconds_count")).isOne();
        assertThat(value("istio_response_messages_total")).isEqualTo(3);
        assertThatSeriesAreThereOnce();
    }

    @Test
    void aLabelOfAHeaderHasWhatWasCaptured() throws Exception {
        MetricPlan plan = setting(Map.of("a", "request.headers['x-b']", "b", "request.headers['x-a']"));
        RequestFacts facts = to("a.example", plan);
        facts.log = new LoggedFields(null);
        facts.log.counted = new CapturedValues(plan.captured());
        for (CapturedFields.Captured each : plan.captured().request()) {
            facts.log.counted.set(each.place(), "of " + each.name());
        }

        metrics.onRequestEnd(facts);

        assertThat(samples("istio_requests_total").getFirst()).contains("a=\"of x-b\"", "b=\"of x-a\"");
    }

    @Test
    void furtherValuesOfALabelAreOther() throws Exception {
        MetricPlan plan = setting(Map.of("path", "request.path"));
        int paths = 1_000;
        for (int i = 0; i < paths; i++) {
            RequestFacts facts = to("a.example", plan);
            facts.path = "/" + i;
            metrics.onRequestEnd(facts);
        }
        RequestFacts known = to("a.example", plan);
        known.path = "/1";
        metrics.onRequestEnd(known);

        assertThat(samples("istio_requests_total"))
                .hasSize(4)
                .anyMatch(line -> line.contains("path=\"/0\"") && line.endsWith(" 1.0"))
                .anyMatch(line -> line.contains("path=\"/1\"") && line.endsWith(" 2.0"))
                .anyMatch(line -> line.contains("path=\"/2\"") && line.endsWith(" 1.0"))
                .anyMatch(line -> line.contains("path=\"other\"") && line.endsWith(" " + (paths - 3) + ".0"));
        assertThat(samples("sallyport_metric_label_overflow_total"))
                .containsExactly("sallyport_metric_label_overflow_total{label=\"path\"} " + (paths - 3) + ".0");
    }

    @Test
    void valuesOfForgottenSeriesMakeRoom() throws Exception {
        MetricPlan plan = setting(Map.of("path", "request.path"));
        for (int i = 0; i < 5; i++) {
            RequestFacts facts = to("a.example", plan);
            facts.path = "/" + i;
            metrics.onRequestEnd(facts);
        }
        metrics.forget(0);
        metrics.forget(Exposition.GONE_MILLIS);
        assertThat(samples("istio_requests_total")).isEmpty();
        assertThat(samples("sallyport_metric_label_overflow_total")).isEmpty();

        RequestFacts facts = to("a.example", plan);
        facts.path = "/new";
        metrics.onRequestEnd(facts);

        assertThat(samples("istio_requests_total")).singleElement().asString().contains("path=\"/new\"");
    }

    @Test
    void aLongValueIsCut() throws Exception {
        RequestFacts facts = to("a.example", setting(Map.of("path", "request.path")));
        facts.path = "/" + "\u00fc".repeat(5_000);

        metrics.onRequestEnd(facts);

        assertThat(samples("istio_requests_total").getFirst()).contains("path=\"/" + "\u00fc".repeat(127) + "\"");
    }

    /// Prometheus takes one sample of a series; clients must not be able to make another with their Host.
    @Test
    void whatHasTheLabelsOfAnUsualSeriesIsShownWithIt() throws Exception {
        metrics.onRequestEnd(to("a.example", null));
        metrics.onRequestEnd(to(
                "b.example",
                setting(Map.of("destination_service", "'a.example'", "destination_service_name", "'a.example'"))));

        assertThat(value("istio_requests_total")).isEqualTo(2);
        assertThat(value("istio_request_duration_milliseconds_count")).isEqualTo(2);
        assertThat(value("istio_request_bytes_sum")).isEqualTo(6);
        assertThat(value("istio_request_messages_total")).isEqualTo(4);
        assertThatSeriesAreThereOnce();
    }

    @Test
    void connectionsHaveNoLabelsOfResponses() throws Exception {
        RequestFacts connection = Facts.connection();
        connection.metrics = setting(
                Map.of("response_code", "'x'", "grpc_response_status", "'y'", "kind", "'bytes'", "reporter", "'me'"));

        metrics.onConnectionStart(connection);
        metrics.onConnectionEnd(connection);

        assertThat(samples("istio_tcp_connections_opened_total"))
                .singleElement()
                .asString()
                .contains("kind=\"bytes\"", "reporter=\"me\"")
                .doesNotContain("response_code", "grpc_response_status");
        assertThat(value("istio_tcp_received_bytes_total")).isEqualTo(10);
    }
}
