package io.sallyport.discovery.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ListMetaBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.SecretList;
import io.fabric8.kubernetes.api.model.SecretListBuilder;
import io.fabric8.kubernetes.api.model.StatusBuilder;
import io.fabric8.kubernetes.api.model.WatchEvent;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.sallyport.discovery.SecretCatalog.Found;
import io.sallyport.discovery.SecretName;
import io.sallyport.e2e.discovery.ScriptedApi;
import io.sallyport.e2e.discovery.ScriptedApi.Failure;
import io.sallyport.e2e.discovery.ScriptedApi.Step;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What an API server may answer to who follows single Secrets.
class KubernetesSecretsTest {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final SecretName A = new SecretName("edge", "a");
    private static final SecretName B = new SecretName("edge", "b");

    private final KubernetesMockServer server = new KubernetesMockServer(false);
    private KubernetesClient client;
    private KubernetesSecrets secrets;

    @BeforeEach
    void start() {
        server.init();
        client = KubernetesClients.of(new ConfigBuilder(Config.empty())
                .withMasterUrl("http://127.0.0.1:" + server.getPort())
                .build());
        secrets = new KubernetesSecrets(client, Set.of("tls.crt", "tls.key"), () -> {});
    }

    @AfterEach
    void close() {
        secrets.close();
        client.close();
        server.destroy();
    }

    private static String path(String name, String more) {
        return "/api/v1/namespaces/edge/secrets?fieldSelector=metadata.name%3D" + name + more;
    }

    private static Secret secret(String name, String version, String text) {
        String data = Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.US_ASCII));
        return new SecretBuilder()
                .withNewMetadata()
                .withNamespace("edge")
                .withName(name)
                .withUid(name)
                .withResourceVersion(version)
                .endMetadata()
                .withData(Map.of("tls.crt", data, "password", data))
                .build();
    }

    private static SecretList list(String version, Secret... items) {
        return new SecretListBuilder()
                .withMetadata(new ListMetaBuilder().withResourceVersion(version).build())
                .withItems(items)
                .build();
    }

    private void forbid(String name) {
        server.expect()
                .get()
                .withPath(path(name, "&resourceVersion=0"))
                .andReturn(
                        403,
                        new StatusBuilder()
                                .withCode(403)
                                .withMessage("forbidden")
                                .build())
                .always();
    }

    @Test
    void onlyTheKeysThatAreOfUseAreKept() throws Exception {
        server.expect()
                .get()
                .withPath(path("a", "&resourceVersion=0"))
                .andReturn(200, list("1", secret("a", "1", "text")))
                .always();
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
    void oneThatMayNotBeReadIsNamedAndKeepsNoOtherWaiting() throws Exception {
        forbid("a");
        server.expect()
                .get()
                .withPath(path("b", "&resourceVersion=0"))
                .andReturn(200, list("1"))
                .always();
        secrets.follow(Set.of(A, B));

        assertThat(secrets.await(SOON)).isTrue();
        assertThat(secrets.find(A).problem()).contains("may not be read", "get, list and watch");
        assertThat(secrets.find(B)).isEqualTo(Found.ABSENT);
    }

    /// A watch that ends with 410 Gone is no news of the Secret; the list that follows is.
    @Test
    void aWatchThatIsTooOldIsBegunAnew() throws Exception {
        server.expect()
                .get()
                .withPath(path("a", "&resourceVersion=0"))
                .andReturn(200, list("1", secret("a", "1", "old")))
                .once();
        Secret bookmark = new SecretBuilder()
                .withNewMetadata()
                .withResourceVersion("4")
                .endMetadata()
                .build();
        server.expect()
                .get()
                .withPath("/api/v1/namespaces/edge/secrets?allowWatchBookmarks=true&fieldSelector=metadata.name%3Da"
                        + "&resourceVersion=1&timeoutSeconds=600&watch=true")
                .andUpgradeToWebSocket()
                .open()
                .waitFor(50)
                .andEmit(new WatchEvent(bookmark, "BOOKMARK"))
                .waitFor(100)
                .andEmit(new WatchEvent(
                        new StatusBuilder().withCode(410).withMessage("Gone").build(), "ERROR"))
                .done()
                .always();
        server.expect()
                .get()
                .withPath(path("a", ""))
                .andReturn(200, list("9", secret("a", "9", "new")))
                .always();
        secrets.follow(Set.of(A));

        await().atMost(SOON)
                .until(() -> Map.of("tls.crt", "new").equals(secrets.find(A).texts()));
    }

    @Test
    void thereIsABound() {
        Set<SecretName> many = new HashSet<>();
        for (int i = 0; i < 501; i++) {
            many.add(new SecretName("edge", "s" + i));
        }
        secrets.follow(many);

        assertThat(many.stream().map(secrets::find).filter(found -> found.problem() != null))
                .singleElement()
                .satisfies(found -> assertThat(found.problem()).contains("more than 500 Secrets"));
    }

    /// A Secret's watch is no other than that of Istio's kinds, see [ResourceWatchTest].
    @Test
    void oneThatMayNotBeReadAnyMoreIsKeptAndFollowedAgainOnceItMay() throws Exception {
        try (ScriptedApi api = new ScriptedApi();
                KubernetesClient scripted = api.client();
                KubernetesSecrets followed = new KubernetesSecrets(scripted, Set.of("tls.crt"), () -> {})) {
            api.put(new JsonObject(Serialization.asJson(secret("a", "1", "first"))));
            followed.follow(Set.of(A));
            assertThat(followed.await(SOON)).isTrue();
            await().atMost(SOON).until(followed::isWatching);

            api.fail("Secret", Step.LIST, Failure.FORBIDDEN);
            api.fail("Secret", Step.HANDSHAKE, Failure.FORBIDDEN);
            api.endWatches("Secret");
            await().atMost(SOON).until(() -> !followed.isWatching());
            api.put(new JsonObject(Serialization.asJson(secret("a", "1", "second"))));
            long now = System.nanoTime();
            followed.look(now);
            followed.look(now + ObjectFeed.LONGEST_GAP.toNanos());
            await().atMost(SOON)
                    .until(() -> String.valueOf(followed.lastError()).contains("needs get, list and watch"));
            assertThat(followed.find(A).texts()).isEqualTo(Map.of("tls.crt", "first"));

            api.fail("Secret", Step.LIST, null);
            api.fail("Secret", Step.HANDSHAKE, null);
            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(followed.find(A).texts()).isEqualTo(Map.of("tls.crt", "second")));
        }
    }
}
