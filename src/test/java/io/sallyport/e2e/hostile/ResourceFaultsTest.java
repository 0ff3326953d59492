package io.sallyport.e2e.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.sallyport.runtime.GatewayProcess;
import io.sallyport.testing.BuiltProgram;
import io.sallyport.testing.Commands;
import io.sallyport.testing.LoggedLines;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.TestProcess;
import io.sallyport.testing.Yaml;
import io.vertx.core.MultiMap;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// A process says what has become of each resource, from its start on.
@Timeout(120)
class ResourceFaultsTest {
    @TempDir
    private Path directory;

    private Path config;
    private final int port = BuiltProgram.freePort();
    private SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    private final Map<String, String> settings = new HashMap<>();
    private GatewayProcess gateway;

    @RegisterExtension
    final LoggedLines log = new LoggedLines(GatewayProcess.class.getName(), Level.ALL);

    @BeforeEach
    void prepare() throws IOException {
        config = Files.createDirectory(directory.resolve("config"));
        settings.put("sallyport.config.dir", config.toString());
        settings.put("sallyport.secrets.dir", directory.resolve("secrets").toString());
        settings.put("sallyport.identity.dir", directory.resolve("identity").toString());
        settings.put("sallyport.port-map.80", Integer.toString(port));
        write("edge.yaml", Yaml.httpGateway("*"));
        write("a.yaml", route("a.example", "a1"));
        write("b.yaml", route("b.example", "b1"));
    }

    @AfterEach
    void stop() {
        if (gateway != null) {
            gateway.close();
        }
    }

    private void start() throws Exception {
        metrics = new SimpleMeterRegistry();
        gateway = TestProcess.create(metrics, settings);
        gateway.start();
    }

    private void write(String file, String text) throws IOException {
        Path next = Files.writeString(directory.resolve("next"), text);
        Files.move(next, config.resolve(file), StandardCopyOption.ATOMIC_MOVE);
    }

    private static String route(String host, String text) {
        return Yaml.virtualService(host, "- directResponse: {status: 200, body: {string: %s}}".formatted(text));
    }

    private static String faulty(String host) {
        return route(host, "faulty").replace("spec:", "spek: {}\nspec:");
    }

    private String ask(String host) throws IOException {
        return RawClient.exchange(port, "GET / HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
    }

    private JsonObject resource(String name) {
        return gateway.adminView().resources(false).getJsonArray("resources").stream()
                .map(JsonObject.class::cast)
                .filter(row -> row.getString("name").equals(name))
                .findFirst()
                .orElseThrow();
    }

    private double count(String state) {
        return metrics.get("sallyport.config.resources")
                .tag("state", state)
                .gauge()
                .value();
    }

    private double lastSucceeded() {
        return metrics.get("sallyport.config.last.reload.success").gauge().value();
    }

    private JsonObject explain(String url) {
        return gateway.adminView().explain(MultiMap.caseInsensitiveMultiMap().add("url", url));
    }

    @Test
    void aStartWithErrorsServesWhatIsValid() throws Exception {
        write("a.yaml", faulty("a.example"));

        start();

        assertThat(ask("b.example")).endsWith("b1");
        assertThat(ask("a.example")).startsWith("HTTP/1.1 404");
        assertThat(gateway.isComplete()).isTrue();
        assertThat(count("served")).isEqualTo(2);
        assertThat(count("left-out")).isEqualTo(1);
        assertThat(lastSucceeded()).isZero();
        JsonObject row = resource("vs-a-example");
        assertThat(row.getString("kind")).isEqualTo("VirtualService");
        assertThat(row.getString("namespace")).isEqualTo("default");
        assertThat(row.getString("file")).endsWith("/a.yaml");
        assertThat(row.getInteger("line")).isEqualTo(1);
        assertThat(row.getString("state")).isEqualTo("left-out");
        assertThat(row.getString("because")).contains("a.yaml:4:1: error SAL1101 spek");
        assertThat(gateway.adminView().resources(false).getJsonArray("problems"))
                .hasSize(1);
        assertThat(log.all().stream().filter(line -> line.contains("SAL1101")))
                .singleElement()
                .satisfies(line -> assertThat(line).startsWith("VirtualService default/vs-a-example is left out: "));
    }

    @Test
    void whatDependsOnAResourceIsToldAndFaultsAreListedAlone() throws Exception {
        write("edge.yaml", Yaml.httpGateway("*") + Yaml.service("gone.internal", 1));
        write("c.yaml", Yaml.forwardAll("c.example", "gone.internal"));
        start();
        write(
                "edge.yaml",
                Yaml.httpGateway("*") + Yaml.service("gone.internal", 1).replace("spec:", "spek: {}\nspec:"));
        await().until(() -> count("held") == 1);

        assertThat(resource("gone-internal").getJsonArray("dependents"))
                .containsExactly("VirtualService default/vs-c-example");
        assertThat(resource("edge").getJsonArray("dependents")).isEmpty();
        JsonObject faults = gateway.adminView().resources(true);
        assertThat(faults.getJsonArray("resources")).singleElement().satisfies(row -> assertThat(
                        ((JsonObject) row).getString("name"))
                .isEqualTo("gone-internal"));
    }

    @Test
    void aChangeWithErrorsIsTold() throws Exception {
        start();
        assertThat(resource("vs-a-example").getString("state")).isEqualTo("served");
        assertThat(resource("vs-a-example").getLong("generation")).isEqualTo(1);

        write("a.yaml", faulty("a.example"));

        await().until(() -> count("held") == 1);
        assertThat(ask("a.example")).endsWith("a1");
        String held = "VirtualService default/vs-a-example is held at its version of generation 1: ";
        await().until(() -> log.all().stream().anyMatch(line -> line.startsWith(held)));
        assertThat(gateway.adminView().status().getJsonObject("resources").getInteger("held"))
                .isEqualTo(1);
        assertThat(gateway.adminView().status().getJsonArray("faults").getString(0))
                .startsWith(held);
        assertThat(explain("http://a.example/").getJsonObject("route").getString("held"))
                .startsWith(held);
        assertThat(explain("http://b.example/").getJsonObject("route").getString("held"))
                .isNull();
        assertThat(resource("vs-a-example").getString("state")).isEqualTo("held");

        write("a.yaml", route("a.example", "a2"));
        await().untilAsserted(() -> assertThat(ask("a.example")).endsWith("a2"));
        await().until(() -> log.all().contains("VirtualService default/vs-a-example is not held any more"));
        assertThat(lastSucceeded()).isEqualTo(1);
    }

    @Test
    void aRestartHoldsWhatTheProcessHeld() throws Exception {
        Path state = directory.resolve("state");
        settings.put("sallyport.config.state-dir", state.toString());
        write(
                "policy.yaml",
                Yaml.security(
                        "AuthorizationPolicy",
                        "default",
                        "who",
                        "{action: DENY, rules: [{to: [{operation: {hosts: [b.example]}}]}]}"));
        start();
        write("a.yaml", route("a.example", "a2"));
        await().untilAsserted(() -> assertThat(ask("a.example")).endsWith("a2"));
        write("a.yaml", faulty("a.example"));
        write("policy.yaml", "kind: [broken");
        await().until(() -> count("held") == 2);
        gateway.close();
        String[] explain = {"explain", config.toString(), "--url", "http://a.example/", "--state-dir", state.toString()
        };
        assertThat(Commands.all(explain))
                .startsWith("0|")
                .contains(
                        "\nheld          VirtualService default/vs-a-example is held at its version of generation 2 before"
                                + " the restart: ");
        assertThat(Commands.all("explain", config.toString(), "--url", "http://a.example/"))
                .as("of a process that has not been there before")
                .startsWith("0|")
                .contains("\nVirtualService default/vs-a-example is left out: ");

        start();

        assertThat(ask("a.example")).endsWith("a2");
        assertThat(ask("b.example")).startsWith("HTTP/1.1 403");
        JsonObject row = resource("vs-a-example");
        assertThat(row.getString("state")).isEqualTo("held");
        assertThat(row.getBoolean("restored")).isTrue();
        assertThat(resource("edge").getBoolean("restored")).isFalse();
        assertThat(log.all())
                .anyMatch(line -> line.startsWith("VirtualService default/vs-a-example is held at its version of"
                        + " generation 2 before the restart: "));
        assertThat(explain("http://b.example/").encode()).contains("policy.yaml (generation 1 before the restart):1");

        // Once more: what was held is kept, too.
        gateway.close();
        start();
        assertThat(ask("a.example")).endsWith("a2");

        write("a.yaml", route("a.example", "a3"));
        await().untilAsserted(() -> assertThat(ask("a.example")).endsWith("a3"));
        Files.delete(config.resolve("policy.yaml"));
        await().untilAsserted(() -> assertThat(ask("b.example")).endsWith("b1"));
        await().until(() -> count("held") == 0);
        try (var kept = Files.list(state)) {
            assertThat(kept).as("edge, a, b and the list").hasSize(4);
        }
    }

    @Test
    void aDirectoryOfStateThatIsOfNoUseIsNotUsed() throws Exception {
        settings.put(
                "sallyport.config.state-dir",
                Files.writeString(directory.resolve("state"), "a file").toString());
        write("a.yaml", faulty("a.example"));

        start();

        assertThat(ask("b.example")).endsWith("b1");
        assertThat(ask("a.example")).startsWith("HTTP/1.1 404");
    }

    @Test
    void readinessFailsWhereThatIsWanted() throws Exception {
        settings.put("sallyport.config.ready-with-faults", "false");
        start();
        assertThat(gateway.isComplete()).isTrue();

        write("a.yaml", faulty("a.example"));
        await().until(() -> !gateway.isComplete());

        write("a.yaml", route("a.example", "a2"));
        await().until(gateway::isComplete);
    }

    @Test
    void aFileThatCannotBeOpenedIsReadOnceItCan() throws Exception {
        start();
        Path target = directory.resolve("elsewhere.yaml");
        Files.createSymbolicLink(config.resolve("c.yaml"), target);
        await().until(() -> count("left-out") == 1);
        await().until(() -> gateway.adminView().status().getString("retryDue") != null);
        assertThat(ask("b.example")).endsWith("b1");

        Files.writeString(target, route("c.example", "c1"));

        await().atMost(30, TimeUnit.SECONDS)
                .untilAsserted(() -> assertThat(ask("c.example")).endsWith("c1"));
        await().until(() -> gateway.adminView().status().getString("retryDue") == null);
    }
}
