package io.sallyport.e2e.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.sallyport.discovery.kubernetes.KubernetesDiscovery;
import io.sallyport.e2e.discovery.ScriptedApi.Failure;
import io.sallyport.e2e.discovery.ScriptedApi.Step;
import io.sallyport.runtime.GatewayProcess;
import io.sallyport.runtime.StartException;
import io.sallyport.telemetry.DiscoveryMetrics;
import io.sallyport.testing.BuiltProgram;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.TestProcess;
import io.sallyport.testing.Yaml;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Istio's resources, followed through an API server that comes, goes and changes its mind.
@Timeout(120)
class DiscoveredResourcesTest {
    private static final Duration SOON = Duration.ofSeconds(10);
    private static final Duration LATER = Duration.ofSeconds(30);

    private static final String DENIES_A = Yaml.security(
            "AuthorizationPolicy",
            "default",
            "who",
            "{action: DENY, rules: [{to: [{operation: {hosts: [a.example]}}]}]}");

    @TempDir
    Path directory;

    private Path config;
    private final ScriptedApi api = new ScriptedApi();
    private final int port = BuiltProgram.freePort();
    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    private final Map<String, String> settings = new HashMap<>();
    private GatewayProcess process;

    @BeforeEach
    void prepare() {
        config = directory.resolve("config");
        settings.putAll(Map.of(
                "sallyport.config.dir", config.toString(),
                "sallyport.secrets.dir", directory.resolve("none").toString(),
                "sallyport.identity.dir", directory.resolve("none").toString(),
                "sallyport.port-map.80", Integer.toString(port),
                "sallyport.event-loops", "1",
                "sallyport.discovery.sync-timeout", "10s",
                "sallyport.discovery.resources", "true"));
    }

    @AfterEach
    void close() {
        if (process != null) {
            process.close();
        }
        api.close();
    }

    private void start() throws Exception {
        start(api);
    }

    private void start(ScriptedApi from) throws Exception {
        process = TestProcess.create(
                metrics, settings, new KubernetesDiscovery(from.client(), false, null, Set.of(), true));
        process.start();
    }

    private void write(String file, String text) throws IOException {
        Files.createDirectories(config);
        Path next = Files.writeString(directory.resolve("next"), text);
        Files.move(next, config.resolve(file), StandardCopyOption.ATOMIC_MOVE);
    }

    private static String route(String host, String body) {
        return Yaml.virtualService(host, "- directResponse: {status: 200, body: {string: %s}}".formatted(body));
    }

    private String ask(String host) throws IOException {
        return RawClient.exchange(port, "GET / HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
    }

    private void answers(String host, String end) {
        await().atMost(SOON).untilAsserted(() -> assertThat(ask(host)).endsWith(end));
    }

    private JsonObject resource(String name) {
        return process.adminView().resources(false).getJsonArray("resources").stream()
                .map(JsonObject.class::cast)
                .filter(row -> row.getString("name").equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void resourcesAreServedWithoutAnyFileAndTheirChangesAtOnce() throws Exception {
        api.put(Yaml.httpGateway("*") + route("a.example", "a1"));
        start();
        assertThat(process.isComplete()).isTrue();
        assertThat(ask("a.example")).endsWith("a1");
        assertThat(resource("vs-a-example").getString("file")).isEqualTo("VirtualService default/vs-a-example");

        api.put(route("a.example", "a2") + route("b.example", "b1"));
        answers("a.example", "a2");
        answers("b.example", "b1");

        api.delete(route("a.example", "a2"));
        await().atMost(SOON).until(() -> ask("a.example").startsWith("HTTP/1.1 404"));
        assertThat(ask("b.example")).endsWith("b1");
    }

    @Test
    void whatCannotBeDecodedIsHeldByItsNameAndAllElseIsFollowed() throws Exception {
        api.put(Yaml.httpGateway("*") + route("a.example", "a1") + route("b.example", "b1"));
        start();

        api.put(route("a.example", "a2").replace("spec:\n", "spec:\n  hosst: [x]\n"));
        await().atMost(SOON)
                .until(() -> resource("vs-a-example").getString("state").equals("held"));
        assertThat(resource("vs-a-example").getString("because"))
                .startsWith("VirtualService default/vs-a-example:")
                .contains("SAL1101 spec.hosst");
        api.put(route("b.example", "b2"));
        answers("b.example", "b2");
        assertThat(ask("a.example")).endsWith("a1");

        api.put(route("a.example", "a3"));
        answers("a.example", "a3");
    }

    @Test
    void filesAreServedBesideThem() throws Exception {
        write("edge.yaml", Yaml.httpGateway("*") + route("file.example", "file"));
        api.put(route("api.example", "api"));
        start();
        assertThat(ask("file.example")).endsWith("file");
        assertThat(ask("api.example")).endsWith("api");

        write("edge.yaml", Yaml.httpGateway("*") + route("file.example", "changed"));
        answers("file.example", "changed");
        assertThat(ask("api.example")).endsWith("api");

        // Defined twice, the file's counts: it was there.
        api.put(route("file.example", "stolen"));
        await().atMost(SOON)
                .until(() -> process.adminView().resources(true).encode().contains("is already defined at"));
        assertThat(ask("file.example")).endsWith("changed");

        // What files protected must not be lost with their directory.
        Files.delete(config.resolve("edge.yaml"));
        Files.delete(config);
        api.put(route("api.example", "later"));
        await().atMost(SOON).until(() -> process.adminView().status().getJsonObject("refused") != null);
        assertThat(ask("file.example")).endsWith("changed");
        assertThat(ask("api.example")).endsWith("api");
    }

    @Test
    void anObjectIsADocumentWithoutWhatToolsKeepBesideIt() throws Exception {
        api.put(
                route("a.example", "a1")
                        .replace(
                                "metadata: {",
                                "metadata: {labels: {app: a}, annotations: {b: c, kubectl.kubernetes.io/last-applied-configuration: x}, "));
        try (var discovery = new KubernetesDiscovery(api.client(), false, null, Set.of(), true)) {
            discovery.start(() -> {});
            assertThat(discovery.awaitSync(LATER)).isTrue();

            String name = "VirtualService default/vs-a-example";
            assertThat(discovery.resources()).containsOnlyKeys(name);
            JsonObject document =
                    new JsonObject(new String(discovery.resources().get(name), StandardCharsets.UTF_8));
            assertThat(document.fieldNames()).containsExactly("apiVersion", "kind", "metadata", "spec");
            JsonObject metadata = document.getJsonObject("metadata");
            assertThat(metadata.fieldNames())
                    .containsExactly("annotations", "creationTimestamp", "labels", "name", "namespace");
            assertThat(metadata.getJsonObject("annotations").encode()).isEqualTo("{\"b\":\"c\"}");
        }
    }

    @Test
    void whileTheApiIsAwayTheLastOnesAreServed() throws Exception {
        api.put(Yaml.httpGateway("*") + route("a.example", "a1"));
        start();
        api.stop();
        await().atMost(LATER).until(() -> !discovery().getBoolean("connected"));
        assertThat(ask("a.example")).endsWith("a1");
        assertThat(process.isComplete()).isTrue();

        api.start();
        api.put(route("a.example", "a2"));
        await().atMost(LATER).untilAsserted(() -> assertThat(ask("a.example")).endsWith("a2"));
        await().atMost(LATER).until(() -> discovery().getBoolean("connected"));
    }

    private JsonObject discovery() {
        return process.adminView().status().getJsonObject("discovery");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void withoutTheApiTheProcessDoesNotStart(boolean files) throws Exception {
        if (files) {
            // The API may have policies that protect what these serve.
            write("edge.yaml", Yaml.answering("file"));
        }
        settings.put("sallyport.discovery.sync-timeout", "300ms");
        api.stop();

        assertThatThrownBy(this::start)
                .isInstanceOf(StartException.class)
                .hasMessageContaining("the Kubernetes API has not listed all that is to be served after");
        api.start();
    }

    @Test
    void anAuthorizationPolicyIsEnforced() throws Exception {
        api.put(Yaml.httpGateway("*") + route("a.example", "a1"));
        start();
        assertThat(ask("a.example")).endsWith("a1");

        api.put(DENIES_A);

        await().atMost(SOON).until(() -> ask("a.example").startsWith("HTTP/1.1 403"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"AuthorizationPolicy", "PeerAuthentication", "VirtualService"})
    void withoutTheRightToListAKindTheProcessDoesNotStart(String kind) {
        settings.put("sallyport.discovery.sync-timeout", "1500ms");
        api.put(Yaml.httpGateway("*") + route("a.example", "a1"));
        api.fail(kind, Step.LIST, Failure.FORBIDDEN);

        assertThatThrownBy(this::start)
                .isInstanceOf(StartException.class)
                .hasMessageMatching("the Kubernetes API has not listed all that is to be served after 1500 ms: "
                        + ScriptedApi.plural(kind)
                        + "[.]\\w+[.]istio[.]io: the gateway's account needs get, list and watch [(].* scripted 403.*");
    }

    @Test
    void aListThatIsNotAnsweredIsWaitedForNoLongerThanTheBound() {
        settings.put("sallyport.discovery.sync-timeout", "1500ms");
        api.fail("Telemetry", Step.LIST, Failure.SILENCE);

        assertThatThrownBy(this::start)
                .hasMessage("the Kubernetes API has not listed all that is to be served after 1500 ms:"
                        + " telemetries.telemetry.istio.io: not listed yet");
    }

    @Test
    void whatMayNotBeReadAnyMoreIsServedAsItWasAndOtherKindsAreFollowed() throws Exception {
        api.put(Yaml.httpGateway("*") + route("a.example", "a1") + route("b.example", "b1") + DENIES_A);
        start();
        DiscoveryMetrics.register(metrics, process::discoverySample);
        await().atMost(SOON).until(() -> watched("authorizationpolicies.security.istio.io") == 1);

        api.fail("AuthorizationPolicy", Step.WATCH, Failure.FORBIDDEN);
        api.fail("AuthorizationPolicy", Step.LIST, Failure.FORBIDDEN);
        api.endWatches("AuthorizationPolicy");
        await().atMost(SOON).until(() -> watched("authorizationpolicies.security.istio.io") == 0);
        assertThat(watched("virtualservices.networking.istio.io")).isOne();
        assertThat(discovery().getString("lastError")).startsWith("authorizationpolicies.security.istio.io: ");

        api.put(route("b.example", "b2"));
        answers("b.example", "b2");
        assertThat(ask("a.example")).startsWith("HTTP/1.1 403");

        api.fail("AuthorizationPolicy", Step.WATCH, null);
        api.fail("AuthorizationPolicy", Step.LIST, null);
        api.delete(DENIES_A);
        await().atMost(LATER).until(() -> ask("a.example").endsWith("a1"));
    }

    private double watched(String kind) {
        return metrics.get("sallyport.discovery.watched")
                .tag("kind", kind)
                .gauge()
                .value();
    }

    @Test
    void aClusterWithoutSomeOfTheKindsHasNone() throws Exception {
        for (String kind : List.of("AuthorizationPolicy", "RequestAuthentication", "PeerAuthentication", "Telemetry")) {
            api.fail(kind, Step.LIST, Failure.NOT_FOUND);
        }
        api.put(Yaml.httpGateway("*") + route("a.example", "a1"));
        start();

        assertThat(process.isComplete()).isTrue();
        assertThat(ask("a.example")).endsWith("a1");
        api.put(route("a.example", "a2"));
        answers("a.example", "a2");
        await().atMost(SOON).until(() -> discovery().getBoolean("connected"));
    }

    @Test
    void aPolicyThatCannotBeDecodedDeniesWhatItCovers() throws Exception {
        api.put(Yaml.httpGateway("*") + route("a.example", "a1") + DENIES_A.replace("action: DENY", "action: DENI"));
        start();

        assertThat(resource("who").getString("state")).isEqualTo("left-out");
        assertThat(resource("who").getString("because")).startsWith("AuthorizationPolicy default/who:");
        assertThat(ask("a.example")).startsWith("HTTP/1.1 403");
    }

    /// It is there, whatever it is: without it all would be allowed.
    @Test
    void aPolicyWhoseMetadataCannotBeReadDeniesItsNamespace() throws Exception {
        JsonObject odd = ScriptedApi.objects(DENIES_A).getFirst();
        odd.getJsonObject("metadata").put("labels", "none").put("creationTimestamp", new JsonObject().put("a", 1));
        api.put(Yaml.httpGateway("*") + route("a.example", "a1"));
        api.put(odd);
        start();

        assertThat(resource("who").getString("state")).isEqualTo("left-out");
        assertThat(ask("a.example")).startsWith("HTTP/1.1 403");
    }

    @Test
    void aFaultyObjectOfTheLargestSizeIsHeldAndOthersAreFollowed() throws Exception {
        api.put(Yaml.httpGateway("*") + route("a.example", "a1") + route("b.example", "b1"));
        start();

        JsonObject large = ScriptedApi.objects(route("a.example", "a2")).getFirst();
        // As much as etcd takes.
        large.getJsonObject("spec").put("hosts", List.of("x".repeat(1_500_000)));
        api.put(large);
        api.put(route("b.example", "b2"));
        answers("b.example", "b2");
        await().atMost(SOON)
                .until(() -> resource("vs-a-example").getString("state").equals("held"));
        assertThat(resource("vs-a-example").getString("because")).startsWith("VirtualService default/vs-a-example:");
        assertThat(ask("a.example")).endsWith("a1");
    }

    @Test
    void theOldestOfSeveralComesFirst() throws Exception {
        String older = route("a.example", "older")
                .replace("metadata: {", "metadata: {creationTimestamp: 2025-01-01T00:00:00Z, ");
        api.put(Yaml.httpGateway("*")
                + route("a.example", "younger").replace("vs-a-example", "a")
                + older.replace("vs-a-example", "b"));
        start();

        assertThat(ask("a.example")).endsWith("older");
    }

    @Test
    void theHashIsTheSameWhereverTheSameObjectsAreRead() throws Exception {
        String gateway = Yaml.httpGateway("*");
        String routes = route("a.example", "a1") + route("b.example", "b1");
        api.put(gateway + routes);
        start();
        String hash = process.adminView().status().getString("contentHash");
        process.close();

        try (ScriptedApi other = new ScriptedApi()) {
            other.put(route("b.example", "b1") + route("c.example", "c1"));
            other.put(route("a.example", "a0")
                    + gateway.replace("spec:\n  selector: {istio: ingressgateway}\n", "spec:\n")
                            .replace("hosts: [\"*\"]\n", "hosts: [\"*\"]\n  selector: {istio: ingressgateway}\n"));
            other.delete(route("c.example", "c1"));
            other.put(route("a.example", "a1"));
            start(other);
            assertThat(process.adminView().status().getString("contentHash")).isEqualTo(hash);
        }
    }

    @Test
    void aServerThatKnowsNoneOfTheKindsIsNotTakenForOneWithoutResources() throws Exception {
        settings.put("sallyport.discovery.sync-timeout", "1500ms");
        write("edge.yaml", Yaml.answering("file"));
        for (String kind : List.of(
                "Gateway",
                "VirtualService",
                "DestinationRule",
                "ServiceEntry",
                "AuthorizationPolicy",
                "RequestAuthentication",
                "PeerAuthentication",
                "Telemetry")) {
            api.fail(kind, Step.LIST, Failure.NOT_FOUND);
        }

        assertThatThrownBy(this::start)
                .isInstanceOf(StartException.class)
                .hasMessageContaining("after 1500 ms: gateways.networking.istio.io: ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"text\"", "7", "[]", "null", "{\"http\": 1}", "DEEP"})
    void aSpecOfAnotherShapeIsHeld(String spec) throws Exception {
        api.put(Yaml.httpGateway("*") + route("a.example", "a1") + route("b.example", "b1"));
        start();

        String deep = "{\"hosts\":".repeat(500) + "1" + "}".repeat(500);
        JsonObject strange = ScriptedApi.objects(route("a.example", "a2")).getFirst();
        api.put(strange.put("spec", Json.decodeValue(spec.equals("DEEP") ? deep : spec)));
        api.put(route("b.example", "b2"));
        answers("b.example", "b2");
        await().atMost(SOON)
                .until(() -> resource("vs-a-example").getString("state").equals("held"));
        assertThat(ask("a.example")).endsWith("a1");
    }

    @Test
    void aRestartHoldsWhatTheProcessHeld() throws Exception {
        settings.put("sallyport.config.state-dir", directory.resolve("state").toString());
        api.put(Yaml.httpGateway("*") + route("a.example", "a1") + DENIES_A.replace("a.example", "b.example"));
        start();
        api.put(route("a.example", "a2").replace("spec:\n", "spec:\n  hosst: [x]\n"));
        await().atMost(SOON)
                .until(() -> resource("vs-a-example").getString("state").equals("held"));
        process.close();

        start();
        assertThat(ask("a.example")).endsWith("a1");
        assertThat(ask("b.example")).startsWith("HTTP/1.1 403");
        assertThat(resource("vs-a-example").getBoolean("restored")).isTrue();
    }
}
