package io.sallyport.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.prometheus.PrometheusConfig;
import io.micrometer.prometheus.PrometheusMeterRegistry;
import io.sallyport.outcome.Facts;
import io.sallyport.outcome.RequestFacts;
import io.sallyport.telemetry.Exposition;
import io.sallyport.telemetry.HistogramBounds;
import io.sallyport.telemetry.InstanceLabels;
import io.sallyport.telemetry.RequestMetrics;
import io.sallyport.testing.RawClient;
import io.vertx.core.Vertx;
import io.vertx.ext.web.Router;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MetricsEndpointTest {
    private static final int LABEL_SETS = 2_000;
    private static final List<Double> DURATIONS =
            List.of(1.0, 5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 500.0, 1000.0, 5000.0, 30_000.0);
    private static final List<Double> SIZES = List.of(100.0, 1e3, 1e4, 1e5, 1e6, 1e7);

    private final Vertx vertx = Vertx.vertx();
    private final HttpClient client = HttpClient.newHttpClient();
    private HealthServer server;

    @BeforeEach
    void serve() throws IOException {
        var exposition =
                new Exposition(new PrometheusMeterRegistry(PrometheusConfig.DEFAULT), System::currentTimeMillis);
        var metrics = new RequestMetrics(
                InstanceLabels.UNKNOWN,
                new RequestMetrics.Limits(LABEL_SETS, 1),
                new HistogramBounds(DURATIONS, SIZES, SIZES),
                List::of);
        for (int i = 0; i < LABEL_SETS; i++) {
            var facts = new RequestFacts();
            facts.destination = Facts.to("service-" + i + ".namespace-" + i % 7 + ".svc.cluster.local", null);
            facts.status = 200;
            for (int n = 0; n <= i % 5; n++) {
                facts.durationNanos = (i * 7_919L + n * 104_729L) % 1_000 * 100_003;
                facts.bytesSent = i * 31L;
                metrics.onRequestEnd(facts);
            }
        }
        exposition.add(metrics);
        Router router = Router.router(vertx);
        new MetricsEndpoint(exposition).register(router, vertx);
        server = HealthServer.start(vertx, 0, router);
    }

    @AfterEach
    void close() {
        client.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    private HttpRequest.Builder request() {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + "/metrics"));
    }

    private HttpResponse<byte[]> get(String... headers) throws Exception {
        HttpRequest.Builder request = request();
        return client.send(
                (headers.length == 0 ? request : request.headers(headers)).build(), BodyHandlers.ofByteArray());
    }

    @Test
    void whatIsCompressedIsSmallAndTheSame() throws Exception {
        HttpResponse<byte[]> plain = get();
        HttpResponse<byte[]> compressed = get("Accept-Encoding", "gzip");

        assertThat(plain.headers().firstValue("Content-Encoding")).isEmpty();
        assertThat(compressed.headers().firstValue("Content-Encoding")).contains("gzip");
        assertThat(compressed.headers().firstValue("Vary")).contains("Accept, Accept-Encoding");
        assertThat(compressed.body()).hasSizeLessThan(3_000_000);
        assertThat(new GZIPInputStream(new ByteArrayInputStream(compressed.body())).readAllBytes())
                .isEqualTo(plain.body());
        String text = new String(plain.body(), StandardCharsets.UTF_8);
        assertThat(text.lines().filter(line -> line.startsWith("istio_requests_total{")))
                .hasSize(LABEL_SETS);
        assertThat(text.lines().filter(line -> line.startsWith("istio_request_duration_milliseconds_bucket{")))
                .hasSize(12 * LABEL_SETS);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            gzip | true
            x-gzip | true
            GZIP;q=0.5, identity | true
            deflate, gzip;q=1.0, *;q=0.5 | true
            * | true
            gzip;q=0 | false
            *, gzip;q=0 | false
            gzip;q=0, * | false
            *;q=0 | false
            deflate, br | false
            identity | false
            '' | false
            """)
    void gzipGoesOnlyToWhoTakesIt(String accepted, boolean compressed) throws Exception {
        assertThat(head("Accept-Encoding", accepted).headers().firstValue("Content-Encoding"))
                .isEqualTo(compressed ? java.util.Optional.of("gzip") : java.util.Optional.empty());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            */* | text/plain; version=0.0.4; charset=utf-8
            text/plain | text/plain; version=0.0.4; charset=utf-8
            text/html | text/plain; version=0.0.4; charset=utf-8
            application/json | text/plain; version=0.0.4; charset=utf-8
            application/openmetrics-text | application/openmetrics-text; version=1.0.0; charset=utf-8
            application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.1 | application/openmetrics-text; version=1.0.0; charset=utf-8
            application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited,application/openmetrics-text;version=1.0.0;q=0.6,text/plain;q=0.5 | application/openmetrics-text; version=1.0.0; charset=utf-8
            application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited | text/plain; version=0.0.4; charset=utf-8
            application/openmetrics-text;q=0.2,text/plain;version=0.0.4;q=0.3 | text/plain; version=0.0.4; charset=utf-8
            application/openmetrics-text;q=0,*/*;q=0.1 | text/plain; version=0.0.4; charset=utf-8
            """)
    void theFormatIsTheOneThatIsPreferred(String accepted, String contentType) throws Exception {
        assertThat(head("Accept", accepted).headers().firstValue("Content-Type"))
                .contains(contentType);
    }

    private HttpResponse<Void> head(String... headers) throws Exception {
        return client.send(request().HEAD().headers(headers).build(), BodyHandlers.discarding());
    }

    @Test
    void openMetricsEndsWithItsMark() throws Exception {
        assertThat(new String(get("Accept", "application/openmetrics-text").body(), StandardCharsets.UTF_8))
                .contains("# TYPE istio_requests counter\n")
                .endsWith("\n# EOF\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "DELETE", "OPTIONS"})
    void nothingElseIsAllowed(String method) throws Exception {
        HttpResponse<Void> response = client.send(
                request().method(method, HttpRequest.BodyPublishers.noBody()).build(), BodyHandlers.discarding());

        assertThat(response.statusCode()).isEqualTo(405);
        assertThat(response.headers().firstValue("Allow")).contains("GET, HEAD");
    }

    @Test
    void aScraperOfHttp10GetsAllUntilTheEnd() throws Exception {
        try (var scraper = new RawClient(server.port())) {
            scraper.send("GET /metrics HTTP/1.0\r\n\r\n");
            assertThat(scraper.readToEnd()).startsWith("HTTP/1.0 200 ").contains("istio_response_bytes_sum{");
        }
    }

    @Test
    void whoReadsNothingHoldsNobodyUp() throws Exception {
        try (var stuck = new RawClient(server.port());
                var alsoStuck = new RawClient(server.port())) {
            stuck.send("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n");
            alsoStuck.send("GET /metrics HTTP/1.1\r\nHost: a\r\nAccept: application/openmetrics-text\r\n\r\n");

            for (int i = 0; i < 5; i++) {
                assertThat(get("Accept-Encoding", "gzip").body()).hasSizeGreaterThan(100_000);
            }
        }
    }

    @Test
    void aHundredClientsThatReadNothingDoNotKeepAScraperFromItsAnswer() throws Exception {
        List<Socket> stuck = new ArrayList<>();
        try {
            for (int i = 0; i < 100; i++) {
                var socket = new Socket();
                stuck.add(socket);
                socket.setReceiveBufferSize(4_096);
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()));
                socket.getOutputStream()
                        .write("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            }
            assertThat(get("Accept-Encoding", "gzip").statusCode()).isEqualTo(200);
            assertThat(get("Accept-Encoding", "gzip").statusCode()).isEqualTo(200);
        } finally {
            for (Socket each : stuck) {
                each.close();
            }
        }
    }
}
