package io.sallyport.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sallyport.identity.CredentialException;
import io.sallyport.runtime.ConfigurationSources;
import io.sallyport.runtime.settings.Settings;
import io.sallyport.runtime.settings.SettingsLoader;
import io.sallyport.testing.Issued;
import io.sallyport.testing.LoggedLines;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TestPem;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.math.BigInteger;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.stream.IntStream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Reviews as an API server sends them, over TLS.
class WebhookServerTest {
    private static final String UID = "705ab4f5-6393-11e8-b7cc-42010a800002";
    private static final String GATEWAY = """
            apiVersion: networking.istio.io/v1
            kind: Gateway
            metadata: {name: edge}
            spec:
              servers:
                - port: {number: 80, name: http, protocol: HTTP}
                  hosts: [a.example.com]
            """;

    @TempDir
    Path tls;

    @RegisterExtension
    final LoggedLines log = new LoggedLines(ServedCertificate.class.getName(), Level.WARNING);

    private final Vertx vertx = Vertx.vertx();
    private final TestCertificates authority = TestCertificates.authority("webhook");
    private volatile Awaiting whenAsked = () -> {};
    private Issued first;
    private WebhookServer server;
    private HttpClient client;

    private interface Awaiting {
        void run() throws InterruptedException;
    }

    @BeforeEach
    void start() throws Exception {
        first = install();
        Settings settings = SettingsLoader.load(Map.of());
        server = new WebhookServer(
                vertx, 0, tls, Duration.ofMillis(20), WebhookServer.Limits.DEFAULT, new AdmissionReviews(manifest -> {
                    try {
                        whenAsked.run();
                    } catch (InterruptedException e) {
                        throw new AssertionError(e);
                    }
                    return ConfigurationSources.ofManifest(settings, manifest)
                            .read()
                            .problems();
                }));
        client = client(HttpClient.Version.HTTP_1_1);
    }

    @AfterEach
    void stop() {
        server.close();
        client.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    private Issued install() throws Exception {
        return install(authority.leaf("webhook").dns("localhost").issue());
    }

    private Issued install(Issued issued) throws Exception {
        Files.writeString(tls.resolve("tls.crt"), TestPem.certificates(issued.chain()));
        Files.writeString(tls.resolve("tls.key"), TestPem.key(issued.key()));
        return issued;
    }

    private HttpClient client(HttpClient.Version version) throws Exception {
        KeyStore roots = KeyStore.getInstance(KeyStore.getDefaultType());
        roots.load(null, null);
        roots.setCertificateEntry("root", authority.certificate());
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(roots);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return HttpClient.newBuilder().sslContext(context).version(version).build();
    }

    private HttpRequest.Builder to(String path) {
        return HttpRequest.newBuilder(URI.create("https://localhost:" + server.port() + path));
    }

    private HttpRequest post(String body) {
        return to("/validate")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
    }

    private HttpResponse<String> send(HttpRequest request) throws Exception {
        return client.send(request, HttpResponse.BodyHandlers.ofString());
    }

    private JsonObject answer(JsonObject review) throws Exception {
        HttpResponse<String> response = send(post(review.encode()));
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        JsonObject answer = new JsonObject(response.body());
        assertThat(answer.getString("apiVersion")).isEqualTo("admission.k8s.io/v1");
        assertThat(answer.getString("kind")).isEqualTo("AdmissionReview");
        assertThat(answer.getJsonObject("response").getString("uid")).isEqualTo(UID);
        return answer.getJsonObject("response");
    }

    private static JsonObject object(String group, String version, String kind, String name) {
        return new JsonObject()
                .put("apiVersion", group.isEmpty() ? version : group + "/" + version)
                .put("kind", kind)
                .put(
                        "metadata",
                        new JsonObject()
                                .put("name", name)
                                .put("namespace", "prod")
                                .put("uid", "be61b2e8-0f3c-4c8f-8a40-1f3d9a1d5b8e")
                                .put("creationTimestamp", "2026-11-29T06:00:00Z")
                                .put("generation", 1)
                                .put(
                                        "managedFields",
                                        new JsonArray()
                                                .add(new JsonObject()
                                                        .put("manager", "kubectl")
                                                        .put(
                                                                "fieldsV1",
                                                                new JsonObject().put("f:spec", new JsonObject())))));
    }

    private static JsonObject gateway() {
        return object("networking.istio.io", "v1", "Gateway", "edge")
                .put("spec", new JsonObject("""
                        {"selector": {"istio": "edge"}, "servers": [
                          {"port": {"number": 80, "name": "http", "protocol": "HTTP"}, "hosts": ["a.example.com"]}]}
                        """))
                .put("status", new JsonObject());
    }

    private static JsonObject virtualService() {
        return object("networking.istio.io", "v1", "VirtualService", "shop").put("spec", new JsonObject("""
                {"hosts": ["a.example.com"], "gateways": ["edge"],
                 "http": [{"route": [{"destination": {"host": "elsewhere.example.org"}}]}]}
                """));
    }

    private static JsonObject configMap(String key, String text) {
        return object("", "v1", "ConfigMap", "routes").put("data", new JsonObject().put(key, text));
    }

    /// As in Kubernetes' documentation of dynamic admission control.
    private static JsonObject review(String operation, JsonObject object) {
        String apiVersion = object.getString("apiVersion");
        int slash = apiVersion.indexOf('/');
        JsonObject kind = new JsonObject()
                .put("group", slash < 0 ? "" : apiVersion.substring(0, slash))
                .put("version", apiVersion.substring(slash + 1))
                .put("kind", object.getString("kind"));
        JsonObject request = new JsonObject()
                .put("uid", UID)
                .put("kind", kind)
                .put("requestKind", kind)
                .put("name", object.getJsonObject("metadata").getString("name"))
                .put("namespace", "prod")
                .put("operation", operation)
                .put("userInfo", new JsonObject().put("username", "admin"))
                .put("object", object)
                .putNull("oldObject")
                .put("dryRun", false)
                .put("options", new JsonObject().put("kind", "CreateOptions"));
        return new JsonObject()
                .put("apiVersion", "admission.k8s.io/v1")
                .put("kind", "AdmissionReview")
                .put("request", request);
    }

    private static void assertDenied(JsonObject response, String message) {
        assertThat(response.getBoolean("allowed")).isFalse();
        assertThat(response.getJsonObject("status").getInteger("code")).isEqualTo(422);
        assertThat(response.getJsonObject("status").getString("message")).contains(message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"CREATE", "UPDATE"})
    void whatIsRightIsAllowed(String operation) throws Exception {
        JsonObject response = answer(review(operation, gateway()));
        assertThat(response.getBoolean("allowed")).isTrue();
        assertThat(response.containsKey("status")).isFalse();
    }

    @ParameterizedTest
    @EnumSource(HttpClient.Version.class)
    void whatIsWrongIsDeniedWithItsField(HttpClient.Version version) throws Exception {
        client.close();
        client = client(version);
        JsonObject wrong = gateway();
        wrong.getJsonObject("spec").put("server", new JsonArray());

        assertDenied(answer(review("CREATE", wrong)), "error SAL1101 spec.server: ");
    }

    /// Else the API server would store the object as it is, where the webhook's failure policy is Ignore.
    @ParameterizedTest
    @EnumSource(HttpClient.Version.class)
    void whoWaitsForAnAnswerGetsItBeforeTheEnd(HttpClient.Version version) throws Exception {
        client.close();
        client = client(version);
        assertThat(send(to("/healthz").build()).statusCode()).isEqualTo(200);
        var asked = new CountDownLatch(1);
        var closing = new CountDownLatch(1);
        whenAsked = () -> {
            asked.countDown();
            closing.await();
        };
        var answer = client.sendAsync(post(review("CREATE", gateway()).encode()), HttpResponse.BodyHandlers.ofString());
        asked.await();
        Thread end = Thread.ofVirtual().start(server::close);
        await().until(() -> !end.isAlive() || end.getState() == Thread.State.TIMED_WAITING);
        try (HttpClient late = client(version)) {
            await().untilAsserted(() -> assertThatThrownBy(
                            () -> late.send(to("/healthz").build(), HttpResponse.BodyHandlers.ofString()))
                    .isInstanceOf(IOException.class));
            // Before that client is closed, which may take seconds of those that the server has.
            closing.countDown();

            assertThat(answer.get(10, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
            assertThat(end.join(Duration.ofSeconds(4)))
                    .as("ends with the last answer")
                    .isTrue();
        }
        assertThatThrownBy(() -> send(to("/healthz").build())).isInstanceOf(IOException.class);
    }

    @Test
    void whatDependsOnOtherResourcesIsAWarning() throws Exception {
        JsonObject response = answer(review("CREATE", virtualService()));

        assertThat(response.getBoolean("allowed")).isTrue();
        assertThat(response.getJsonArray("warnings").toString())
                .contains("error SAL3001 spec.gateways[0]", "error SAL3010 spec.http[0].route[0].destination.host");
        assertThat(response.getJsonArray("warnings"))
                .allSatisfy(each -> assertThat((String) each).hasSizeLessThanOrEqualTo(250));
    }

    @Test
    void theFilesOfAConfigMapAreJudged() throws Exception {
        assertThat(answer(review("CREATE", configMap("a.yaml", GATEWAY))).getBoolean("allowed"))
                .isTrue();
        assertDenied(
                answer(review("UPDATE", configMap("a.yaml", GATEWAY.replace("servers", "server")))),
                "configmap/prod/routes/a.yaml:5:3: error SAL1101 spec.server");
    }

    @ParameterizedTest
    @ValueSource(strings = {"istio", "istio-canary"})
    void theSettingsOfTheMeshAreJudged(String name) throws Exception {
        JsonObject map = object("", "v1", "ConfigMap", name)
                .put(
                        "data",
                        new JsonObject().put("mesh", "extensionProviders: 7").put("meshNetworks", "networks: {}"));
        assertDenied(answer(review("UPDATE", map)), "extensionProviders");
        map.getJsonObject("data").put("mesh", "enableAutoMtls: true");
        assertThat(answer(review("UPDATE", map)).getBoolean("allowed")).isTrue();
    }

    /// A million of them fit into the bytes that a review may have.
    @Test
    void aReviewOfTooManyValuesIsRefused() throws Exception {
        JsonArray many = new JsonArray();
        for (int i = 0; i < 200_000; i++) {
            many.add(new JsonObject());
        }
        JsonObject review = review("CREATE", gateway());
        review.getJsonObject("request").getJsonObject("object").put("status", many);

        HttpResponse<String> refused = send(post(review.encode()));
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.body()).contains("more than 200000 values");
    }

    @Test
    void aKindWithoutAGroupIsTheCoreGroups() throws Exception {
        JsonObject review = review("CREATE", configMap("a.yaml", GATEWAY));
        review.getJsonObject("request").getJsonObject("kind").putNull("group");
        assertThat(answer(review).getBoolean("allowed")).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a.txt", "a.yaml", "mesh"})
    void otherConfigMapsAreAllowed(String key) throws Exception {
        JsonObject response = answer(review("CREATE", configMap(key, "\u0001\u007f\u0085\ud83d\ude00: [")));
        assertThat(response.getBoolean("allowed")).isTrue();
        assertThat(response.containsKey("warnings")).isFalse();
    }

    @Test
    void otherKindsAreAllowed() throws Exception {
        JsonObject deployment = object("apps", "v1", "Deployment", "shop").put("spec", new JsonObject());
        assertThat(answer(review("CREATE", deployment)).getBoolean("allowed")).isTrue();
    }

    @Test
    void deletionIsAllowedAndHasNoObject() throws Exception {
        JsonObject review = review("DELETE", gateway());
        review.getJsonObject("request").putNull("object");
        assertThat(answer(review).getBoolean("allowed")).isTrue();
    }

    @Test
    void aNameThatIsYetToBeGeneratedIsNotMissing() throws Exception {
        JsonObject generated = gateway();
        generated.getJsonObject("metadata").remove("name");
        generated.getJsonObject("metadata").put("generateName", "edge-");
        JsonObject review = review("CREATE", generated);
        review.getJsonObject("request").remove("name");
        assertThat(answer(review).getBoolean("allowed")).isTrue();
    }

    @Test
    void anObjectThatIsNotTheRequestsIsDenied() throws Exception {
        JsonObject renamed = review("CREATE", gateway());
        renamed.getJsonObject("request").put("name", "other");
        assertDenied(answer(renamed), "metadata.name or metadata.namespace is not that of the request");

        JsonObject moved = review("CREATE", gateway());
        moved.getJsonObject("request").put("namespace", "other");
        assertDenied(answer(moved), "metadata.name or metadata.namespace is not that of the request");

        JsonObject disguised = review("CREATE", gateway());
        disguised.getJsonObject("request").getJsonObject("kind").put("kind", "VirtualService");
        assertDenied(answer(disguised), "apiVersion and kind are not those of the request");

        JsonObject nameless = review("CREATE", gateway());
        nameless.getJsonObject("request").put("kind", new JsonObject().put("group", 1));
        assertDenied(answer(nameless), "apiVersion and kind are not those of the request");
    }

    @Test
    void theMessageIsBounded() throws Exception {
        JsonObject wrong = gateway();
        IntStream.range(0, 500).forEach(i -> wrong.getJsonObject("spec").put("x" + i + "y".repeat(900), 1));
        String message = answer(review("CREATE", wrong)).getJsonObject("status").getString("message");
        assertThat(message).hasSizeLessThan(21 * 501).contains(" more");
    }

    @Test
    void deepJsonIsDenied() throws Exception {
        JsonObject deep = gateway();
        deep.getJsonObject("spec").put("servers", new JsonArray("[".repeat(500) + "]".repeat(500)));
        assertDenied(answer(review("CREATE", deep)), "SAL1006");

        String deeper = "{\"a\":".repeat(100_000);
        assertThat(send(post(deeper)).statusCode()).isEqualTo(400);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[]",
                "null",
                "1",
                "{}",
                "{\"apiVersion\": 1}",
                "{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":\"AdmissionReview\"}",
                "{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":\"AdmissionReview\",\"request\":[]}",
                "{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":\"AdmissionReview\",\"request\":{}}",
                "{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":\"AdmissionReview\",\"request\":{\"uid\":\"u\",\"operation\":\"CREATE\"}}"
            })
    void whatIsNoReviewIsABadRequest(String body) throws Exception {
        assertThat(send(post(body)).statusCode()).isEqualTo(400);
    }

    @Test
    void anotherVersionIsRefusedByName() throws Exception {
        JsonObject review = review("CREATE", gateway()).put("apiVersion", "admission.k8s.io/v1beta1");
        HttpResponse<String> response = send(post(review.encode()));
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body()).contains("set admissionReviewVersions to [v1]");
    }

    @Test
    void whatIsTooLargeIsRefused() throws Exception {
        assertThat(send(post(" ".repeat((3 << 20) + 1))).statusCode()).isEqualTo(413);
    }

    @Test
    void whatIsNoJsonByItsTypeIsRefused() throws Exception {
        HttpRequest text = to("/validate")
                .header("Content-Type", "text/plain")
                .POST(HttpRequest.BodyPublishers.ofString("{}"))
                .build();
        assertThat(send(text).statusCode()).isEqualTo(415);
    }

    @Test
    void pathsAndMethods() throws Exception {
        assertThat(send(to("/healthz").build()).statusCode()).isEqualTo(200);
        assertThat(send(to("/").build()).statusCode()).isEqualTo(404);
        assertThat(send(to("/validate/").build()).statusCode()).isEqualTo(404);
        assertThat(send(to("/validate").build()).statusCode()).isEqualTo(405);
        assertThat(send(to("/healthz").DELETE().build()).statusCode()).isEqualTo(405);
    }

    @Test
    void aHundredAtOnceAreAnswered() {
        List<CompletableFuture<HttpResponse<String>>> all = IntStream.range(0, 100)
                .mapToObj(i -> {
                    JsonObject object = gateway();
                    if (i % 2 == 1) {
                        object.getJsonObject("spec").put("server", 1);
                    }
                    return client.sendAsync(
                            post(review("CREATE", object).encode()), HttpResponse.BodyHandlers.ofString());
                })
                .toList();
        for (int i = 0; i < all.size(); i++) {
            JsonObject response = new JsonObject(all.get(i).join().body()).getJsonObject("response");
            assertThat(response.getBoolean("allowed")).isEqualTo(i % 2 == 0);
        }
    }

    @Test
    void newConnectionsGetTheNewCertificate() throws Exception {
        assertThat(served()).isEqualTo(first.certificate().getSerialNumber());
        Issued second = install();
        await().untilAsserted(() ->
                assertThat(served()).isEqualTo(second.certificate().getSerialNumber()));

        Files.writeString(tls.resolve("tls.key"), "broken");
        Files.writeString(tls.resolve("tls.crt"), "broken");
        assertThat(served()).isEqualTo(second.certificate().getSerialNumber());
        Issued third = install();
        await().untilAsserted(
                        () -> assertThat(served()).isEqualTo(third.certificate().getSerialNumber()));
        assertThat(log.all()).noneMatch(line -> line.contains("is not valid now"));
    }

    @Test
    void aNewCertificateThatIsOverIsWarnedOf() throws Exception {
        install(authority.leaf("webhook").dns("localhost").expired().issue());

        await().until(() -> log.all().stream().anyMatch(line -> line.contains("is not valid now: NotAfter")));
    }

    private BigInteger served() throws Exception {
        try (HttpClient fresh = client(HttpClient.Version.HTTP_1_1)) {
            HttpResponse<String> response =
                    fresh.send(post(review("CREATE", gateway()).encode()), HttpResponse.BodyHandlers.ofString());
            assertThat(response.statusCode()).isEqualTo(200);
            return ((X509Certificate) response.sslSession().orElseThrow().getPeerCertificates()[0]).getSerialNumber();
        }
    }

    @Test
    void withoutACertificateItDoesNotStart(@TempDir Path empty) {
        assertThatThrownBy(() -> new WebhookServer(
                        vertx,
                        0,
                        empty,
                        Duration.ofSeconds(1),
                        WebhookServer.Limits.DEFAULT,
                        new AdmissionReviews(_ -> List.of())))
                .isInstanceOf(CredentialException.class)
                .hasMessageContaining("tls.crt");
    }
}
