package io.sallyport.otlp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.channel.EventLoop;
import io.netty.channel.nio.NioEventLoopGroup;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.sallyport.cluster.EndpointFeed;
import io.sallyport.cluster.dns.DnsSettings;
import io.sallyport.cluster.dns.NameResolution;
import io.sallyport.http.HttpLimits;
import io.sallyport.telemetry.MetricWriter.Type;
import io.sallyport.telemetry.Scraped;
import io.sallyport.testing.ClosedPort;
import io.sallyport.testing.Issued;
import io.sallyport.testing.MetricSamples;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TestCollector;
import io.sallyport.trace.Collector;
import io.sallyport.upstream.ClusterFactory;
import io.sallyport.upstream.ConnectionFactory;
import io.sallyport.upstream.UpstreamLoop;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What becomes of metrics on their way to a collector.
class MetricExportTest {
    private static final Duration SHORT = Duration.ofMillis(50);
    private static final Duration NEVER = Duration.ofDays(1);
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int MANY = 2_000;

    private final NioEventLoopGroup loops = new NioEventLoopGroup(1);
    private final Scraped scraped = new Scraped();
    private Map<String, String> attributes = Map.of();
    private Duration longest = PATIENCE;
    private Duration timeout = Duration.ofSeconds(5);
    private boolean gzip;
    private Path roots;
    private MetricExport export;

    private MetricExport exporting(int port, boolean grpc, Duration interval) throws Exception {
        EventLoop loop = loops.next();
        Collector collector = new Collector(
                "",
                "",
                grpc ? Collector.Protocol.GRPC : Collector.Protocol.HTTP_PROTOBUF,
                "127.0.0.1:" + port,
                "/v1/metrics",
                List.of(Map.entry("api-key", "k")),
                timeout,
                gzip);
        export = new MetricExport(
                new Instance("edge", attributes, "default", "edge", "latest", "unknown", "unknown"),
                scraped.exposition,
                new CollectorEndpoint(collector, "127.0.0.1", port, roots != null, roots),
                new MetricExport.Times(interval, longest));
        scraped.exposition.add(export);
        export.start(
                new UpstreamLoop(loop, HttpLimits.DEFAULT, ConnectionFactory.HTTP),
                new ClusterFactory(new NameResolution(loop, DnsSettings.DEFAULT), EndpointFeed.NONE));
        return export;
    }

    private MetricExport exporting(TestCollector collector, Duration interval) throws Exception {
        return exporting(collector.port(), collector.protocol().equals("grpc"), interval);
    }

    @AfterEach
    void close() {
        if (export != null) {
            export.close();
        }
        loops.shutdownGracefully(0, 0, TimeUnit.SECONDS);
    }

    private void show(int labelSets) {
        scraped.exposition.add(out -> {
            out.family("a", Type.COUNTER, "A.");
            for (int i = 0; i < labelSets; i++) {
                out.labels().label("x", "x".repeat(900) + i).sample(i);
            }
        });
    }

    private long points(String outcome) {
        return MetricSamples.ofText(scraped.lines())
                .values()
                .getOrDefault("sallyport_metric_points_total{outcome=" + outcome + "}", -1.0)
                .longValue();
    }

    private void awaitPoints(String outcome, long least) {
        await().atMost(PATIENCE).until(() -> points(outcome) >= least);
    }

    private static List<ExportMetricsServiceRequest> awaitRequests(TestCollector collector, int count) {
        await().atMost(PATIENCE).until(() -> collector.metrics().size() >= count);
        return collector.metrics();
    }

    @ParameterizedTest
    @CsvSource({"true, true", "true, false", "false, true", "false, false"})
    void allMetricsArriveAtEachInterval(boolean grpc, boolean compressed) throws Exception {
        gzip = compressed;
        show(3);
        try (TestCollector collector = grpc ? TestCollector.grpc() : TestCollector.http()) {
            exporting(collector, SHORT);

            for (ExportMetricsServiceRequest each : awaitRequests(collector, 3)) {
                assertThat(MetricSamples.of(List.of(each)).values())
                        .hasSize(6)
                        .containsEntry("a_total{x=" + "x".repeat(900) + "2}", 2.0)
                        .containsEntry("sallyport_metric_points_total{outcome=failed}", 0.0);
            }
            awaitPoints("exported", 18);
            assertThat(points("failed")).isZero();
            assertThat(points("rejected")).isZero();
            assertThat(collector.metadata())
                    .containsEntry("api-key", "k")
                    .containsEntry(
                            ":path",
                            grpc ? "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export" : "/v1/metrics");
            if (compressed) {
                assertThat(collector.metadata()).containsEntry(grpc ? "grpc-encoding" : "content-encoding", "gzip");
            }
        }
    }

    @Test
    void eachInstanceHasAnIdOfItsOwnUnlessAttributesHaveOne() throws Exception {
        try (TestCollector collector = TestCollector.grpc()) {
            exporting(collector, NEVER).close();
            exporting(collector, NEVER).close();
            attributes = Map.of("service.instance.id", "pod-1");
            exporting(collector, NEVER).close();

            assertThat(collector.metrics())
                    .extracting(request -> TestCollector.attributes(
                                    request.getResourceMetrics(0).getResource().getAttributesList())
                            .get("service.instance.id"))
                    .hasSize(3)
                    .doesNotHaveDuplicates()
                    .allMatch(id -> id.length() == 36 || id.equals("pod-1"))
                    .endsWith("pod-1");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aCertificateIsVerified(boolean trusted, @TempDir Path directory) throws Exception {
        TestCertificates authority = TestCertificates.authority("collectors");
        Issued identity = authority.leaf("collector").ip("127.0.0.1").issue();
        roots = Files.writeString(
                directory.resolve("ca.pem"), (trusted ? authority : TestCertificates.authority("others")).pem());
        show(1);
        try (TestCollector collector = TestCollector.grpc(identity)) {
            exporting(collector.port(), true, Duration.ofMillis(500));

            awaitPoints(trusted ? "exported" : "failed", 4);
            assertThat(collector.metrics().isEmpty()).isEqualTo(!trusted);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatTheCollectorRejectsIsCounted(boolean grpc) throws Exception {
        show(3);
        try (TestCollector collector = grpc ? TestCollector.grpc() : TestCollector.http()) {
            exporting(collector.rejecting(2), NEVER).close();

            assertThat(points("exported")).isEqualTo(4);
            assertThat(points("rejected")).isEqualTo(2);
            assertThat(points("failed")).isZero();
        }
    }

    @Test
    void moreThanThereWasIsNotRejected() throws Exception {
        show(3);
        try (TestCollector collector = TestCollector.grpc()) {
            exporting(collector.rejecting(1_000_000), NEVER).close();

            assertThat(points("exported")).isZero();
            assertThat(points("rejected")).isEqualTo(6);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aPassingRefusalIsTriedAgainWithinTheInterval(boolean grpc) throws Exception {
        try (TestCollector collector = grpc ? TestCollector.grpc() : TestCollector.http()) {
            exporting(collector.refusing(1), Duration.ofSeconds(4));

            awaitPoints("exported", 3);
            assertThat(collector.calls()).isEqualTo(2);
            assertThat(points("failed")).isZero();
        }
    }

    @Test
    void aRefusalThatStandsIsNotTriedAgain() throws Exception {
        // The method is unknown there, for it is served by another protocol.
        try (TestCollector collector = TestCollector.http()) {
            show(MANY);
            exporting(collector.port(), true, NEVER).close();

            assertThat(points("failed")).isEqualTo(MANY + 3);
            assertThat(collector.metrics()).isEmpty();
        }
    }

    @Test
    void aCollectorThatIsBackGetsTheLatest() throws Exception {
        try (TestCollector collector = TestCollector.grpc()) {
            exporting(collector.refusing(Integer.MAX_VALUE), SHORT);
            awaitPoints("failed", 9);
            assertThat(collector.metrics()).isEmpty();
            collector.refusing(0);

            Map<String, Double> first = MetricSamples.of(
                            List.of(awaitRequests(collector, 1).getFirst()))
                    .values();
            assertThat(first.get("sallyport_metric_points_total{outcome=failed}"))
                    .isGreaterThanOrEqualTo(9);
        }
    }

    @Test
    void whereNobodyIsThereEveryPointIsCountedAndNothingWaits() throws Exception {
        int gone = ClosedPort.number();
        show(MANY);
        exporting(gone, true, SHORT);

        // Between two exports: during one, its points are counted request by request.
        await().atMost(PATIENCE).until(() -> {
            long failed = points("failed");
            return failed >= 3 * (MANY + 3) && failed % (MANY + 3) == 0;
        });
        assertThat(points("exported")).isZero();
    }

    @Test
    void aCollectorThatNeverAnswersGetsOneRequestAtATime() throws Exception {
        timeout = Duration.ofMillis(200);
        show(MANY);
        try (TestCollector collector = TestCollector.grpc().holding()) {
            exporting(collector, SHORT);

            awaitPoints("failed", 2 * (MANY + 3));
            assertThat((long) collector.calls()).isLessThanOrEqualTo(points("failed") / (MANY + 3) + 1);
        }
    }

    @Test
    void theNextRequestIsSentWhenTheOneBeforeIsTaken() throws Exception {
        show(MANY);
        try (TestCollector collector = TestCollector.grpc().holding()) {
            exporting(collector, Duration.ofSeconds(1));
            await().atMost(PATIENCE).until(() -> collector.calls() == 1);
            assertThat(points("exported")).isZero();
            collector.release();

            List<ExportMetricsServiceRequest> requests = awaitRequests(collector, 4);
            assertThat(requests.getFirst().getSerializedSize())
                    .isBetween(MetricRequests.FULL, MetricRequests.FULL + 2_000);
            assertThat(MetricSamples.of(requests.subList(0, 4)).values()).hasSize(MANY + 3);
        }
    }

    @Test
    void aCollectorThatIsSilentIsAskedNoLongerThanTheExportMayTake() throws Exception {
        show(1);
        timeout = PATIENCE;
        longest = Duration.ofMillis(300);
        try (TestCollector collector = TestCollector.grpc().holding()) {
            exporting(collector, Duration.ofSeconds(1));

            awaitPoints("failed", 4);
            assertThat(points("exported")).isZero();
        }
    }

    /// What is left out is counted, and the next export says it.
    @Test
    void anExportWhoseTimeIsOverSendsNothingMore() throws Exception {
        show(MANY);
        longest = Duration.ZERO;
        try (TestCollector collector = TestCollector.grpc()) {
            exporting(collector, NEVER).close();

            assertThat(points("failed")).isEqualTo(MANY + 3);
            assertThat(collector.calls()).isZero();
        }
    }

    @ParameterizedTest
    @CsvSource({"true", "false"})
    void garbageIsAFailure(boolean grpc) throws Exception {
        show(1);
        try (RawUpstream collector = RawUpstream.answering("what?\r\n\r\n")) {
            exporting(collector.port(), grpc, NEVER).close();

            assertThat(points("failed")).isEqualTo(4);
        }
    }

    @Test
    void garbageBehindAGoodStatusRejectsNothing() throws Exception {
        show(1);
        try (RawUpstream collector =
                RawUpstream.answering("HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n\n\u007f\u0001")) {
            exporting(collector.port(), false, NEVER).close();

            assertThat(points("exported")).isEqualTo(4);
            assertThat(points("rejected")).isZero();
        }
    }

    @Test
    void theLastStateIsExportedOnce() throws Exception {
        show(1);
        try (TestCollector collector = TestCollector.grpc()) {
            exporting(collector, NEVER);
            assertThat(collector.metrics()).isEmpty();
            export.close();
            export.close();

            assertThat(collector.metrics()).hasSize(1);
            assertThat(MetricSamples.of(collector.metrics()).values()).hasSize(4);
        }
    }

    @Test
    void aCollectorThatNeverAnswersDoesNotHoldUpTheEnd() throws Exception {
        timeout = Duration.ofMinutes(1);
        try (TestCollector collector = TestCollector.grpc().holding()) {
            exporting(collector, NEVER);
            long begin = System.nanoTime();
            export.close();

            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(10));
            assertThat(collector.calls()).isEqualTo(1);
        }
    }

    /// Its next export is as good as the last.
    @Test
    void aSourceThatFailsCostsAnExport() throws Exception {
        show(1);
        int[] failures = {2};
        scraped.exposition.add(_ -> {
            if (failures[0]-- > 0) {
                throw new IllegalStateException("broken on purpose");
            }
        });
        try (TestCollector collector = TestCollector.grpc()) {
            exporting(collector, SHORT);

            assertThat(MetricSamples.of(awaitRequests(collector, 1).subList(0, 1))
                            .values())
                    .hasSize(4);
        }
    }

    @Test
    void whatDoesNotBeginHasNoMetrics() throws Exception {
        try (TestCollector collector = TestCollector.grpc()) {
            exporting(collector, NEVER).close();
            MetricExport other = new MetricExport(
                    new Instance("edge", Map.of(), "default", "edge", "latest", "unknown", "unknown"),
                    scraped.exposition,
                    new CollectorEndpoint(
                            new Collector(
                                    "", "", Collector.Protocol.GRPC, "a", "/", List.of(), Duration.ofSeconds(1), false),
                            "127.0.0.1",
                            collector.port(),
                            false,
                            null),
                    new MetricExport.Times(NEVER, NEVER));
            Scraped fresh = new Scraped();
            fresh.exposition.add(other);
            other.close();

            assertThat(fresh.lines()).isEmpty();
        }
    }
}
