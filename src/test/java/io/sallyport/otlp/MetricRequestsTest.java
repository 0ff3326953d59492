package io.sallyport.otlp;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.sallyport.outcome.AuthorizationOutcome;
import io.sallyport.outcome.Facts;
import io.sallyport.outcome.KeyFetchOutcome;
import io.sallyport.outcome.MirrorOutcome;
import io.sallyport.outcome.RequestFacts;
import io.sallyport.telemetry.AuthorizerMetrics;
import io.sallyport.telemetry.ClusterMetrics;
import io.sallyport.telemetry.HistogramBounds;
import io.sallyport.telemetry.InstanceLabels;
import io.sallyport.telemetry.KeyMetrics;
import io.sallyport.telemetry.ListenerMetrics;
import io.sallyport.telemetry.MetricWriter.Type;
import io.sallyport.telemetry.MirrorMetrics;
import io.sallyport.telemetry.PolicyMetrics;
import io.sallyport.telemetry.RequestMetrics;
import io.sallyport.telemetry.Scraped;
import io.sallyport.testing.MetricSamples;
import io.sallyport.testing.TestCollector;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What a collector reads of metrics, by OpenTelemetry's own classes.
class MetricRequestsTest {
    private static final Instance INSTANCE =
            new Instance("edge", Map.of("region", "n\u00f6rd"), "default", "edge", "latest", "unknown", "unknown");
    private static final long START = 1_777_636_800_000_000_000L;
    private static final long TIME = START + 60_000_000_000L;

    private final Scraped scraped = new Scraped();
    private final List<ExportMetricsServiceRequest> requests = new ArrayList<>();
    private final List<Integer> points = new ArrayList<>();
    private int skipped;
    private long time = TIME;
    /// After which no further ones are wanted.
    private int most = Integer.MAX_VALUE;

    private final class Taken implements MetricRequests.Taker {
        @Override
        public boolean take(ByteBuf message, int count) {
            try {
                requests.add(ExportMetricsServiceRequest.parseFrom(ByteBufUtil.getBytes(message)));
            } catch (InvalidProtocolBufferException e) {
                throw new UncheckedIOException(e);
            }
            points.add(count);
            time++;
            return requests.size() < most;
        }

        @Override
        public void skip(int count) {
            skipped += count;
        }
    }

    private List<ExportMetricsServiceRequest> export() throws IOException {
        MetricRequests writer = new MetricRequests(INSTANCE.resource(Map.of()), START, () -> time, new Taken());
        scraped.exposition.write(writer);
        writer.finish();
        return requests;
    }

    private void assertThatBothSayTheSame() throws IOException {
        MetricSamples text = MetricSamples.ofText(scraped.lines());
        MetricSamples exported = MetricSamples.of(export());
        assertThat(exported.values()).isNotEmpty().isEqualTo(text.values());
        assertThat(exported.helps()).isEqualTo(text.helps());
    }

    private RequestMetrics counted(int most, List<Double> bounds) {
        RequestMetrics counted = new RequestMetrics(
                InstanceLabels.UNKNOWN,
                new RequestMetrics.Limits(most, 10),
                new HistogramBounds(bounds, bounds, List.of()),
                List::of);
        scraped.exposition.add(counted);
        return counted;
    }

    @Test
    void aRequestIsAsOpenTelemetryHasIt() throws Exception {
        scraped.exposition.add(out -> {
            out.family("a_seconds", Type.COUNTER, "What a is.");
            out.labels().label("x", "\"\u00e9\n").label("y", "").sample(0);
            out.family("none", Type.COUNTER, "Without samples.");
            out.family("b", Type.GAUGE, "What b is.");
            out.labels().sample(-0.5);
        });

        ResourceMetrics resource = export().getFirst().getResourceMetrics(0);
        assertThat(TestCollector.attributes(resource.getResource().getAttributesList()))
                .containsEntry("service.name", "edge")
                .containsEntry("service.namespace", "default")
                .containsEntry("region", "n\u00f6rd");
        assertThat(resource.getScopeMetrics(0).getScope().getName()).isEqualTo("io.sallyport");
        assertThat(resource.getScopeMetrics(0).getMetricsList()).hasToString("""
                [name: "a_seconds"
                description: "What a is."
                sum {
                  data_points {
                    start_time_unix_nano: 1777636800000000000
                    time_unix_nano: 1777636860000000000
                    as_double: 0.0
                    attributes {
                      key: "x"
                      value {
                        string_value: "\\"\\303\\251\\n"
                      }
                    }
                  }
                  aggregation_temporality: AGGREGATION_TEMPORALITY_CUMULATIVE
                  is_monotonic: true
                }
                , name: "b"
                description: "What b is."
                gauge {
                  data_points {
                    time_unix_nano: 1777636860000000000
                    as_double: -0.5
                  }
                }
                ]""");
        assertThat(points).containsExactly(2);
    }

    /// A count that begins anew has a start of its own, within the time of the process.
    @Test
    void countsBeginWhenTheirSourcesSaySo() throws Exception {
        long millis = TIME / 1_000_000;
        scraped.exposition.add(out -> {
            out.family("a", Type.COUNTER, "A.");
            out.labels().since(millis - 1_000).label("x", "1").sample(1);
            out.labels().label("x", "2").sample(1);
            out.labels().since(millis + 1_000).label("x", "3").sample(1);
            out.labels().since(0).label("x", "4").sample(1);
        });

        assertThat(export().getFirst()
                        .getResourceMetrics(0)
                        .getScopeMetrics(0)
                        .getMetrics(0)
                        .getSum()
                        .getDataPointsList())
                .extracting(NumberDataPoint::getStartTimeUnixNano)
                .containsExactly(TIME - 1_000_000_000, START, TIME, START);
    }

    @Test
    void nothingIsNoRequest() throws Exception {
        scraped.exposition.add(out -> out.family("a", Type.GAUGE, "A."));

        assertThat(export()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -0.0, 1e300, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 1L << 53})
    void everyNumberArrives(double value) throws Exception {
        scraped.exposition.add(out -> {
            out.family("a", Type.GAUGE, "A.");
            out.labels().sample(value);
            out.family("b", Type.COUNTER, "B.");
            out.labels().label("x", "y").sample(value);
        });

        assertThat(MetricSamples.of(export()).values()).isEqualTo(Map.of("a{}", value, "b_total{x=y}", value));
    }

    /// Request by request at random, of every kind of source.
    @ParameterizedTest
    @CsvSource({"1, 1", "2, 3", "3, 20", "4, 500"})
    void everySampleIsThatOfAScrape(int seed, int hosts) throws Exception {
        Random random = new Random(seed);
        RequestMetrics counted = counted(hosts / 2 + 1, seed == 1 ? List.of() : List.of(1.0, 2.5, 1e6));
        PolicyMetrics policies = new PolicyMetrics();
        AuthorizerMetrics authorizers = new AuthorizerMetrics();
        KeyMetrics keys = new KeyMetrics(() -> 5_000_000_000L);
        MirrorMetrics mirrors = new MirrorMetrics(List::of);
        List.of(policies, authorizers, keys, mirrors).forEach(scraped.exposition::add);
        ListenerMetrics.register(
                scraped.exposition, () -> List.of(new ListenerMetrics.Sample("0.0.0.0:80", 0, true, 1, 20, 3)));
        ClusterMetrics.register(
                scraped.exposition,
                () -> List.of(new ClusterMetrics.Sample(
                        "outbound|80||a",
                        0,
                        2,
                        1,
                        3,
                        40,
                        5,
                        6,
                        7,
                        new ClusterMetrics.Sample.Resilience(1, 8, 1, 9, 10, 11, 12))));
        Counter.builder("c.d")
                .description("Counted.")
                .register(scraped.exposition.registry())
                .increment(1.5);
        Gauge.builder("e", () -> -7).description("Shown.").tag("x", "y").register(scraped.exposition.registry());
        Timer.builder("t")
                .description("Timed.")
                .register(scraped.exposition.registry())
                .record(Duration.ofMillis(1));
        for (int i = 0; i < 5 * hosts; i++) {
            RequestFacts facts = i % 7 == 0 ? Facts.connection() : Facts.forwarded();
            facts.destination = Facts.to("\u010d\"h\\" + random.nextInt(hosts) + ".ns.svc.cluster.local", null);
            facts.durationNanos = random.nextLong(2_000_000_000L);
            facts.bytesReceived = random.nextLong(10_000_000_000L);
            facts.grpc = i % 3 == 0;
            facts.grpcStatus = "0";
            if (i % 5 == 0) {
                facts.policy = facts.policy.denied("ns/p" + random.nextInt(3));
            }
            if (i % 7 == 0) {
                counted.onConnectionStart(facts);
                counted.onConnectionEnd(facts);
            } else {
                counted.onRequestEnd(facts);
                policies.onRequestEnd(facts);
            }
            authorizers.onAuthorization("p" + i % 2, AuthorizationOutcome.values()[i % 2]);
            keys.onKeyFetch("https://issuer" + i % 2, KeyFetchOutcome.values()[i % 2]);
            mirrors.onMirrorEnd("c" + i % 2, MirrorOutcome.values()[i % 2]);
        }

        assertThatBothSayTheSame();
        assertThat(MetricSamples.of(requests).values()).hasSizeGreaterThan(50);
    }

    @Test
    void whatIsTooMuchForOneRequestIsInSeveral() throws Exception {
        RequestMetrics counted = counted(2_000, List.of(1.0, 5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 500.0, 1e3, 5e3));
        for (int i = 0; i < 2_000; i++) {
            RequestFacts facts = Facts.forwarded();
            facts.destination = Facts.to("service-" + i + ".namespace.svc.cluster.local", null);
            facts.durationNanos = i * 1_000_000L;
            counted.onRequestEnd(facts);
        }

        assertThatBothSayTheSame();
        assertThat(requests).hasSizeBetween(8, 40).allSatisfy(request -> assertThat(request.getSerializedSize())
                .isLessThan(MetricRequests.FULL + 16_384));
        assertThat(points.stream().mapToInt(each -> each).sum()).isEqualTo(8_000);
    }

    /// Whoever answers slowly must not be told of an old time with new figures.
    @Test
    void eachRequestIsOfItsOwnTime() throws Exception {
        scraped.exposition.add(out -> {
            out.family("a", Type.GAUGE, "A.");
            for (int i = 0; i < 3; i++) {
                out.labels().label("x", "x".repeat(MetricRequests.FULL) + i).sample(i);
            }
        });

        assertThat(export())
                .extracting(request -> request.getResourceMetrics(0)
                        .getScopeMetrics(0)
                        .getMetrics(0)
                        .getGauge()
                        .getDataPoints(0)
                        .getTimeUnixNano())
                .containsExactly(TIME, TIME + 1, TIME + 2);
    }

    @Test
    void aClockBeforeTheStartIsTheStart() throws Exception {
        time = START - 1;
        scraped.exposition.add(out -> {
            out.family("a", Type.COUNTER, "A.");
            out.labels().since(0).sample(1);
        });

        NumberDataPoint point = export().getFirst()
                .getResourceMetrics(0)
                .getScopeMetrics(0)
                .getMetrics(0)
                .getSum()
                .getDataPoints(0);
        assertThat(point.getTimeUnixNano()).isEqualTo(START);
        assertThat(point.getStartTimeUnixNano()).isEqualTo(START);
    }

    @Test
    void whereNoMoreIsWantedTheRestIsOnlyCounted() throws Exception {
        RequestMetrics counted = counted(2_000, List.of());
        for (int i = 0; i < 2_000; i++) {
            RequestFacts facts = Facts.forwarded();
            facts.destination = Facts.to("service-" + i, null);
            counted.onRequestEnd(facts);
        }
        most = 2;

        assertThat(export()).hasSize(2);
        assertThat(skipped + points.get(0) + points.get(1)).isEqualTo(8_000);
    }

    @Test
    void aLongLabelFitsIn() throws Exception {
        scraped.exposition.add(out -> {
            out.family("a", Type.COUNTER, "A.");
            for (int i = 0; i < 5; i++) {
                out.labels().label("x", i + "x".repeat(400_000)).sample(i);
            }
        });

        assertThatBothSayTheSame();
        assertThat(requests).hasSize(3);
    }
}
