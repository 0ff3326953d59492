package io.sallyport.e2e.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.sallyport.discovery.kubernetes.KubernetesDiscovery;
import io.sallyport.runtime.GatewayProcess;
import io.sallyport.runtime.StartException;
import io.sallyport.telemetry.DiscoveryMetrics;
import io.sallyport.testing.BuiltProgram;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestProcess;
import io.sallyport.testing.Yaml;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The process as `serve` starts it, with an API server that comes, goes and changes its mind.
class DiscoveringProcessTest {
    private static final Duration SOON = Duration.ofSeconds(5);
    private static final Duration LATER = Duration.ofSeconds(20);

    @TempDir
    Path directory;

    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    private final MeshApi api = new MeshApi();
    private final RawUpstream upstream = RawUpstream.ok("hello");
    private final int port = BuiltProgram.freePort();
    private GatewayProcess process;

    @AfterEach
    void close() {
        if (process != null) {
            process.close();
        }
        api.close();
        upstream.close();
    }

    private void process(boolean services, String configMap, String patience) throws Exception {
        Map<String, String> settings = new HashMap<>(Map.of(
                "sallyport.config.dir", directory.toString(),
                "sallyport.secrets.dir", directory.resolve("none").toString(),
                "sallyport.identity.dir", directory.resolve("none").toString(),
                "sallyport.port-map.80", Integer.toString(port),
                "sallyport.egress.allowed-cidrs", "127.0.0.0/8",
                "sallyport.event-loops", "1",
                "sallyport.discovery.sync-timeout", patience,
                "sallyport.discovery.kubernetes", Boolean.toString(services)));
        if (configMap != null) {
            settings.put("sallyport.discovery.config-map", configMap);
        }
        process = TestProcess.create(
                metrics, settings, new KubernetesDiscovery(api.client(), services, configMap, Set.of(), false));
        DiscoveryMetrics.register(metrics, process::discoverySample);
    }

    private String get() throws IOException {
        try (RawClient client = new RawClient(port)) {
            return client.send("GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n").readResponse();
        }
    }

    private double metric(String name) {
        return metrics.get("sallyport.discovery." + name).gauge().value();
    }

    @Test
    void aConfigMapIsServedAndItsChangesAtOnce() throws Exception {
        api.put(MeshApi.configMap("edge", Map.of("routes.yaml", Yaml.answering("one"), "notes.txt", "not read")));
        process(false, "default/edge", "20s");
        process.start();
        assertThat(get()).endsWith("one");
        assertThat(process.isComplete()).isTrue();

        api.put(MeshApi.configMap("edge", Map.of("routes.yaml", Yaml.answering("two"))));
        await().atMost(SOON).untilAsserted(() -> assertThat(get()).endsWith("two"));

        api.put(MeshApi.configMap("edge", Map.of("routes.yaml", "kind: [")));
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(process.adminView().status().encode())
                        .contains("configmap default/edge: routes.yaml:1:"));
        assertThat(get()).endsWith("two");

        api.delete(MeshApi.configMap("edge", Map.of()));
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(process.adminView().status().encode())
                        .contains("\"code\":\"SAL1011\",\"file\":\"configmap default/edge\"", "it does not exist"));
        assertThat(get()).endsWith("two");

        api.put(MeshApi.configMap("edge", Map.of("routes.yaml", Yaml.answering("three"))));
        await().atMost(SOON).untilAsserted(() -> assertThat(get()).endsWith("three"));
    }

    @Test
    void withoutItsConfigMapTheProcessDoesNotStart() throws Exception {
        api.stop();
        process(false, "default/edge", "300ms");

        assertThatThrownBy(process::start)
                .isInstanceOf(StartException.class)
                .hasMessageContaining("the Kubernetes API has not listed all that is to be served after");
        api.start();
    }

    @Test
    void withoutTheApiItServesButIsNotReadyUntilItAnswers() throws Exception {
        Files.writeString(
                directory.resolve("routes.yaml"), Yaml.httpGateway("*") + Yaml.forwardAll("shop.example", "payments"));
        api.put(MeshApi.service("payments", "http", "10.96.0.7"));
        api.put(MeshApi.slice("payments", "http", upstream.port(), "payments-1", true));
        api.stop();
        process(true, null, "300ms");
        process.start();
        assertThat(process.isComplete()).isFalse();
        assertThat(metric("synced")).isZero();
        assertThat(get()).startsWith("HTTP/1.1 503 ");

        api.start();
        await().atMost(LATER).until(process::isComplete);
        assertThat(get()).endsWith("hello");
        assertThat(metric("synced")).isEqualTo(1);
        assertThat(metric("services")).isEqualTo(1);
        await().atMost(LATER).until(() -> metric("connected") == 1);
        assertThat(process.adminView().clusters().all().encode())
                .contains("\"discovery\":\"DISCOVERED\"", "\"port\":" + upstream.port());

        api.stop();
        await().atMost(LATER).until(() -> metric("connected") == 0);
        assertThat(process.isComplete()).isTrue();
        assertThat(process.adminView().status().getJsonObject("discovery").getString("lostSince"))
                .isNotNull();
        assertThat(get()).endsWith("hello");
        api.start();
    }
}
