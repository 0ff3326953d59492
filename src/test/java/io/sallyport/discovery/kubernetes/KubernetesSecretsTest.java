package io.sallyport.discovery.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.sallyport.discovery.SecretCatalog.Found;
import io.sallyport.discovery.SecretName;
import io.sallyport.e2e.discovery.ScriptedApi;
import io.sallyport.e2e.discovery.ScriptedApi.Failure;
import io.sallyport.e2e.discovery.ScriptedApi.Step;
import io.sallyport.testing.RawUpstream;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jboss.logmanager.ExtLogRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What an API server may answer to who follows single Secrets.
class KubernetesSecretsTest {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final SecretName A = new SecretName("edge", "a");
    private static final SecretName B = new SecretName("edge", "b");
    private static final ApiServer.Pace PACE = new ApiServer.Pace(
            Duration.ofMillis(10),
            Duration.ofMillis(50),
            Duration.ofSeconds(10),
            Duration.ofSeconds(2),
            Duration.ofMillis(200));

    private final ScriptedApi api = new ScriptedApi();
    private final KubernetesClient client = api.client();
    private final KubernetesSecrets secrets =
            new KubernetesSecrets(new ApiServer(client, PACE), Set.of("tls.crt", "tls.key"), () -> {});

    @AfterEach
    void close() {
        secrets.close();
        client.close();
        api.close();
    }

    private static JsonObject secret(String name, String text) {
        String data = Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.US_ASCII));
        return new JsonObject()
                .put("apiVersion", "v1")
                .put("kind", "Secret")
                .put("metadata", new JsonObject().put("namespace", "edge").put("name", name))
                .put("data", new JsonObject().put("tls.crt", data).put("password", data));
    }

    @Test
    void onlyTheKeysThatAreOfUseAreKept() throws Exception {
        api.put(secret("a", "text"));
        assertThat(secrets.find(A)).isEqualTo(Found.UNKNOWN);
        secrets.follow(Set.of(A));

        assertThat(secrets.await(SOON)).isTrue();
        assertThat(secrets.find(A).texts()).isEqualTo(Map.of("tls.crt", "text"));
        assertThat(secrets.find(A)).asString().doesNotContain("text");

        secrets.follow(Set.of());
        assertThat(secrets.find(A)).isEqualTo(Found.UNKNOWN);
        assertThat(secrets.isSettled()).isTrue();
    }

    @Test
    void oneThatMayNotBeReadIsNamedKeepsNoOtherWaitingAndIsAskedForAgain() throws Exception {
        api.fail("Secret", "a", Step.LIST, Failure.FORBIDDEN);
        secrets.follow(Set.of(A, B));

        assertThat(secrets.await(SOON)).isTrue();
        assertThat(secrets.find(A).problem()).contains("may not be read", "get, list and watch");
        assertThat(secrets.find(B)).isEqualTo(Found.ABSENT);

        api.fail("Secret", "a", Step.LIST, null);
        await().atMost(SOON).until(() -> secrets.find(A).equals(Found.ABSENT));
        api.put(secret("a", "text"));
        await().atMost(SOON)
                .until(() -> Map.of("tls.crt", "text").equals(secrets.find(A).texts()));
    }

    @Test
    void thereIsABound() throws Exception {
        Set<SecretName> many = new HashSet<>();
        for (int i = 0; i < 501; i++) {
            many.add(new SecretName("edge", "s" + i));
        }
        secrets.follow(many);
        assertThat(secrets.await(SOON)).isTrue();

        assertThat(many.stream().map(secrets::find).filter(found -> found.problem() != null))
                .singleElement()
                .satisfies(found -> assertThat(found.problem()).contains("more than 500 Secrets"));
    }

    /// A Secret's watch is no other than that of Istio's kinds, see [ResourceWatchTest].
    @Test
    void oneThatMayNotBeReadAnyMoreIsKeptAndFollowedAgainOnceItMay() throws Exception {
        api.put(secret("a", "first"));
        secrets.follow(Set.of(A));
        assertThat(secrets.await(SOON)).isTrue();
        await().atMost(SOON).until(secrets::isWatching);

        api.fail("Secret", Step.LIST, Failure.FORBIDDEN);
        api.fail("Secret", Step.WATCH, Failure.FORBIDDEN);
        api.endWatches("Secret");
        await().atMost(SOON).until(() -> !secrets.isWatching());
        api.put(secret("a", "second"));
        await().atMost(SOON).until(() -> String.valueOf(secrets.lastError()).contains("needs get, list and watch"));
        await().atMost(SOON).until(() -> api.requests("Secret", Step.LIST) > 1);
        assertThat(secrets.find(A).texts()).isEqualTo(Map.of("tls.crt", "first"));

        api.fail("Secret", Step.LIST, null);
        api.fail("Secret", Step.WATCH, null);
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(secrets.find(A).texts()).isEqualTo(Map.of("tls.crt", "second")));
    }

    private static String list(JsonObject object) {
        return new JsonObject()
                .put("metadata", new JsonObject().put("resourceVersion", "1"))
                .put("items", List.of(object))
                .encode();
    }

    private static RawUpstream answering(String status, String body) {
        return RawUpstream.answering("HTTP/1.1 " + status + "\r\ncontent-length: " + body.length() + "\r\n\r\n" + body);
    }

    /// The server's answer to a list of one name.
    @Test
    void anObjectOfAnotherNameIsNotTakenForTheOneThatWasAskedFor() throws Exception {
        try (RawUpstream lying = answering("200 OK", list(secret("other", "stolen")));
                KubernetesClient misled = ScriptedApi.client(lying.port(), null);
                KubernetesSecrets followed =
                        new KubernetesSecrets(new ApiServer(misled, PACE), Set.of("tls.crt"), () -> {})) {
            followed.follow(Set.of(A));
            assertThat(followed.await(SOON)).isTrue();
            assertThat(followed.find(A)).isEqualTo(Found.ABSENT);
        }
    }

    /// Whatever has gone wrong at the server, in whatever place of an answer a Secret's bytes then are.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "200 OK|{\"metadata\":{\"resourceVersion\":\"1\"},\"items\":[{\"metadata\":{\"namespace\":\"edge\",\"name\":\"a\"},\"data\":\"s3cr3t\"}]}",
                "200 OK|{\"metadata\":{\"resourceVersion\":\"1\"},\"items\":[{\"metadata\":{\"namespace\":\"edge\",\"name\":\"s3cr3t\"}}]}",
                "200 OK|{\"metadata\":{\"resourceVersion\":\"1\"},\"items\":[{\"metadata\":\"s3cr3t\"}]}",
                "200 OK|{\"metadata\":{\"resourceVersion\":\"1\"},\"items\":\"s3cr3t\"}",
                "200 OK|{\"metadata\":{},\"items\":[s3cr3t]}",
                "200 OK|s3cr3t",
                "200 OK|[\"s3cr3t\"]",
                "200 OK|{\"type\":\"s3cr3t\",\"object\":{\"kind\":\"s3cr3t\"}}",
                "200 OK|{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\",\"code\":500,\"message\":\"s3cr3t\"}}",
                "200 OK|{\"type\":\"ERROR\",\"object\":{\"x\":\"s3cr3t\"}}",
                "500 s3cr3t|{\"kind\":\"Status\",\"message\":\"s3cr3t\"}",
                "403 s3cr3t|{\"kind\":\"Status\",\"message\":\"s3cr3t\"}",
                "410 s3cr3t|s3cr3t",
                "s3cr3t|s3cr3t"
            })
    void nothingOfASecretIsLogged(String answer) throws Exception {
        List<String> logged = new CopyOnWriteArrayList<>();
        Handler handler = new Handler() {
            @Override
            public void publish(LogRecord line) {
                logged.add(ExtLogRecord.wrap(line).getFormattedMessage() + ' ' + line.getThrown());
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        Logger all = Logger.getLogger("");
        all.addHandler(handler);
        String body = answer.substring(answer.indexOf('|') + 1);
        String good = list(secret("a", "text"));
        // The first list is good, so that watches are answered, too.
        AtomicInteger lists = new AtomicInteger();
        try (RawUpstream lying = RawUpstream.start(RawUpstream.perRequest((connection, head) -> {
                    boolean fine = !head.contains("watch=true") && lists.incrementAndGet() == 1;
                    String text = fine ? good : body;
                    connection.write("HTTP/1.1 " + (fine ? "200 OK" : answer.substring(0, answer.indexOf('|')))
                            + "\r\ncontent-length: " + text.length() + "\r\n\r\n" + text);
                }));
                KubernetesClient misled = ScriptedApi.client(lying.port(), null);
                KubernetesSecrets followed =
                        new KubernetesSecrets(new ApiServer(misled, PACE), Set.of("tls.crt"), () -> {})) {
            followed.follow(Set.of(A));
            await().atMost(SOON).until(() -> lists.get() > 2);
            assertThat(String.valueOf(followed.lastError())).doesNotContain("s3cr3t");
        } finally {
            all.removeHandler(handler);
        }
        assertThat(logged).noneMatch(line -> line.contains("s3cr3t"));
    }
}
