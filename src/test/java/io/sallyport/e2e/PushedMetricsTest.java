package io.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.sallyport.testing.GatewayBuilder;
import io.sallyport.testing.MetricSamples;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestCollector;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Metrics of requests through a gateway, as a collector gets them.
class PushedMetricsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static TestGateway serving(GatewayBuilder builder, RawUpstream service) {
        return builder.start(Yaml.httpGateway("*")
                + Yaml.service("shop.internal", service.port())
                + Yaml.forwardAll("shop.example", "shop.internal"));
    }

    private static void ask(TestGateway gateway) throws IOException {
        String answer = RawClient.exchange(
                gateway.port(80), "GET / HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n");
        assertThat(answer).endsWith("ok");
    }

    /// The sum over all series of that name.
    private static double sum(Map<String, Double> samples, String name) {
        return samples.entrySet().stream()
                .filter(sample -> sample.getKey().startsWith(name + "{"))
                .mapToDouble(Map.Entry::getValue)
                .sum();
    }

    private static Map<String, Double> last(TestCollector collector) {
        List<ExportMetricsServiceRequest> all = collector.metrics();
        return all.isEmpty()
                ? Map.of()
                : MetricSamples.of(List.of(all.getLast())).values();
    }

    private static List<NumberDataPoint> points(TestCollector collector, String counter) {
        return collector.metrics().getLast().getResourceMetrics(0).getScopeMetrics(0).getMetricsList().stream()
                .filter(metric -> metric.getName().equals(counter))
                .flatMap(metric -> metric.getSum().getDataPointsList().stream())
                .toList();
    }

    @ParameterizedTest
    @CsvSource({"true, none", "true, gzip", "false, none", "false, gzip"})
    void requestsAreCountedForTheCollector(boolean grpc, String compression) throws Exception {
        try (RawUpstream service = RawUpstream.ok("ok");
                TestCollector collector = grpc ? TestCollector.grpc() : TestCollector.http();
                TestGateway gateway = serving(
                        TestGateway.builder().metricExport(collector).metricExport("compression", compression),
                        service)) {
            long before = TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis());
            for (int i = 0; i < 3; i++) {
                ask(gateway);
            }

            await().atMost(PATIENCE).until(() -> sum(last(collector), "istio_requests_total") == 3);
            Map<String, Double> samples = last(collector);
            assertThat(sum(samples, "istio_request_duration_milliseconds_count"))
                    .isEqualTo(3);
            assertThat(sum(samples, "istio_response_bytes_sum")).isEqualTo(6);
            assertThat(points(collector, "istio_requests")).singleElement().satisfies(point -> {
                assertThat(point.getStartTimeUnixNano()).isGreaterThanOrEqualTo(before);
                assertThat(point.getTimeUnixNano()).isGreaterThanOrEqualTo(point.getStartTimeUnixNano());
            });
            assertThat(samples).containsKey("sallyport_metric_points_total{outcome=exported}");
            assertThat(collector.metadata().get(grpc ? "grpc-encoding" : "content-encoding"))
                    .isEqualTo(compression.equals("gzip") ? "gzip" : null);
            assertThat(TestCollector.attributes(collector
                            .metrics()
                            .getLast()
                            .getResourceMetrics(0)
                            .getResource()
                            .getAttributesList()))
                    .containsEntry("service.name", "sallyport")
                    .containsKey("service.instance.id");
        }
    }

    @Test
    void requestsDoNotNeedACollector() throws Exception {
        try (RawUpstream service = RawUpstream.ok("ok");
                TestCollector collector = TestCollector.grpc().holding();
                TestGateway gateway = serving(TestGateway.builder().metricExport(collector), service)) {
            await().atMost(PATIENCE).until(() -> collector.calls() > 0);
            ask(gateway);
            collector.release();

            await().atMost(PATIENCE).until(() -> sum(last(collector), "istio_requests_total") == 1);
        }
    }
}
