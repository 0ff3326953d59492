package io.sallyport.e2e.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.sallyport.runtime.GatewayProcess;
import io.sallyport.testing.BuiltProgram;
import io.sallyport.testing.LoggedLines;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.TestProcess;
import io.sallyport.testing.Yaml;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// What was refused comes into force by itself once the reason is gone: nothing in the directory changes for it.
@Timeout(120)
class PassingRefusalTest {
    private static final String FIRST_PORT =
            Yaml.httpGateway("*") + Yaml.virtualService("*", "- directResponse: {status: 200, body: {string: served}}");

    @TempDir
    private Path directory;

    private Path config;
    private final int port = BuiltProgram.freePort();
    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();

    @RegisterExtension
    final LoggedLines refusals = new LoggedLines(GatewayProcess.class.getName(), Level.SEVERE);

    @BeforeEach
    void prepare() throws IOException {
        config = Files.createDirectory(directory.resolve("config"));
        Files.writeString(config.resolve("first.yaml"), FIRST_PORT);
    }

    private GatewayProcess process(int secondPort) throws Exception {
        return TestProcess.create(
                metrics,
                Map.of(
                        "sallyport.config.dir", config.toString(),
                        "sallyport.config.on-error", "refuse",
                        "sallyport.secrets.dir", directory.resolve("secrets").toString(),
                        "sallyport.identity.dir", directory.resolve("identity").toString(),
                        "sallyport.port-map.80", Integer.toString(port),
                        "sallyport.port-map.81", Integer.toString(secondPort)));
    }

    private double retryDue() {
        return metrics.get("sallyport.config.retry.due").gauge().value();
    }

    private static String secondPort() {
        return """
                apiVersion: networking.istio.io/v1
                kind: Gateway
                metadata: {name: second}
                spec:
                  servers:
                  - port: {number: 81, name: http, protocol: HTTP}
                    hosts: ["*"]
                ---
                apiVersion: networking.istio.io/v1
                kind: VirtualService
                metadata: {name: second}
                spec:
                  hosts: ["*"]
                  gateways: [second]
                  http: [{directResponse: {status: 200, body: {string: served}}}]
                """;
    }

    @Test
    void aPortThatComesFreeIsBound() throws Exception {
        try (ServerSocket other = new ServerSocket(0)) {
            GatewayProcess gateway = process(other.getLocalPort());
            try {
                gateway.start();
                assertThat(retryDue()).isZero();
                Files.writeString(config.resolve("second.yaml"), secondPort());
                await().until(() -> retryDue() == 1);
                assertThat(gateway.adminView().status().getString("retryDue")).isNotNull();
                assertThat(gateway.generation()).isOne();
                // Past the first retry, which is refused as well.
                String first = gateway.adminView().status().getString("retryDue");
                await().atMost(20, TimeUnit.SECONDS)
                        .until(() -> !first.equals(gateway.adminView().status().getString("retryDue")));
                assertThat(refusals.all()).as("logged once").hasSize(1);

                other.close();
                await().atMost(30, TimeUnit.SECONDS).until(() -> gateway.generation() == 2);
                assertThat(RawClient.exchange(
                                other.getLocalPort(), "GET / HTTP/1.1\r\nHost: any\r\nConnection: close\r\n\r\n"))
                        .endsWith("served");
                assertThat(retryDue()).isZero();
                assertThat(gateway.adminView().status().getString("retryDue")).isNull();
                assertThat(refusals.all()).hasSize(1);
            } finally {
                gateway.close();
            }
        }
    }

    @Test
    void whatTakesThePlaceOfARefusedChangeEndsItsRetries() throws Exception {
        try (ServerSocket other = new ServerSocket(0)) {
            GatewayProcess gateway = process(other.getLocalPort());
            try {
                gateway.start();
                Path second = Files.writeString(config.resolve("second.yaml"), secondPort());
                await().until(() -> retryDue() == 1);
                Files.delete(second);

                await().until(() -> retryDue() == 0);
                assertThat(gateway.adminView().status().getValue("refused")).isNull();
            } finally {
                gateway.close();
            }
        }
    }

    @Test
    void aNewFileThatCannotBeReadIsReportedAndReadOnceItCan() throws Exception {
        GatewayProcess gateway = process(BuiltProgram.freePort());
        try {
            gateway.start();
            Path target = directory.resolve("elsewhere.yaml");
            Path link = Files.createSymbolicLink(config.resolve("second.yaml"), target);
            await().until(() -> retryDue() == 1);
            await().until(() -> !refusals.all().isEmpty());
            assertThat(refusals.all()).singleElement().satisfies(line -> assertThat(line)
                    .contains("SAL1001", link.toString()));
            assertThat(metrics.get("sallyport.config.reloads")
                            .tag("result", "refused")
                            .counter()
                            .count())
                    .as("each try")
                    .isPositive();
            assertThat(gateway.adminView().status().getValue("refused")).isNotNull();

            Files.writeString(target, secondPort());
            await().atMost(30, TimeUnit.SECONDS).until(() -> gateway.generation() == 2);
            assertThat(retryDue()).isZero();
            assertThat(refusals.all()).as("logged once").hasSize(1);
        } finally {
            gateway.close();
        }
    }

    @Test
    void aFileThatCannotBeReadIsTriedAgainWhateverHappensToTheOthers() throws Exception {
        GatewayProcess gateway = process(BuiltProgram.freePort());
        try {
            gateway.start();
            Path first = config.resolve("first.yaml");
            Path link = Files.createSymbolicLink(config.resolve("second.yaml"), directory.resolve("elsewhere.yaml"));
            Files.writeString(first, "kind: [\n");
            await().until(() -> refusals.all().stream()
                    .anyMatch(line -> line.contains(first + ":") && line.contains(link.toString())));
            int before = refusals.all().size();
            Files.writeString(first, FIRST_PORT);

            await().until(() -> refusals.all().size() > before);
            assertThat(refusals.all()).last().satisfies(line -> assertThat(line)
                    .contains(link.toString())
                    .doesNotContain(first.toString()));
            await().until(() -> retryDue() == 1);

            Files.delete(link);
            await().until(() -> retryDue() == 0);
            assertThat(gateway.adminView().status().getValue("refused")).isNull();
            assertThat(gateway.generation()).isOne();
        } finally {
            gateway.close();
        }
    }

    @Test
    void aMistakeIsNotTriedAgain() throws Exception {
        GatewayProcess gateway = process(BuiltProgram.freePort());
        try {
            gateway.start();
            Files.writeString(config.resolve("broken.yaml"), "kind: [\n");
            await().until(() -> !refusals.all().isEmpty());
            assertThat(retryDue()).isZero();
        } finally {
            gateway.close();
        }
    }
}
