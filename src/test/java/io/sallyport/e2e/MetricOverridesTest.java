package io.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.outcome.RequestFacts;
import io.sallyport.telemetry.HistogramBounds;
import io.sallyport.telemetry.InstanceLabels;
import io.sallyport.telemetry.RequestMetrics;
import io.sallyport.telemetry.Scraped;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawHttp2Client;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Telemetry's `metrics`: which there are, and with which labels.
class MetricOverridesTest {
    private final RawUpstream service = RawUpstream.ok("ok");
    private TestGateway gateway;

    @AfterEach
    void close() {
        if (gateway != null) {
            gateway.close();
        }
        service.close();
    }

    private void serve(String... telemetries) {
        gateway = TestGateway.serving(Yaml.httpGateway("*")
                + Yaml.service("shop.internal", service.port())
                + Yaml.forwardAll("shop.example", "shop.internal")
                + String.join("", telemetries));
        gateway.assumeSeen("the facts that are counted");
    }

    private static String telemetry(String namespace, String attachment, String metrics) {
        return Yaml.telemetry(namespace, attachment, "metrics", metrics);
    }

    private void ask(int version, String host) throws IOException {
        ask(version, host, "none");
    }

    private void ask(int version, String host, String tenant) throws IOException {
        if (version == 2) {
            try (RawHttp2Client client = new RawHttp2Client(gateway.port(80))) {
                client.get("http", host, "/a", "x-tenant", tenant);
            }
        } else {
            RawClient.exchange(
                    gateway.port(80),
                    "GET /a HTTP/1.1\r\nHost: " + host + "\r\nX-Tenant: " + tenant + "\r\nConnection: close\r\n\r\n");
        }
    }

    /// The samples of Istio's metrics.
    private List<String> scraped(int requests) {
        await().until(() -> gateway.facts().size() == requests);
        RequestMetrics metrics = metrics();
        for (RequestFacts each : gateway.facts()) {
            if (each.method.isEmpty()) {
                metrics.onConnectionEnd(each);
            } else {
                metrics.onRequestEnd(each);
            }
        }
        return samples(metrics);
    }

    private static RequestMetrics metrics() {
        return new RequestMetrics(
                InstanceLabels.of(Map.of(), "edge", "north"),
                new RequestMetrics.Limits(100, 3),
                new HistogramBounds(List.of(), List.of(), List.of()),
                List::of);
    }

    private static List<String> samples(RequestMetrics metrics) {
        var scraped = new Scraped();
        scraped.exposition.add(metrics);
        return scraped.lines().stream()
                .filter(line -> line.startsWith("istio_"))
                .toList();
    }

    private static List<String> names(List<String> samples) {
        return samples.stream()
                .map(line -> line.replaceFirst("[{ ].*", "").replaceFirst("_(bucket|count|sum)$", ""))
                .distinct()
                .toList();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void aMetricThatIsDisabledIsNotShown(int version) throws Exception {
        serve(telemetry("default", "", """
                - providers: [{name: prometheus}]
                  overrides:
                  - match: {metric: REQUEST_DURATION, mode: CLIENT}
                    disabled: true
                  - match: {customMetric: request_bytes}
                    disabled: true
                """));

        ask(version, "shop.example");

        assertThat(names(scraped(1))).containsExactly("istio_requests_total", "istio_response_bytes");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void whatDiffersByRemovedLabelsAloneIsOneSeries(int version) throws Exception {
        serve(telemetry("default", "", """
                - overrides:
                  - match: {metric: REQUEST_COUNT}
                    tagOverrides:
                      response_code: {operation: REMOVE}
                      response_flags: {operation: REMOVE}
                      destination_service: {operation: REMOVE}
                      destination_service_name: {operation: REMOVE}
                      destination_service_namespace: {operation: REMOVE}
                      destination_workload: {operation: REMOVE}
                      destination_workload_namespace: {operation: REMOVE}
                      destination_canonical_service: {operation: REMOVE}
                      destination_canonical_revision: {operation: REMOVE}
                      destination_cluster: {operation: REMOVE}
                """));

        ask(version, "shop.example");
        ask(version, "other.example");
        List<String> samples = scraped(2);

        assertThat(samples)
                .filteredOn(line -> line.startsWith("istio_requests_total"))
                .singleElement()
                .asString()
                .endsWith(" 2.0")
                .contains("reporter=\"source\"", "source_workload=\"sallyport\"")
                .doesNotContain("response_code=", "response_flags=", "destination_service=");
        assertThat(samples)
                .filteredOn(line -> line.startsWith("istio_request_duration_milliseconds_count"))
                .as("other metrics have all labels")
                .hasSize(2)
                .allMatch(line -> line.contains("response_code="));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void labelsAreSetByExpressions(int version) throws Exception {
        serve(telemetry("default", "", """
                - overrides:
                  - tagOverrides:
                      request_host: {value: request.host}
                      tenant: {operation: UPSERT, value: "request.headers['x-tenant']"}
                      content: {value: "response.headers['content-type']"}
                      response_code: {value: "response.code >= 400 ? '4xx' : '2xx'"}
                      gone: {value: "'it'"}
                  - match: {metric: REQUEST_COUNT}
                    tagOverrides:
                      gone: {operation: REMOVE}
                      destination_port: {value: string(destination.port)}
                """));

        ask(version, "shop.example", "one");
        ask(version, "other.example", "two\u00fc\\");
        List<String> samples = scraped(2);

        assertThat(samples)
                .filteredOn(line -> line.startsWith("istio_requests_total"))
                .hasSize(2)
                .anyMatch(line -> line.contains("request_host=\"shop.example\"")
                        && line.contains("tenant=\"one\"")
                        && line.contains("response_code=\"2xx\""))
                .anyMatch(line -> line.contains("request_host=\"other.example\"")
                        && line.contains("tenant=\"two")
                        && line.contains("response_code=\"4xx\""))
                .allMatch(line -> line.contains("destination_port=\"" + gateway.port(80) + "\""))
                .noneMatch(line -> line.contains("gone="));
        assertThat(samples)
                .filteredOn(line -> line.startsWith("istio_request_duration_milliseconds_count"))
                .hasSize(2)
                .allMatch(line -> line.contains("gone=\"it\"") && line.contains("content=\""))
                .noneMatch(line -> line.contains("destination_port="));
    }

    /// Whoever chooses a label's value cannot choose how many there are.
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void furtherValuesAreOther(int version) throws Exception {
        serve(telemetry(
                "default", "", "- overrides: [{tagOverrides: {tenant: {value: \"request.headers['x-tenant']\"}}}]"));

        for (int i = 0; i < 10; i++) {
            ask(version, "shop.example", "t" + i);
        }
        List<String> samples = scraped(10);

        assertThat(samples)
                .filteredOn(line -> line.startsWith("istio_requests_total"))
                .hasSize(4)
                .anyMatch(line -> line.contains("tenant=\"other\"") && line.endsWith(" 7.0"));
    }

    @ParameterizedTest(name = "{0} and {1}: {2}")
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "`- overrides: [{disabled: true}]`, ``, false",
                "`- overrides: [{disabled: true, match: {mode: SERVER}}]`, ``, true",
                "`- overrides: [{disabled: true, match: {mode: CLIENT}}]`, ``, false",
                "`- overrides: [{disabled: true}]`, `- overrides: [{match: {metric: REQUEST_COUNT}, disabled: false}]`, true",
                "`- overrides: [{match: {metric: REQUEST_COUNT}, disabled: true}]`, `- overrides: [{disabled: false}]`, true",
                "`- overrides: [{match: {metric: REQUEST_COUNT}, disabled: true}]`, `- overrides: []`, false",
                "`- overrides: [{disabled: true}]`, `- providers: [{name: other}]`, true",
                "`- {providers: [{name: other}], overrides: [{disabled: true}]}`, ``, true",
                "`- {providers: [{name: other}], overrides: [{disabled: true}]}`, `- {providers: [{name: prometheus}]}`, true",
                "`- overrides: [{match: {metric: REQUEST_COUNT}, disabled: true}, {match: {metric: REQUEST_COUNT}, disabled: false}]`, ``, true",
            })
    void theNarrowestAndTheLastCount(String root, String namespace, boolean counted) throws Exception {
        serve(telemetry("istio-system", "", root), namespace.isEmpty() ? "" : telemetry("default", "", namespace));

        ask(1, "shop.example");

        assertThat(names(scraped(1)).contains("istio_requests_total")).isEqualTo(counted);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void aGatewaysOwnIsForItsHostsAlone(int version) throws Exception {
        serve(
                telemetry("default", "", "- overrides: [{match: {metric: RESPONSE_SIZE}, disabled: true}]"),
                telemetry(
                        "default",
                        "targetRefs: [{group: networking.istio.io, kind: Gateway, name: edge}]",
                        "- overrides: [{match: {metric: REQUEST_SIZE}, disabled: true}]"));

        ask(version, "shop.example");

        assertThat(names(scraped(1))).containsExactly("istio_requests_total", "istio_request_duration_milliseconds");
    }

    @Test
    void connectionsHaveTheirOwn() throws Exception {
        gateway = TestGateway.serving(Yaml.service("shop.internal", "TCP", service.port())
                + Yaml.forwardBytes("shop.internal")
                + telemetry("default", "", """
                - overrides:
                  - match: {metric: TCP_SENT_BYTES}
                    disabled: true
                  - match: {metric: TCP_RECEIVED_BYTES}
                    tagOverrides: {destination_service: {operation: REMOVE}}
                """));
        gateway.assumeSeen("the facts that are counted");

        try (RawClient client = new RawClient(gateway.port(9000))) {
            client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
            assertThat(client.readResponse()).endsWith("ok");
        }
        List<String> samples = scraped(1);

        assertThat(names(samples))
                .containsExactly(
                        "istio_tcp_connections_opened_total",
                        "istio_tcp_connections_closed_total",
                        "istio_tcp_received_bytes_total")
                .hasSize(samples.size());
        assertThat(samples.getLast()).doesNotContain("destination_service=").contains("destination_service_name=");
        assertThat(samples.getFirst()).contains("destination_service=\"shop.internal\"");
    }

    @Test
    void bytesOfAnOpenConnectionAreCountedAtTheInterval() throws Exception {
        String asked = "how much?";
        String answered = "this much";
        RequestMetrics metrics = metrics();
        try (RawUpstream open = RawUpstream.start(connection -> {
            connection.readBytes(asked.length());
            connection.write(answered);
            while (connection.read() >= 0) {
                continue;
            }
        })) {
            gateway = TestGateway.builder()
                    .observer(metrics)
                    .start(Yaml.service("shop.internal", "TCP", open.port())
                            + Yaml.forwardBytes("shop.internal")
                            + telemetry("istio-system", "", "- reportingInterval: 1h")
                            + telemetry("default", "", "- reportingInterval: 100ms"));
            gateway.assumeSeen("the metrics that are notified");

            try (RawClient client = new RawClient(gateway.port(9000))) {
                client.send(asked).readBytes(answered.length());

                await().untilAsserted(() -> assertThat(samples(metrics))
                        .anyMatch(counted("sent_bytes", answered.length()))
                        .anyMatch(counted("received_bytes", asked.length()))
                        .anyMatch(counted("connections_closed", 0)));
                client.send("more");
                await().until(() -> samples(metrics).stream().anyMatch(counted("received_bytes", asked.length() + 4)));
                client.send("the last");
            }
        }

        await().untilAsserted(() -> assertThat(samples(metrics))
                .as("each byte once")
                .anyMatch(counted("sent_bytes", answered.length()))
                .anyMatch(counted("received_bytes", asked.length() + 12))
                .anyMatch(counted("connections_closed", 1)));
    }

    private static Predicate<String> counted(String what, int count) {
        return line -> line.startsWith("istio_tcp_" + what + "_total{") && line.endsWith(" " + count + ".0");
    }
}
