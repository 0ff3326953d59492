package io.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.testing.BuiltProgram;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.Yaml;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The built program where something is away for a time.
@Timeout(180)
class PassingReasonsIT extends BuiltProgramFixture {
    private static final String SECOND = """
            apiVersion: networking.istio.io/v1
            kind: Gateway
            metadata: {name: second}
            spec:
              servers: [{port: {number: 81, name: http, protocol: HTTP}, hosts: ["*"]}]
            """;

    @BeforeEach
    void configure() throws IOException {
        Files.writeString(config.resolve("first.yaml"), Yaml.httpGateway("*") + Yaml.virtualService("*", HELLO));
    }

    @Test
    void aPortInUseConcernsItsListenerAlone() throws Exception {
        Files.writeString(config.resolve("second.yaml"), SECOND);
        try (var other = new ServerSocket(0)) {
            int second = other.getLocalPort();
            environment.put("SALLYPORT_PORT_MAP_81", Integer.toString(second));
            try (BuiltProgram program = BuiltProgram.start(environment, "serve")) {
                assertThat(program.awaitStart()).contains("listening on 0.0.0.0:" + port + ";");
                program.awaitLine(program.err, "cannot listen on 0.0.0.0:" + second);
                assertThat(RawClient.exchange(port, closing("/hello"))).endsWith("hello");
                assertThat(program.health("/healthz/ready")).startsWith("HTTP/1.1 503 ");
                assertThat(program.health("/healthz/live")).startsWith("HTTP/1.1 200 ");
                assertThat(program.health("/metrics"))
                        .contains(
                                "sallyport_listener_bound{listener=\"0.0.0.0:" + port + "\"} 1.0",
                                "sallyport_listener_bound{listener=\"0.0.0.0:" + second + "\"} 0.0");
                assertThat(program.admin("/config")).contains("sallyport.port-map.81=<port>");

                other.close();
                await().atMost(30, TimeUnit.SECONDS)
                        .until(() -> program.health("/healthz/ready").startsWith("HTTP/1.1 200 "));
                assertThat(RawClient.exchange(second, closing("/"))).startsWith("HTTP/1.1 404 ");
                assertThat(program.health("/metrics"))
                        .contains("sallyport_listener_bound{listener=\"0.0.0.0:" + second + "\"} 1.0");
            }
        }
    }

    @Test
    void aStartWithoutAnyListenerEndsWithWhatWouldMendIt() throws Exception {
        try (var other = new ServerSocket(port);
                BuiltProgram program = BuiltProgram.start(environment, "serve")) {
            assertThat(program.exitCode()).isEqualTo(1);
            assertThat(program.err)
                    .anyMatch(line -> line.startsWith("cannot listen on 0.0.0.0:" + other.getLocalPort() + ": ")
                            && line.contains("sallyport.port-map.80=<port>"))
                    .hasSizeLessThan(4);
        }
    }

    @Test
    void aFileThatCannotBeOpenedIsReadOnceItCan() throws Exception {
        Path elsewhere = directory.resolve("elsewhere");
        Files.createSymbolicLink(elsewhere, elsewhere);
        Files.createSymbolicLink(config.resolve("second.yaml"), elsewhere);
        int second = BuiltProgram.freePort();
        environment.put("SALLYPORT_PORT_MAP_81", Integer.toString(second));
        environment.put("SALLYPORT_RELOAD_POLL_INTERVAL", "1h");
        try (BuiltProgram program = BuiltProgram.start(environment, "serve")) {
            program.awaitStart();
            assertThat(program.health("/metrics")).contains("sallyport_config_retry_due 1.0");

            Files.delete(elsewhere);
            Files.writeString(elsewhere, SECOND);

            await().atMost(30, TimeUnit.SECONDS).ignoreExceptions().until(() -> RawClient.exchange(second, closing("/"))
                    .startsWith("HTTP/1.1 404 "));
        }
    }
}
