package io.sallyport.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.outcome.ClientFacts;
import io.sallyport.outcome.DestinationFacts;
import io.sallyport.outcome.EgressFacts;
import io.sallyport.outcome.Facts;
import io.sallyport.outcome.RequestFacts;
import io.sallyport.outcome.ResponseFlag;
import io.sallyport.outcome.WorkloadNames;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestMetricsTest {
    private static final Pattern SAMPLE = Pattern.compile("^(\\w+)\\{(.*)\\} (\\S+)$", Pattern.MULTILINE);
    private static final Pattern LABEL = Pattern.compile("(\\w+)=\"([^\"]*)\"");

    private final Scraped scraped = new Scraped();
    private final Set<String> clusters = new HashSet<>();
    private final RequestMetrics metrics = new RequestMetrics(
            InstanceLabels.of(Map.of("istio", "ingressgateway"), "edge", "north"),
            new RequestMetrics.Limits(100, 10),
            Scraped.BOUNDS,
            () -> clusters);

    @BeforeEach
    void show() {
        scraped.exposition.add(metrics);
    }

    @Test
    void aForwardedRequestIsCountedWithIstiosLabels() {
        metrics.onRequestEnd(Facts.forwarded());
        metrics.onRequestEnd(Facts.forwarded());

        assertThat(samples("istio_requests_total")).singleElement().satisfies(sample -> {
            assertThat(sample.value).isEqualTo(2);
            assertThat(sample.labels)
                    .containsExactlyInAnyOrderEntriesOf(Map.ofEntries(
                            Map.entry("reporter", "source"),
                            Map.entry("source_workload", "sallyport"),
                            Map.entry("source_workload_namespace", "edge"),
                            Map.entry("source_principal", "unknown"),
                            Map.entry("source_app", "sallyport"),
                            Map.entry("source_version", "unknown"),
                            Map.entry("source_canonical_service", "sallyport"),
                            Map.entry("source_canonical_revision", "latest"),
                            Map.entry("source_cluster", "north"),
                            Map.entry("destination_cluster", "unknown"),
                            Map.entry("destination_workload", "unknown"),
                            Map.entry("destination_workload_namespace", "unknown"),
                            Map.entry("destination_app", "unknown"),
                            Map.entry("destination_canonical_service", "unknown"),
                            Map.entry("destination_canonical_revision", "unknown"),
                            Map.entry("destination_principal", "unknown"),
                            Map.entry("destination_service", "payments.default.svc.cluster.local"),
                            Map.entry("destination_service_name", "payments"),
                            Map.entry("destination_service_namespace", "default"),
                            Map.entry("destination_version", "v1"),
                            Map.entry("request_protocol", "http"),
                            Map.entry("response_code", "200"),
                            Map.entry("response_flags", "-"),
                            Map.entry("grpc_response_status", ""),
                            Map.entry("connection_security_policy", "unknown")));
        });
    }

    @Test
    void requestsThatDifferInOneLabelAreCountedApart() {
        RequestFacts other = Facts.forwarded();
        other.status = 503;
        other.flag = ResponseFlag.UH;
        metrics.onRequestEnd(Facts.forwarded());
        metrics.onRequestEnd(other);
        RequestFacts canary = Facts.forwarded();
        canary.destination = Facts.to(canary.destination.host(), "v2");
        metrics.onRequestEnd(canary);
        metrics.onRequestEnd(Facts.refused());

        assertThat(samples("istio_requests_total"))
                .extracting(s -> s.labels.get("destination_service_name")
                        + " " + s.labels.get("destination_version")
                        + " " + s.labels.get("response_code")
                        + " " + s.labels.get("response_flags"))
                .containsExactlyInAnyOrder(
                        "payments v1 200 -", "payments v1 503 UH", "payments v2 200 -", "unknown unknown 404 NR");
    }

    @Test
    void mutualTlsNamesBothSides() {
        RequestFacts facts = Facts.forwarded();
        facts.endpoint = Facts.identified(
                facts.endpoint, "spiffe://td/ns/default/sa/payments", "spiffe://td/ns/edge/sa/gw", null);
        metrics.onRequestEnd(facts);

        assertThat(samples("istio_requests_total").getFirst().labels)
                .containsEntry("source_principal", "spiffe://td/ns/edge/sa/gw")
                .containsEntry("destination_principal", "spiffe://td/ns/default/sa/payments");
    }

    @Test
    void workloadsAreNamedByTheirLabels() {
        RequestFacts facts = Facts.forwarded();
        facts.source = WorkloadNames.of(Map.of("app", "shop"), "web", null, "shop-sa");
        facts.client = ClientFacts.of(null, "spiffe://td/ns/web/sa/shop-sa");
        WorkloadNames pay = WorkloadNames.of(
                Map.of(
                        "app", "pay",
                        "version", "v7",
                        "service.istio.io/canonical-name", "payments",
                        "topology.istio.io/cluster", "south"),
                "prod",
                null,
                "pay-sa");
        String peer = "spiffe://td/ns/prod/sa/pay-sa";
        String own = "spiffe://td/ns/edge/sa/other";
        facts.endpoint = Facts.identified(facts.endpoint, peer, own, pay);
        metrics.onRequestEnd(facts);
        RequestFacts ofGateway = Facts.forwarded();
        ofGateway.client = ClientFacts.of(null, "spiffe://td/ns/web/sa/anybody");
        ofGateway.endpoint = Facts.identified(ofGateway.endpoint, peer, own, null);
        metrics.onRequestEnd(ofGateway);

        assertThat(samples("istio_requests_total"))
                .extracting(sample -> sample.labels)
                .anySatisfy(labels -> assertThat(labels)
                        .containsEntry("source_workload", "shop")
                        .containsEntry("source_workload_namespace", "web")
                        .containsEntry("source_principal", "spiffe://td/ns/web/sa/shop-sa")
                        .containsEntry("source_app", "shop")
                        .containsEntry("source_version", "unknown")
                        .containsEntry("source_cluster", "north")
                        .containsEntry("destination_cluster", "south")
                        .containsEntry("destination_workload", "payments")
                        .containsEntry("destination_workload_namespace", "prod")
                        .containsEntry("destination_app", "pay")
                        .containsEntry("destination_version", "v7")
                        .containsEntry("destination_canonical_service", "payments")
                        .containsEntry("destination_canonical_revision", "v7"))
                .anySatisfy(labels -> assertThat(labels)
                        .as("a client of a Gateway has no label of its own")
                        .containsEntry("source_workload", "sallyport")
                        .containsEntry("source_principal", "spiffe://td/ns/edge/sa/other"))
                .hasSize(2);
    }

    @Test
    void durationsFallIntoTheirBuckets() {
        for (double millis : new double[] {0.9, 1, 1.1, 7, 4_000_000}) {
            RequestFacts facts = Facts.forwarded();
            facts.durationNanos = (long) (millis * 1e6);
            metrics.onRequestEnd(facts);
        }

        Map<String, Double> buckets = new HashMap<>();
        samples("istio_request_duration_milliseconds_bucket").forEach(s -> buckets.put(s.labels.get("le"), s.value));
        assertThat(buckets)
                .hasSize(12)
                .containsEntry("1.0", 2.0)
                .containsEntry("5.0", 3.0)
                .containsEntry("10.0", 4.0)
                .containsEntry("30000.0", 4.0)
                .containsEntry("+Inf", 5.0);
        assertThat(samples("istio_request_duration_milliseconds_count").getFirst().value)
                .isEqualTo(5);
        assertThat(samples("istio_request_duration_milliseconds_sum").getFirst().value)
                .isEqualTo(4_000_010);
    }

    @Test
    void withoutBucketsThereAreSumAndCount() {
        metrics.onRequestEnd(Facts.forwarded());

        assertThat(samples("istio_request_bytes_bucket"))
                .extracting(s -> s.labels.get("le"))
                .containsExactly("100.0", "1000.0", "+Inf");
        assertThat(samples("istio_response_bytes_bucket"))
                .extracting(s -> s.labels.get("le"))
                .containsExactly("+Inf");
        assertThat(samples("istio_response_bytes_count").getFirst().value).isEqualTo(1);
    }

    @Test
    void bodiesAreMeasuredBothWays() {
        metrics.onRequestEnd(Facts.forwarded());

        assertThat(samples("istio_request_bytes_sum").getFirst().value).isEqualTo(3);
        assertThat(samples("istio_response_bytes_sum").getFirst().value).isEqualTo(1234);
    }

    @ParameterizedTest(name = "grpc-status {0} -> {1}")
    @CsvSource({"0, 0", "16, 16", "14, 14", "17, 2", "100000000000, 2", "-1, 2", "x, 2", "'', 2", ",''"})
    void grpcStatusesAreClampedToThoseThatExist(String sent, String label) {
        RequestFacts facts = Facts.forwarded();
        facts.grpc = true;
        facts.grpcStatus = sent;
        metrics.onRequestEnd(facts);

        assertThat(samples("istio_requests_total").getFirst().labels)
                .containsEntry("request_protocol", "grpc")
                .containsEntry("grpc_response_status", label);
    }

    @ParameterizedTest
    @CsvSource({
        "payments.default.svc.cluster.local, payments",
        "payments.default.svc.other.domain, payments",
        "api.example.com, api.example.com",
        "svc.example.com, svc.example.com",
        "a.b.c.svc.example.com, a.b.c.svc.example.com",
        ", unknown",
    })
    void onlyMeshServicesHaveAShortName(String host, String name) {
        RequestFacts facts = Facts.forwarded();
        facts.destination = Facts.to(host, "v1");
        metrics.onRequestEnd(facts);

        assertThat(samples("istio_requests_total").getFirst().labels).containsEntry("destination_service_name", name);
    }

    @Test
    void theServicesNamespaceIsKnownWhereNoEndpointIs() {
        RequestFacts facts = Facts.forwarded();
        facts.destination = new DestinationFacts(
                null, "api.example.com", null, WorkloadNames.of(Map.of(), "partners", "api", null));
        metrics.onRequestEnd(facts);

        assertThat(samples("istio_requests_total").getFirst().labels)
                .containsEntry("destination_service_namespace", "partners")
                .containsEntry("destination_workload", "unknown")
                .containsEntry("destination_workload_namespace", "unknown");
    }

    @ParameterizedTest(name = "mesh client {0}, verified {1} -> {2}")
    @CsvSource({"true, true, mutual_tls", "true, false, none", "false, true, unknown", "false, false, unknown"})
    void onlyTheServerOfASourceKnowsHowItIsSecured(boolean mesh, boolean verified, String policy) {
        RequestFacts facts = Facts.forwarded();
        if (mesh) {
            facts.egress = new EgressFacts("payments.default.svc.cluster.local", 0, null, null, null, null);
        }
        facts.client = Facts.secured(facts.client, null, verified);
        metrics.onRequestEnd(facts);
        facts.client = Facts.secured(facts.client, null, !verified);
        metrics.onRequestEnd(facts);

        assertThat(samples("istio_requests_total"))
                .extracting(sample -> sample.labels.get("connection_security_policy"))
                .hasSize(mesh ? 2 : 1)
                .contains(policy);
    }

    @Test
    void connectionsAreCountedWithTheirBytes() {
        metrics.onConnectionStart(Facts.connection());
        metrics.onConnectionStart(Facts.connection());
        metrics.onConnectionEnd(Facts.connection());

        assertThat(samples("istio_tcp_connections_opened_total").getFirst().value)
                .isEqualTo(2);
        assertThat(samples("istio_tcp_connections_closed_total").getFirst().value)
                .isEqualTo(1);
        assertThat(samples("istio_tcp_sent_bytes_total").getFirst().value).isEqualTo(20);
        assertThat(samples("istio_tcp_received_bytes_total").getFirst().value).isEqualTo(10);
        assertThat(samples("istio_requests_total")).isEmpty();
        assertThat(samples("istio_tcp_sent_bytes_total").getFirst().labels)
                .containsEntry("request_protocol", "tcp")
                .doesNotContainKey("response_code");
    }

    @Test
    void whatComesAfterTheLastSeriesIsCountedAsOverflow() {
        for (int i = 0; i < 150; i++) {
            RequestFacts facts = Facts.forwarded();
            facts.destination = Facts.to("host-" + i, "v1");
            metrics.onRequestEnd(facts);
            metrics.onRequestEnd(facts);
        }

        List<Sample> samples = samples("istio_requests_total");
        assertThat(samples).hasSize(101);
        assertThat(samples.stream()
                        .filter(s -> s.labels.get("destination_service").equals("overflow")))
                .singleElement()
                .satisfies(s -> assertThat(s.value).isEqualTo(100));
        assertThat(samples.stream().mapToDouble(s -> s.value).sum()).isEqualTo(300);
    }

    @Test
    void oneDestinationThatAnswersAtRandomDoesNotTakeTheSeriesOfOthers() {
        var roomy = new RequestMetrics(
                InstanceLabels.UNKNOWN, new RequestMetrics.Limits(2_000, 10), Scraped.BOUNDS, () -> clusters);
        scraped.exposition.add(roomy);
        for (int i = 0; i < 800 * 17; i++) {
            RequestFacts facts = to("odd", null);
            facts.grpc = true;
            facts.status = 200 + i % 800;
            facts.grpcStatus = Integer.toString(i / 800);
            roomy.onRequestEnd(facts);
        }
        for (int i = 0; i < 1_000; i++) {
            roomy.onRequestEnd(to("host-" + i, null));
        }

        List<String> hosts = hosts();
        assertThat(hosts.stream().filter(host -> host.startsWith("host-"))).hasSize(1_000);
        assertThat(hosts.stream().filter(host -> host.startsWith("odd"))).hasSize(150);
        assertThat(hosts.stream().filter(host -> host.startsWith("overflow"))).hasSize(1);
    }

    private static RequestFacts to(String host, String subset) {
        RequestFacts facts = Facts.forwarded();
        facts.destination = Facts.to(host, subset);
        return facts;
    }

    private List<String> hosts() {
        return samples("istio_requests_total").stream()
                .map(s -> s.labels.get("destination_service") + '/' + s.labels.get("destination_version"))
                .sorted()
                .toList();
    }

    private void later(long minutes) {
        for (long i = 0; i < minutes; i++) {
            scraped.clock.addAndGet(60_000);
            scraped.exposition.forget();
        }
    }

    @Test
    void seriesOfWhatIsGoneLeaveAfterAnHour() {
        clusters.addAll(List.of("outbound|80|v1|a", "outbound|80|v2|a", "outbound|443||b", "PassthroughCluster"));
        metrics.onRequestEnd(to("a", "v1"));
        metrics.onRequestEnd(to("a", "v2"));
        metrics.onRequestEnd(to("b", null));
        metrics.onRequestEnd(to("PassthroughCluster", null));
        metrics.onRequestEnd(Facts.refused());
        later(600);
        assertThat(hosts())
                .containsExactly("PassthroughCluster/unknown", "a/v1", "a/v2", "b/unknown", "unknown/unknown");

        clusters.removeAll(List.of("outbound|80|v1|a", "outbound|443||b", "PassthroughCluster"));
        later(59);
        assertThat(hosts()).hasSize(5);
        metrics.onRequestEnd(to("b", null));
        later(2);
        assertThat(hosts()).containsExactly("a/v2", "b/unknown", "unknown/unknown");
        later(60);
        assertThat(hosts()).containsExactly("a/v2", "unknown/unknown");
    }

    @Test
    void whatComesBackIsCountedAnew() {
        metrics.onRequestEnd(to("a", null));
        metrics.onRequestEnd(to("a", null));
        later(62);
        assertThat(hosts()).isEmpty();

        metrics.onRequestEnd(to("a", null));

        assertThat(samples("istio_requests_total")).singleElement().satisfies(s -> assertThat(s.value)
                .isEqualTo(1));
    }

    @Test
    void whatLeftMakesRoom() {
        for (int i = 0; i < 1_000; i++) {
            metrics.onRequestEnd(to("host-" + i, null));
            if (i % 100 == 99) {
                assertThat(hosts()).hasSize(100).doesNotContain("overflow/unknown");
                later(62);
                assertThat(hosts()).isEmpty();
            }
        }
    }

    @Test
    void anOpenConnectionKeepsItsSeries() {
        metrics.onConnectionStart(Facts.connection());
        later(600);
        assertThat(samples("istio_tcp_connections_opened_total")).hasSize(1);

        metrics.onConnectionEnd(Facts.connection());
        later(62);
        assertThat(samples("istio_tcp_connections_opened_total")).isEmpty();
    }

    @Test
    void eventLoopsAreAddedUp() throws InterruptedException {
        List<Thread> loops = IntStream.range(0, 4)
                .mapToObj(_ -> Thread.ofPlatform().start(() -> {
                    for (int i = 0; i < 1_000; i++) {
                        RequestFacts facts = Facts.forwarded();
                        facts.status = 200 + i % 90;
                        metrics.onRequestEnd(facts);
                    }
                }))
                .toList();
        for (Thread loop : loops) {
            loop.join();
        }

        assertThat(samples("istio_requests_total")).hasSize(90);
        assertThat(samples("istio_requests_total").stream()
                        .mapToDouble(s -> s.value)
                        .sum())
                .isEqualTo(4_000);
    }

    private record Sample(Map<String, String> labels, double value) {}

    private List<Sample> samples(String name) {
        return SAMPLE.matcher(scraped.text())
                .results()
                .filter(match -> match.group(1).equals(name))
                .map(match -> new Sample(labels(match.group(2)), number(match)))
                .toList();
    }

    private static double number(MatchResult match) {
        return Double.parseDouble(match.group(3));
    }

    private static Map<String, String> labels(String text) {
        var labels = new HashMap<String, String>();
        LABEL.matcher(text).results().forEach(match -> labels.put(match.group(1), match.group(2)));
        return labels;
    }
}
