package io.sallyport.otlp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.channel.EventLoop;
import io.netty.channel.nio.NioEventLoopGroup;
import io.sallyport.cluster.EndpointFeed;
import io.sallyport.cluster.dns.DnsSettings;
import io.sallyport.cluster.dns.NameResolution;
import io.sallyport.http.HttpLimits;
import io.sallyport.outcome.Facts;
import io.sallyport.outcome.RequestFacts;
import io.sallyport.outcome.RequestTrace;
import io.sallyport.outcome.SpanOptions;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.telemetry.Scraped;
import io.sallyport.testing.ClosedPort;
import io.sallyport.testing.TestCollector;
import io.sallyport.trace.Collector;
import io.sallyport.upstream.ClusterFactory;
import io.sallyport.upstream.ConnectionFactory;
import io.sallyport.upstream.UpstreamLoop;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What becomes of spans, in numbers.
class SpanExportTest {
    private static final Instance INSTANCE =
            new Instance("edge", Map.of(), "default", "edge", "latest", "unknown", "unknown");

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final NioEventLoopGroup loops = new NioEventLoopGroup(1);
    private final Scraped scraped = new Scraped();
    private SpanExport export;

    private SpanExport exporting(int port, Collector.Protocol protocol, int capacity) throws Exception {
        EventLoop loop = loops.next();
        Collector collector = new Collector(
                "", "", protocol, "127.0.0.1:" + port, "/v1/traces", List.of(), Duration.ofSeconds(5), false);
        export = new SpanExport(INSTANCE, capacity, new CollectorEndpoint(collector, "127.0.0.1", port, false, null));
        export.start(
                new UpstreamLoop(loop, HttpLimits.DEFAULT, ConnectionFactory.HTTP),
                new ClusterFactory(new NameResolution(loop, DnsSettings.DEFAULT), EndpointFeed.NONE),
                () -> Snapshot.empty(Instant.EPOCH));
        scraped.exposition.add(export);
        return export;
    }

    private SpanExport exporting(TestCollector collector, int capacity) throws Exception {
        boolean grpc = collector.protocol().equals("grpc");
        return exporting(collector.port(), grpc ? Collector.Protocol.GRPC : Collector.Protocol.HTTP_PROTOBUF, capacity);
    }

    @AfterEach
    void close() {
        export.close();
        loops.shutdownGracefully(0, 0, java.util.concurrent.TimeUnit.SECONDS);
    }

    private static RequestFacts sampled() {
        RequestFacts facts = Facts.forwarded();
        RequestTrace trace = new RequestTrace(new SpanOptions("", true, 256));
        trace.high = 1;
        trace.low = 2;
        trace.spanId = 3;
        trace.sampled = true;
        trace.attempt(4, facts.startNanos);
        facts.trace = trace;
        return facts;
    }

    private void awaitCount(String outcome, long count) {
        String line = "sallyport_trace_spans_total{collector=\"\",outcome=\"" + outcome + "\"} " + count + ".0";
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(scraped.lines()).contains(line));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void spansAreCountedByWhatTheCollectorSays(boolean grpc) throws Exception {
        try (TestCollector collector = grpc ? TestCollector.grpc() : TestCollector.http()) {
            collector.rejecting(1);
            exporting(collector, 16).onRequestEnd(sampled());

            awaitCount("exported", 1);
            awaitCount("rejected", 1);
            awaitCount("failed", 0);
            assertThat(collector.spans()).hasSize(2);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aPassingRefusalIsTriedAgain(boolean grpc) throws Exception {
        try (TestCollector collector = grpc ? TestCollector.grpc() : TestCollector.http()) {
            collector.refusing(1);
            exporting(collector, 16).onRequestEnd(sampled());

            awaitCount("exported", 2);
            awaitCount("failed", 0);
            assertThat(collector.calls()).isEqualTo(2);
        }
    }

    @Test
    void aRefusalThatStandsIsNotTriedAgain() throws Exception {
        // The method is unknown there, for it is served by another protocol.
        try (TestCollector collector = TestCollector.http()) {
            exporting(collector.port(), Collector.Protocol.GRPC, 16).onRequestEnd(sampled());
            await().atMost(PATIENCE).until(() -> scraped.lines().stream()
                    .anyMatch(line -> line.startsWith("sallyport_trace_spans_total")));
            export.close();
            awaitCount("exported", 0);
            awaitCount("failed", 2);
        }
    }

    @Test
    void whatIsNotSampledOrNotReportedIsNoSpan() throws Exception {
        try (TestCollector collector = TestCollector.grpc()) {
            exporting(collector, 16);
            RequestFacts unsampled = sampled();
            unsampled.trace.sampled = false;
            RequestFacts unreported = Facts.forwarded();
            unreported.trace = new RequestTrace(null);
            unreported.trace.sampled = true;

            export.onRequestEnd(unsampled);
            export.onRequestEnd(unreported);
            export.onRequestEnd(Facts.forwarded());
            export.onRequestEnd(sampled());

            awaitCount("exported", 2);
            assertThat(collector.spans()).hasSize(2);
        }
    }

    @Test
    void aBacklogIsBoundedAndCounted() throws Exception {
        int gone = ClosedPort.number();
        exporting(gone, Collector.Protocol.GRPC, 16);
        int offered = 10_000;
        for (int i = 0; i < offered; i++) {
            export.onRequestEnd(sampled());
        }
        long dropped = scraped.lines().stream()
                .filter(line -> line.startsWith("sallyport_trace_dropped_requests_total{collector=\"\"}"))
                .mapToLong(line -> (long) Double.parseDouble(line.substring(line.indexOf('}') + 2)))
                .sum();
        // What one batch has taken, and what waits.
        assertThat(dropped).isBetween(offered - 2_000L, offered - 16L);
    }

    @Test
    void whatEndsBeforeTheStartIsNoSpan() {
        export = new SpanExport(INSTANCE, 16, null);
        scraped.exposition.add(export);
        export.onRequestEnd(sampled());
        assertThat(scraped.lines()).noneMatch(line -> line.contains("sallyport_trace"));
    }
}
