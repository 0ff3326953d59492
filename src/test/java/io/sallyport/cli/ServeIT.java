package io.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.testing.BuiltProgram;
import io.sallyport.testing.Http2Frames;
import io.sallyport.testing.MetricSamples;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.TestCollector;
import io.sallyport.testing.Yaml;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The built program from its start to its exit code.
@Timeout(180)
class ServeIT extends BuiltProgramFixture {
    private static final int SIGTERM = 15;
    /// Each of which is ended at another moment.
    private static final int STARTS = 16;
    /// Linux keeps fifteen characters of a thread's name: the JVM gives it the first, the native executable the last.
    @Test
    void theEventLoopsAreThoseOfVertxAlone() throws Exception {
        environment.put("SALLYPORT_EVENT_LOOPS", "2");
        try (BuiltProgram program = serve(1)) {
            program.awaitStart();
            assertThat(program.health("/healthz/ready")).startsWith("HTTP/1.1 200 ");
            try (var client = new RawClient(port)) {
                client.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
                assertThat(client.readResponse()).endsWith("hello");
            }
            assertThat(eventLoops(program.pid()))
                    .hasSize(2)
                    .allMatch(name -> name.matches("vert[.]x-eventloo|ntloop-thread-\\d"));
        }
    }

    private static List<String> eventLoops(long pid) throws IOException {
        List<String> names = new ArrayList<>();
        try (var threads = Files.newDirectoryStream(Path.of("/proc/" + pid + "/task"))) {
            for (Path thread : threads) {
                String name = Files.readString(thread.resolve("comm")).strip();
                if (name.toLowerCase(Locale.ROOT).contains("loop") || name.contains("eventloo")) {
                    names.add(name);
                }
            }
        }
        return names;
    }

    /// Of a native executable. What answers requests comes back at once.
    @Test
    void codeThatOnlyTheStartNeedsDoesNotStayResident() throws Exception {
        assumeThat(BuiltProgram.isNative()).isTrue();
        try (BuiltProgram program = serve(1)) {
            program.awaitStart();
            await().atMost(10, TimeUnit.SECONDS).until(() -> residentShareOfCode(program.pid()) < 0.3);
            assertThat(RawClient.exchange(port, closing("/hello"))).endsWith("hello");
        }
    }

    /// Of the largest mapping of code, which is the program's own.
    private static double residentShareOfCode(long pid) throws IOException {
        double largest = 0;
        double resident = 0;
        double size = 0;
        boolean code = false;
        for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/smaps"))) {
            if (line.matches("[0-9a-f]+-[0-9a-f]+ .*")) {
                code = line.contains(" r-xp ");
            } else if (line.startsWith("Size:")) {
                size = kilobytes(line);
            } else if (code && line.startsWith("Rss:") && size > largest) {
                largest = size;
                resident = kilobytes(line);
            }
        }
        return resident / largest;
    }

    private static double kilobytes(String line) {
        return Double.parseDouble(line.replaceAll("\\D", ""));
    }

    @Test
    void aRequestInFlightOutlivesTheSignal() throws Exception {
        try (var upstream = new ServerSocket(0);
                BuiltProgram program = serve(upstream.getLocalPort())) {
            assertThat(program.awaitStart())
                    .matches("sallyport \\S+: generation 1, listening on 0\\.0\\.0\\.0:" + port
                            + "; admin on 127\\.0\\.0\\.1:" + program.adminPort + "; started in \\d+ ms");
            assertThat(program.health("/healthz/ready")).startsWith("HTTP/1.1 200 ");
            assertThat(RawClient.exchange(port, closing("/hello"))).endsWith("hello");
            try (var client = new RawClient(port)) {
                client.send(closing("/slow"));
                try (Socket request = upstream.accept()) {
                    program.terminate();
                    await().until(() -> program.health("/healthz/ready").startsWith("HTTP/1.1 503 "));
                    assertThat(program.health("/healthz/live")).startsWith("HTTP/1.1 200 ");
                    request.getOutputStream()
                            .write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone"
                                    .getBytes(StandardCharsets.US_ASCII));
                    assertThat(client.readResponse())
                            .startsWith("HTTP/1.1 200 ")
                            .endsWith("done");
                }
            }

            assertThat(program.exitCode()).isZero();
            assertThat(program.out)
                    .hasSize(2)
                    .anyMatch(line -> line.contains("\"GET /hello HTTP/1.1\" 200 - direct_response"))
                    .anyMatch(line -> line.contains("\"GET /slow HTTP/1.1\" 200 - via_upstream"));
        }
    }

    @Test
    void theLastStateOfTheMetricsIsExportedAtTheEnd() throws Exception {
        try (TestCollector collector = TestCollector.grpc()) {
            environment.put("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", collector.metricsEndpoint());
            environment.put("OTEL_METRIC_EXPORT_INTERVAL", "3600000");
            try (BuiltProgram program = serve(BuiltProgram.freePort())) {
                program.awaitStart();
                assertThat(RawClient.exchange(port, closing("/hello"))).endsWith("hello");
                assertThat(collector.metrics()).isEmpty();
                program.terminate();

                assertThat(program.exitCode()).isZero();
            }
            assertThat(collector.metrics()).hasSize(1);
            Map<String, Double> samples = MetricSamples.of(collector.metrics()).values();
            assertThat(samples).containsKey("sallyport_config_generation{}");
            assertThat(samples.entrySet().stream()
                            .filter(sample -> sample.getKey().startsWith("istio_requests_total{"))
                            .mapToDouble(Map.Entry::getValue))
                    .containsExactly(1.0);
        }
    }

    @Test
    void whoHasNotHeardOfTheEndYetIsStillServed() throws Exception {
        environment.put("SALLYPORT_DRAIN_DELAY", "4s");
        try (BuiltProgram program = serve(BuiltProgram.freePort())) {
            program.awaitStart();
            long before = System.nanoTime();
            program.terminate();
            await().until(() -> program.health("/healthz/ready").startsWith("HTTP/1.1 503 "));
            while (System.nanoTime() - before < TimeUnit.SECONDS.toNanos(3)) {
                assertThat(RawClient.exchange(port, closing("/hello"))).endsWith("hello");
            }

            assertThat(program.exitCode()).isZero();
            assertThat(System.nanoTime() - before).isBetween(TimeUnit.SECONDS.toNanos(4), TimeUnit.SECONDS.toNanos(15));
        }
    }

    /// Until something is served there is nothing to bring to an end.
    @Test
    void aSignalWithinTheStartEndsItWithoutFaults() throws Exception {
        long before = System.nanoTime();
        try (BuiltProgram program = serve(1)) {
            program.awaitStart();
        }
        long start = System.nanoTime() - before;
        for (int i = 1; i < STARTS; i++) {
            try (BuiltProgram program = serve(1)) {
                await().pollDelay(start / STARTS * i, TimeUnit.NANOSECONDS).until(() -> true);
                program.terminate();
                long ending = System.nanoTime();
                boolean served = program.exitCode() == 0;

                assertThat(program.exitCode()).isIn(0, 128 + SIGTERM);
                assertThat(program.err.stream().anyMatch(line -> line.contains("listening on")))
                        .isEqualTo(served);
                assertThat(System.nanoTime() - ending)
                        .isLessThan(TimeUnit.MILLISECONDS.toNanos(served ? 20_000 : 1_000));
                assertThat(program.out).isEmpty();
                assertThat(program.err).noneMatch(line -> line.contains("Exception") || line.startsWith("\tat "));
            }
        }
    }

    @Test
    void theSecondSignalEndsItAtOnce() throws Exception {
        try (var upstream = new ServerSocket(0);
                BuiltProgram program = serve(upstream.getLocalPort())) {
            program.awaitStart();
            try (var client = new RawClient(port)) {
                client.send(closing("/never"));
                try (Socket _ = upstream.accept()) {
                    program.terminate();
                    await().until(() -> program.health("/healthz/ready").startsWith("HTTP/1.1 503 "));
                    long before = System.nanoTime();
                    program.terminate();

                    assertThat(program.exitCode()).isEqualTo(128 + SIGTERM);
                    assertThat(System.nanoTime() - before).isLessThan(TimeUnit.SECONDS.toNanos(5));
                }
            }
        }
    }

    @Test
    void operatorsSeeWhatIsServedAndWhatWasRefused() throws Exception {
        environment.put("SALLYPORT_ACCESS_LOG_FORMAT", "json");
        try (BuiltProgram program = serve(BuiltProgram.freePort())) {
            program.awaitStart();
            RawClient.exchange(port, closing("/hello"));
            assertThat(program.awaitLine(program.out, "/hello"))
                    .contains("\"response_code\":200")
                    .startsWith("{");
            assertThat(program.health("/metrics"))
                    .contains(
                            "istio_requests_total{reporter=\"source\"",
                            "response_code=\"200\"",
                            "sallyport_config_generation 1.0",
                            "sallyport_upstream_endpoints{cluster=\"outbound|80||service.test\"} 1.0",
                            "sallyport_downstream_connections_total{listener=\"0.0.0.0:" + port + "\"} 1.0")
                    .doesNotContain("http_server_");
            assertThat(program.admin("/listeners")).contains("0.0.0.0:" + port);
            assertThat(program.admin("/clusters")).contains("outbound|80||service.test");
            assertThat(program.admin("/explain?url=http://any/hello")).contains("direct_response");

            Files.writeString(
                    config.resolve("broken.yaml"), "apiVersion: networking.istio.io/v1\nkind: Gateway\nspek: {}\n");
            await().atMost(20, TimeUnit.SECONDS)
                    .until(() -> program.health("/metrics").contains("sallyport_config_last_reload_success 0.0"));
            assertThat(program.admin("/config_dump")).contains("\"generation\" : 2", "broken.yaml is left out");
            assertThat(RawClient.exchange(port, closing("/hello")))
                    .as("all else is served")
                    .endsWith("hello");
            assertThat(program.health("/healthz/ready")).startsWith("HTTP/1.1 200 ");
        }
    }

    @Test
    void afterADrainByHandEveryConnectionEndsWithItsFirstRequest() throws Exception {
        try (BuiltProgram program = serve(BuiltProgram.freePort());
                var before = new RawClient(program.awaitStart().isEmpty() ? 0 : port)) {
            String keepAlive = get("/hello");
            assertThat(before.send(keepAlive).readResponse().toLowerCase(Locale.ROOT))
                    .doesNotContain("connection: close");
            assertThat(
                            RawClient.exchange(
                                    program.adminPort,
                                    "POST /drain HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"))
                    .startsWith("HTTP/1.1 202 ");
            program.awaitLine(program.err, "drained after ");
            assertThat(program.err)
                    .filteredOn(line -> line.contains("draining: "))
                    .hasSize(1);

            // Long after the drain, too: whoever has not heard of it yet is served, and told.
            for (int i = 0; i < 3; i++) {
                assertThat(RawClient.exchange(port, keepAlive).toLowerCase(Locale.ROOT))
                        .startsWith("http/1.1 200 ")
                        .contains("connection: close")
                        .endsWith("hello");
            }
            assertThat(program.isAlive()).isTrue();
            program.terminate();
            assertThat(program.exitCode()).isZero();
        }
    }

    @Test
    void whatOnlyAJvmHasIsMissedByName() throws Exception {
        try (BuiltProgram program = serve(1)) {
            program.awaitStart();
            String recording = program.admin("/debug/jfr?seconds=1");
            String heap = program.admin("/debug/heap");
            if (BuiltProgram.isNative()) {
                assertThat(recording).startsWith("HTTP/1.1 501 ").contains("no Flight Recorder");
                assertThat(heap).contains("\"classes\" : null", "\"classesMissing\" : \"a native executable");
            } else {
                assertThat(recording).startsWith("HTTP/1.1 200 ");
                assertThat(heap).contains("\"classes\" : [").doesNotContain("classesMissing");
            }
        }
    }

    @Test
    void aLevelOfTheLogIsChangedWhileItRunsAndReturns() throws Exception {
        try (BuiltProgram program = serve(1)) {
            program.awaitStart();
            byte[] tooLong = Http2Frames.preface()
                    .headers(1, Http2Frames.END_STREAM, "GET", "a", "/" + "x".repeat(9_000))
                    .take();
            refuse(tooLong);
            String changed = RawClient.exchange(
                    program.adminPort,
                    "POST /logging?level=debug&category=io.sallyport.http&for=1m HTTP/1.1\r\nHost: localhost\r\n"
                            + "Content-Length: 0\r\nConnection: close\r\n\r\n");
            assertThat(changed).startsWith("HTTP/1.1 200 ").contains("io.sallyport.http");
            program.awaitLine(program.err, "the log level of io.sallyport.http is debug until ");
            assertThat(program.err).noneMatch(line -> line.contains("stream 1: "));

            refuse(tooLong);
            program.awaitLine(program.err, "stream 1: ");
            assertThat(RawClient.exchange(
                            program.adminPort,
                            "DELETE /logging HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
                    .startsWith("HTTP/1.1 200 ");
            program.awaitLine(program.err, "the log level of io.sallyport.http is as before");
            assertThat(program.admin("/logging")).doesNotContain("io.sallyport.http");
        }
    }

    private void refuse(byte[] request) throws IOException {
        try (var client = new RawClient(port)) {
            client.send(request);
            client.endOutput();
            client.readToEnd();
        }
    }

    @Test
    void aBadFirstConfigurationIsRefusedWithEveryProblem() throws Exception {
        Files.writeString(config.resolve("a.yaml"), "apiVersion: networking.istio.io/v1\nkind: Gateway\nspek: {}\n");
        Files.writeString(config.resolve("b.yaml"), "apiVersion: networking.istio.io/v1\nkind: [\n");
        try (BuiltProgram program = BuiltProgram.start(environment, "serve")) {
            assertThat(program.exitCode()).isEqualTo(1);
            assertThat(program.err)
                    .anyMatch(line -> line.contains("a.yaml:") && line.contains("spek"))
                    .anyMatch(line -> line.contains("b.yaml:"))
                    .noneMatch(line -> line.contains("listening on"));
        }
    }

    @Test
    void everyProblemIsWrittenHoweverManyThereAre() throws Exception {
        String problem = "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: x}\nspek: {}\n---\n";
        Files.writeString(config.resolve("broken.yaml"), problem.repeat(400));
        try (BuiltProgram program = BuiltProgram.start(environment, "serve")) {
            assertThat(program.exitCode()).isEqualTo(1);
            assertThat(program.err.stream()
                            .filter(line -> line.contains("spek"))
                            .count())
                    .isEqualTo(400);
            assertThat(program.err).anyMatch(line -> line.endsWith("cannot be served."));
        }
    }

    @Test
    void badSettingsAreRefusedBeforeAnythingStarts() throws Exception {
        environment.put("SALLYPORT_DRAIN_GRACE", "soon");
        environment.put("SALLYPORT_ACCES_LOG_FORMAT", "json");
        environment.put("SALLYPORT_TRUSTED_HOPS", "-1");
        try (BuiltProgram program = BuiltProgram.start(environment)) {
            assertThat(program.exitCode()).isEqualTo(2);
            assertThat(program.err)
                    .anyMatch(line -> line.startsWith("sallyport.drain.grace=soon: "))
                    .anyMatch(line -> line.startsWith("sallyport.trusted-hops=-1: must be between"))
                    .contains("SALLYPORT_ACCES_LOG_FORMAT: there is no such setting;"
                            + " did you mean \"SALLYPORT_ACCESS_LOG_FORMAT\"?")
                    .hasSize(3);
        }
    }

    private BuiltProgram serve(int upstreamPort) throws IOException {
        Files.writeString(
                config.resolve("all.yaml"),
                Yaml.httpGateway("*")
                        + Yaml.virtualService("*", HELLO + """
                                - name: forwarded
                                  route: [{destination: {host: service.test}}]
                                """)
                        + Yaml.service("service.test", upstreamPort));
        return BuiltProgram.start(environment, "serve");
    }
}
