package io.sallyport.e2e.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.sallyport.config.source.ConfigMapVolume;
import io.sallyport.config.source.DirectoryWatcher;
import io.sallyport.runtime.GatewayProcess;
import io.sallyport.runtime.StartException;
import io.sallyport.testing.FreePort;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.TestProcess;
import io.sallyport.testing.Yaml;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// A configuration directory that is written to at the worst moments, watched by a whole process.
@ExtendWith(LogWatch.class)
class ConfigurationStormTest {
    @TempDir
    private Path directory;

    private Path config;
    private int port;
    private String onError = "isolate";
    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();

    @BeforeEach
    void prepare() throws IOException {
        config = Files.createDirectory(directory.resolve("config"));
        port = FreePort.number();
    }

    private GatewayProcess process() throws Exception {
        return TestProcess.create(
                metrics,
                Map.of(
                        "sallyport.config.dir", config.toString(),
                        "sallyport.secrets.dir", directory.resolve("secrets").toString(),
                        "sallyport.identity.dir", directory.resolve("identity").toString(),
                        "sallyport.config.on-error", onError,
                        "sallyport.port-map.80", Integer.toString(port)));
    }

    private static String answering(String host, int generation) {
        return Yaml.virtualService(
                host, "- directResponse: {status: 200, body: {string: \"generation %06d\"}}".formatted(generation));
    }

    private static Map<String, String> files(int generation) {
        return Map.of(
                "gateway.yaml", Yaml.httpGateway("*"),
                "a.yaml", answering("a.example", generation),
                "b.yaml", answering("b.example", generation));
    }

    private static String get(RawClient client, String host) throws IOException {
        String response =
                client.send("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n").readResponse();
        assertThat(response).startsWith("HTTP/1.1 200 OK\r\n");
        return response.substring(response.indexOf("generation "));
    }

    private double refused() {
        return metrics.get("sallyport.config.reloads")
                .tag("result", "refused")
                .counter()
                .count();
    }

    @Test
    void aSwappedConfigMapIsServedWholeOrNotAtAll() throws Exception {
        ConfigMapVolume volume = new ConfigMapVolume(config);
        volume.publish(files(0));
        GatewayProcess gateway = process();
        try {
            gateway.start();
            try (RawClient client = new RawClient(port)) {
                Thread writer = Thread.ofPlatform().start(() -> {
                    for (int generation = 1; generation <= 60; generation++) {
                        volume.publish(files(generation));
                    }
                });
                int compared = 0;
                while (writer.isAlive() || compared < 100) {
                    String before = get(client, "a.example");
                    String between = get(client, "b.example");
                    if (before.equals(get(client, "a.example"))) {
                        assertThat(between).isEqualTo(before);
                        compared++;
                    }
                }
                await().untilAsserted(() -> assertThat(get(client, "b.example")).isEqualTo("generation 000060"));
                assertThat(refused()).isZero();
            }
        } finally {
            gateway.close();
        }
    }

    @Test
    void aHundredEditsASecondAreAFewGenerationsAndNoFailure() throws Exception {
        write(0);
        GatewayProcess gateway = process();
        try {
            gateway.start();
            long start = System.nanoTime();
            try (RawClient client = new RawClient(port)) {
                Thread writer = Thread.ofPlatform().start(() -> {
                    for (int edit = 1; edit <= 300; edit++) {
                        write(edit);
                        pause();
                    }
                });
                while (writer.isAlive()) {
                    get(client, "a.example");
                }
                await().untilAsserted(() -> assertThat(get(client, "a.example")).isEqualTo("generation 000300"));
                long waits = Duration.ofNanos(System.nanoTime() - start)
                        .dividedBy(DirectoryWatcher.Timing.DEFAULT.maxWait());
                assertThat(gateway.generation())
                        .as("one for each of the watcher's longest waits, the first and the last")
                        .isLessThanOrEqualTo(waits + 3);
            }
        } finally {
            gateway.close();
        }
    }

    @Test
    void whatCannotBeReadIsNotServedAndWhatFollowsIs() throws Exception {
        onError = "refuse";
        write(1);
        GatewayProcess gateway = process();
        try {
            gateway.start();
            try (RawClient client = new RawClient(port)) {
                StringBuilder bomb = new StringBuilder("k0: &a0 [x, x]\n");
                for (int i = 1; i < 30; i++) {
                    bomb.append("k%d: &a%d [".formatted(i, i))
                            .append(("*a" + (i - 1) + ", ").repeat(10))
                            .append("]\n");
                }
                Files.writeString(config.resolve("bomb.yaml"), bomb);
                await().untilAsserted(() -> assertThat(refused()).isGreaterThanOrEqualTo(1));
                assertThat(get(client, "a.example")).isEqualTo("generation 000001");

                Files.writeString(config.resolve("bomb.yaml"), "#".repeat(17 << 20));
                await().untilAsserted(() -> assertThat(refused()).isGreaterThanOrEqualTo(2));
                assertThat(get(client, "a.example")).isEqualTo("generation 000001");

                Files.delete(config.resolve("bomb.yaml"));
                write(2);
                await().untilAsserted(() -> assertThat(get(client, "a.example")).isEqualTo("generation 000002"));
            }
        } finally {
            gateway.close();
        }
    }

    @Test
    void aFirstStartWithABadConfigurationNamesEveryProblemAndBindsNothing() throws Exception {
        onError = "refuse";
        Files.writeString(config.resolve("a.yaml"), Yaml.httpGateway("*"));
        Files.writeString(config.resolve("b.yaml"), "kind: [broken");
        Files.writeString(
                config.resolve("c.yaml"),
                "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: x}\nspec: {servers: 7}\n");
        Files.writeString(config.resolve("d.yaml"), answering("a.example", 1).replace("200", "9000"));
        GatewayProcess gateway = process();
        try {
            assertThatThrownBy(gateway::start)
                    .isInstanceOfSatisfying(StartException.class, refused -> assertThat(refused.problems())
                            .anyMatch(line -> line.contains("/b.yaml:1:"))
                            .anyMatch(line -> line.contains("/c.yaml:4:"))
                            .anyMatch(line -> line.contains("/d.yaml:")));
            assertThatThrownBy(() -> new Socket("127.0.0.1", port).close()).isInstanceOf(IOException.class);
        } finally {
            gateway.close();
        }
    }

    private void write(int generation) {
        try {
            Path next = Files.writeString(
                    directory.resolve("next.yaml"), Yaml.httpGateway("*") + answering("a.example", generation));
            Files.move(next, config.resolve("config.yaml"), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static void pause() {
        try {
            Thread.sleep(Duration.ofMillis(10));
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
