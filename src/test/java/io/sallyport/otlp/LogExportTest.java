package io.sallyport.otlp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.channel.EventLoop;
import io.netty.channel.nio.NioEventLoopGroup;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.sallyport.cluster.ClusterRegistry;
import io.sallyport.cluster.ClusterSpec;
import io.sallyport.cluster.EndpointFeed;
import io.sallyport.cluster.dns.DnsSettings;
import io.sallyport.cluster.dns.NameResolution;
import io.sallyport.format.CelExpression;
import io.sallyport.format.LogPlan;
import io.sallyport.format.LogRecords;
import io.sallyport.format.LogSink;
import io.sallyport.http.HttpLimits;
import io.sallyport.identity.CertificatesInUse;
import io.sallyport.outcome.Facts;
import io.sallyport.outcome.LoggedFields;
import io.sallyport.outcome.RequestFacts;
import io.sallyport.outcome.RequestTrace;
import io.sallyport.outcome.SpanOptions;
import io.sallyport.snapshot.ByGateway;
import io.sallyport.snapshot.LogPlans;
import io.sallyport.snapshot.Policies;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.telemetry.Scraped;
import io.sallyport.testing.ClosedPort;
import io.sallyport.testing.TestCollector;
import io.sallyport.trace.Collector;
import io.sallyport.trace.Traces;
import io.sallyport.upstream.ClusterFactory;
import io.sallyport.upstream.ConnectionFactory;
import io.sallyport.upstream.UpstreamLoop;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What becomes of records of the access log, and what they say.
class LogExportTest {
    private static final Instance INSTANCE =
            new Instance("edge", Map.of("region", "north"), "default", "edge", "latest", "unknown", "unknown");

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int MOST_BYTES = 4 << 20;

    private final NioEventLoopGroup loops = new NioEventLoopGroup(1);
    private final Scraped scraped = new Scraped();
    private LogExport export;
    private ClusterRegistry clusters = ClusterRegistry.EMPTY;

    private static Collector collector(String name, String cluster, int port, Duration timeout) {
        return new Collector(
                name, cluster, Collector.Protocol.GRPC, "127.0.0.1:" + port, "", List.of(), timeout, false);
    }

    private void exporting(int port, int capacity, Duration timeout) throws Exception {
        exporting(Map.of("otel", port), capacity, timeout);
    }

    private void exporting(Map<String, Integer> ports, int capacity, Duration timeout) throws Exception {
        EventLoop loop = loops.next();
        List<ClusterSpec> specs = new ArrayList<>();
        Map<String, Collector> collectors = new HashMap<>();
        for (Map.Entry<String, Integer> each : ports.entrySet()) {
            int port = each.getValue();
            ClusterSpec spec =
                    new CollectorEndpoint(collector("", "", port, timeout), "127.0.0.1", port, false, null).spec();
            specs.add(spec);
            collectors.put(each.getKey(), collector(each.getKey(), spec.name(), port, timeout));
        }
        clusters = ClusterRegistry.EMPTY.next(
                specs, new ClusterFactory(new NameResolution(loop, DnsSettings.DEFAULT), EndpointFeed.NONE));
        Snapshot snapshot = new Snapshot(
                1,
                Instant.EPOCH,
                "",
                Map.of(),
                clusters,
                Map.of(),
                Policies.NONE,
                CertificatesInUse.NONE,
                Traces.NONE,
                new LogPlans(ByGateway.usual(), collectors),
                ByGateway.usual());
        export = new LogExport(INSTANCE, capacity);
        export.start(new UpstreamLoop(loop, HttpLimits.DEFAULT, ConnectionFactory.HTTP), () -> snapshot);
        scraped.exposition.add(export);
    }

    private void exporting(TestCollector collector, int capacity) throws Exception {
        exporting(collector.port(), capacity, Duration.ofSeconds(5));
    }

    @AfterEach
    void close() {
        export.close();
        clusters.closeAllBut(ClusterRegistry.EMPTY);
        loops.shutdownGracefully(0, 0, TimeUnit.SECONDS);
    }

    private static LogPlan plan(String template, Map<String, String> labels) throws Exception {
        return new LogPlan(List.of(LogSink.of(template, LogRecords.of("otel", "", labels))));
    }

    private static RequestFacts by(LogPlan plan) {
        RequestFacts facts = Facts.forwarded();
        facts.log = new LoggedFields(plan);
        return facts;
    }

    private void awaitCount(String outcome, long count) {
        String line =
                "sallyport_access_log_records_total{collector=\"otel\",outcome=\"" + outcome + "\"} " + count + ".0";
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(scraped.lines()).contains(line));
    }

    private long dropped() {
        return scraped.lines().stream()
                .filter(line -> line.startsWith("sallyport_access_log_dropped_requests_total{collector=\"otel\"}"))
                .mapToLong(line -> (long) Double.parseDouble(line.substring(line.indexOf('}') + 2)))
                .sum();
    }

    @Test
    void aRecordHasALineAndLabelsAndTheTrace() throws Exception {
        try (TestCollector collector = TestCollector.grpc()) {
            exporting(collector, 16);
            LogPlan plan = plan(
                    "ü %RESPONSE_CODE% \"%REQ(X-A)%\"",
                    Map.of("a", "<%REQ(X-A)%>", "none", "%REQ(X-B)%", "took", "%DURATION%", "ü", "100%%"));
            RequestFacts facts = by(plan);
            facts.log.logged.set(plan.collectors().getFirst().ofFormat(), "say \"x\"\n");
            for (int place = 1; place < plan.captured().size(); place++) {
                boolean isA = plan.captured().request().get(place).name().contentEquals("x-a");
                facts.log.logged.set(place, isA ? "say \"x\"\n" : null);
            }
            facts.trace = new RequestTrace(new SpanOptions("", true, 256));
            facts.trace.high = 1;
            facts.trace.low = 2;
            facts.trace.spanId = 3;
            facts.trace.sampled = true;

            export.onRequestEnd(facts);

            LogRecord record = collector.awaitRecords(1).getFirst();
            assertThat(record.getBody().getStringValue()).isEqualTo("ü 200 \"say \\\"x\\\"\\x0a\"");
            assertThat(TestCollector.attributes(record.getAttributesList()))
                    .isEqualTo(Map.of("a", "<say \"x\" >", "none", "-", "took", "12", "ü", "100%"));
            assertThat(record.getTimeUnixNano()).isEqualTo(1_777_636_800_007_000_000L);
            assertThat(record.getObservedTimeUnixNano()).isEqualTo(1_777_636_800_019_900_000L);
            assertThat(record.getSeverityNumber().name()).isEqualTo("SEVERITY_NUMBER_INFO");
            assertThat(HexFormat.of().formatHex(record.getTraceId().toByteArray()))
                    .isEqualTo("00000000000000010000000000000002");
            assertThat(HexFormat.of().formatHex(record.getSpanId().toByteArray()))
                    .isEqualTo("0000000000000003");
            assertThat(record.getFlags()).isOne();
            var resource = collector.logs().getFirst().getResourceLogs(0);
            assertThat(TestCollector.attributes(resource.getResource().getAttributesList()))
                    .containsEntry("log_name", "otel_envoy_accesslog")
                    .containsEntry("service.name", "edge")
                    .containsEntry("service.namespace", "default")
                    .containsEntry("region", "north");
            assertThat(resource.getScopeLogs(0).getScope().getName()).isEqualTo("io.sallyport");
        }
    }

    @Test
    void withoutATraceThereAreNoIds() throws Exception {
        try (TestCollector collector = TestCollector.grpc()) {
            exporting(collector, 16);

            export.onRequestEnd(by(plan("", Map.of())));

            LogRecord record = collector.awaitRecords(1).getFirst();
            assertThat(record.getTraceId().isEmpty()).isTrue();
            assertThat(record.getSpanId().isEmpty()).isTrue();
            assertThat(record.getBody().getStringValue())
                    .startsWith(
                            "[2026-05-01T12:00:00.007Z] \"GET /v1/pay?id=7 HTTP/2\" 200 - via_upstream - \"-\" 3 1234 12")
                    .endsWith(" api.example.com canary");
        }
    }

    @Test
    void recordsAreCountedByWhatTheCollectorSays() throws Exception {
        try (TestCollector collector = TestCollector.grpc()) {
            collector.rejecting(1);
            exporting(collector, 16);

            export.onRequestEnd(by(plan("a", Map.of())));

            awaitCount("rejected", 1);
            awaitCount("exported", 0);
            awaitCount("failed", 0);
            assertThat(collector.metadata())
                    .containsEntry(":path", "/opentelemetry.proto.collector.logs.v1.LogsService/Export");
        }
    }

    @Test
    void aPassingRefusalIsTriedAgain() throws Exception {
        try (TestCollector collector = TestCollector.grpc()) {
            collector.refusing(1);
            exporting(collector, 16);

            export.onRequestEnd(by(plan("a", Map.of())));

            awaitCount("exported", 1);
            assertThat(collector.calls()).isEqualTo(2);
        }
    }

    @Test
    void whatTheFilterLeavesOutIsNoRecord() throws Exception {
        try (TestCollector collector = TestCollector.grpc()) {
            exporting(collector, 16);
            LogSink all = LogSink.of("%RESPONSE_CODE%", LogRecords.of("otel", "mine", Map.of()));
            LogPlan plan = new LogPlan(List.of(all.withFilter(CelExpression.condition("response.code == 404"))));
            RequestFacts refused = Facts.refused();
            refused.log = new LoggedFields(plan);

            export.onRequestEnd(by(plan));
            export.onRequestEnd(refused);
            export.onRequestEnd(Facts.forwarded());
            export.onRequestEnd(by(new LogPlan(List.of())));

            awaitCount("exported", 1);
            assertThat(collector.records())
                    .extracting(record -> record.getBody().getStringValue())
                    .containsExactly("404");
        }
    }

    /// A collector takes 4 MiB at once by gRPC: clients with long paths must not have others' records refused.
    @Test
    void longTextsAreSentInSeveralRequests() throws Exception {
        try (TestCollector collector = TestCollector.grpc()) {
            exporting(collector, 1024);
            LogPlan plan = plan("%REQ(:PATH)%", Map.of("path", "%REQ(:PATH)%"));
            int requests = 512;
            for (int i = 0; i < requests; i++) {
                RequestFacts facts = by(plan);
                facts.path = "/" + "\"".repeat(8_000);
                export.onRequestEnd(facts);
            }

            assertThat(collector.awaitRecords(requests)).hasSize(requests);
            assertThat(collector.logs())
                    .allSatisfy(each -> assertThat(each.getSerializedSize()).isLessThan(MOST_BYTES));
            assertThat(dropped()).isZero();
        }
    }

    @Test
    void aCollectorThatIsGoneCostsRecordsAlone() throws Exception {
        int gone = ClosedPort.number();
        exporting(gone, 16, Duration.ofSeconds(5));
        LogPlan plan = plan("a", Map.of());
        int offered = 10_000;
        for (int i = 0; i < offered; i++) {
            export.onRequestEnd(by(plan));
        }
        // What one batch has taken, and what waits.
        assertThat(dropped()).isBetween(offered - 2_000L, offered - 16L);
    }

    @Test
    void aSlowCollectorCostsWhatTheQueueHasNoRoomFor() throws Exception {
        int room = 16;
        try (TestCollector collector = TestCollector.grpc().holding()) {
            exporting(collector.port(), room, PATIENCE);
            LogPlan plan = plan("a", Map.of());
            export.onRequestEnd(by(plan));
            // From here on its thread waits for the answer.
            await().atMost(PATIENCE).until(() -> collector.calls() == 1);

            int offered = 1_000;
            for (int i = 0; i < offered; i++) {
                export.onRequestEnd(by(plan));
            }
            assertThat(dropped()).isEqualTo(offered - room);
            collector.release();

            awaitCount("exported", 1 + room);
            awaitCount("failed", 0);
            assertThat(collector.records()).hasSize(1 + room);
        }
    }

    /// Nobody else's records wait for it.
    @Test
    void aCollectorThatStandsStillHoldsUpNoOther() throws Exception {
        try (TestCollector slow = TestCollector.grpc().holding();
                TestCollector quick = TestCollector.grpc()) {
            exporting(Map.of("slow", slow.port(), "quick", quick.port()), 16, PATIENCE);
            LogPlan plan = new LogPlan(List.of(
                    LogSink.of("a", LogRecords.of("slow", "", Map.of())),
                    LogSink.of("b", LogRecords.of("quick", "", Map.of()))));

            export.onRequestEnd(by(plan));
            await().atMost(PATIENCE).until(() -> slow.calls() == 1);
            export.onRequestEnd(by(plan));

            assertThat(quick.awaitRecords(2)).hasSize(2);
            assertThat(slow.records()).isEmpty();
            slow.release();
            assertThat(slow.awaitRecords(2)).hasSize(2);
        }
    }

    /// Each has had a thread of its own.
    @Test
    void collectorsAreNotMadeWithoutEnd() throws Exception {
        int gone = ClosedPort.number();
        exporting(gone, 16, Duration.ofSeconds(5));
        for (int i = 0; i < 70; i++) {
            export.onRequestEnd(by(new LogPlan(List.of(LogSink.of("a", LogRecords.of("gone-" + i, "", Map.of()))))));
        }

        assertThat(scraped.lines())
                .filteredOn(line -> line.startsWith("sallyport_access_log_dropped_requests_total"))
                .hasSize(65)
                .contains("sallyport_access_log_dropped_requests_total{collector=\"(others)\"} 6.0");
    }

    @Test
    void aBlackHoleCostsRecordsAlone() throws Exception {
        try (ServerSocket hole = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            exporting(hole.getLocalPort(), 16, Duration.ofMillis(200));

            export.onRequestEnd(by(plan("a", Map.of())));
            await().atMost(PATIENCE).until(() -> scraped.lines().stream()
                    .anyMatch(line -> line.startsWith("sallyport_access_log_records_total")));
            export.close();

            awaitCount("failed", 1);
            awaitCount("exported", 0);
        }
    }
}
