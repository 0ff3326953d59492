package io.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.testing.BuiltProgram;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.Yaml;
import java.io.IOException;
import java.nio.file.Files;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The built program with both of its output streams on one pipe that nobody reads.
@Timeout(180)
class UnreadOutputIT extends BuiltProgramFixture {
    /// Each of them is worth a line of the access log, of which a pipe holds some three hundred, and ejections.
    private static final int FAILURES = 3_000;

    private static final int PIPELINED = 50;
    private static final String SERVICE = """
            apiVersion: networking.istio.io/v1
            kind: ServiceEntry
            metadata: {name: service}
            spec:
              hosts: [service.test]
              resolution: STATIC
              ports: [{number: 80, name: http, protocol: HTTP}]
              endpoints:
              - {address: 127.0.0.1, ports: {http: %d}}
              - {address: 127.0.0.1, ports: {http: %d}}
            ---
            apiVersion: networking.istio.io/v1
            kind: DestinationRule
            metadata: {name: service}
            spec:
              host: service.test
              trafficPolicy:
                outlierDetection:
                  {consecutive5xxErrors: 1, interval: 5ms, baseEjectionTime: 1ms, maxEjectionPercent: 100}
            """;

    @BeforeEach
    void configure() throws IOException {
        environment.put("SALLYPORT_EVENT_LOOPS", "2");
        environment.put("SALLYPORT_ACCESS_LOG_QUEUE", "64");
        Files.writeString(
                config.resolve("all.yaml"),
                Yaml.httpGateway("*")
                        + Yaml.virtualService("*", HELLO + """
                                - name: forwarded
                                  retries: {attempts: 0}
                                  route: [{destination: {host: service.test}}]
                                """)
                        + SERVICE.formatted(BuiltProgram.freePort(), BuiltProgram.freePort()));
    }

    @Test
    void aStormOfFailuresNeitherStopsServingNorDelaysTheEnd() throws Exception {
        try (BuiltProgram program = BuiltProgram.startUnread(environment, "serve")) {
            await().atMost(60, TimeUnit.SECONDS).until(() -> isReady(program));
            for (int sent = 0; sent < FAILURES; sent += PIPELINED) {
                try (var client = new RawClient(port)) {
                    client.send("GET /fails HTTP/1.1\r\nHost: any\r\n\r\n".repeat(PIPELINED - 1)
                            + "GET /fails HTTP/1.1\r\nHost: any\r\nConnection: close\r\n\r\n");
                    assertThat(client.readToEnd()).startsWith("HTTP/1.1 503 ").contains("connection: close");
                }
            }

            assertThat(RawClient.exchange(port, closing("/hello"))).endsWith("hello");
            assertThat(program.health("/healthz/live")).startsWith("HTTP/1.1 200 ");
            assertThat(program.health("/metrics"))
                    .as("lines that nobody reads are lost, and counted")
                    .containsPattern("sallyport_access_log_dropped_total [1-9]")
                    .containsPattern("sallyport_log_dropped_total \\d");

            long before = System.nanoTime();
            program.terminate();
            assertThat(program.exitCode()).isZero();
            assertThat(System.nanoTime() - before).isLessThan(TimeUnit.SECONDS.toNanos(15));
        }
    }

    @Test
    void aStartThatFailsEndsAllTheSame() throws Exception {
        String problem = "apiVersion: networking.istio.io/v1\nkind: Gateway\nspek: {}\n---\n";
        Files.writeString(config.resolve("broken.yaml"), problem.repeat(2_000));
        environment.put("SALLYPORT_CONFIG_ON_ERROR", "refuse");
        try (BuiltProgram program = BuiltProgram.startUnread(environment, "serve")) {
            assertThat(program.exitCode()).isEqualTo(1);
        }
    }

    private static boolean isReady(BuiltProgram program) {
        try {
            return program.health("/healthz/ready").startsWith("HTTP/1.1 200 ");
        } catch (IOException notYet) {
            return false;
        }
    }
}
