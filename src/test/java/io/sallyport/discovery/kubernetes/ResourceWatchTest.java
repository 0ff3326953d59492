package io.sallyport.discovery.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.sallyport.e2e.discovery.ScriptedApi;
import io.sallyport.e2e.discovery.ScriptedApi.Failure;
import io.sallyport.e2e.discovery.ScriptedApi.Step;
import io.sallyport.testing.Yaml;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What a list and the watch that follows it miss, in the order in which it can happen.
@Timeout(60)
class ResourceWatchTest {
    private static final Duration SOON = Duration.ofSeconds(10);
    private static final String KIND = "VirtualService";

    private final ScriptedApi api = new ScriptedApi();
    private final KubernetesClient client = api.client();
    private final KubernetesResources resources = new KubernetesResources(client, () -> {});

    @AfterEach
    void close() {
        resources.feeds().forEach(ObjectFeed::close);
        client.close();
        api.close();
    }

    private void start() {
        resources.feeds().forEach(ObjectFeed::start);
        await().atMost(SOON).until(() -> resources.feeds().stream().allMatch(ObjectFeed::isSynced));
    }

    private void startWatching() {
        start();
        await().atMost(SOON).until(() -> resources.feeds().stream().allMatch(ObjectFeed::isWatching));
    }

    /// As if that time had passed since the watch was first missed.
    private void look(Duration later) {
        long now = System.nanoTime();
        resources.feeds().forEach(feed -> feed.look(now));
        resources.feeds().forEach(feed -> feed.look(now + later.toNanos()));
    }

    private static String route(String host, String body) {
        return Yaml.virtualService(host, "- directResponse: {status: 200, body: {string: %s}}".formatted(body));
    }

    private void says(String host, String body) {
        await().atMost(SOON).untilAsserted(() -> assertThat(documentOf(host)).contains('"' + body + '"'));
    }

    private String documentOf(String host) {
        byte[] document = resources.documents().get("VirtualService default/vs-" + host.replace('.', '-'));
        return document == null ? "" : new String(document, StandardCharsets.UTF_8);
    }

    /// JSON and the API server allow them, YAML does not.
    @Test
    void charactersThatYamlForbidsAreEscaped() {
        startWatching();
        api.put(route("a.example", "\"a\\x7f\\x80\\x85\\x9f\\ufffe\\uffff\\\\x7fé😀\""));
        says("a.example", "a\\u007f\\u0080\u0085\\u009f\\ufffe\\uffff\\\\x7fé😀");
    }

    /// The client then turns to plain HTTP, whose text it would break.
    @ParameterizedTest
    @EnumSource(
            value = Failure.class,
            names = {"CUT", "UNAVAILABLE"})
    void aWatchWhoseFirstHandshakeFailsGoesOnByPlainHttpWithItsTextWhole(Failure failure) {
        api.put(route("a.example", "a1"));
        api.fail(KIND, Step.HANDSHAKE, failure);
        start();
        await().atMost(SOON).until(() -> !api.watches(KIND).isEmpty());
        assertThat(api.watches(KIND)).singleElement().matches(ScriptedApi.Watch::plain);

        api.put(route("a.example", "für 日本 und 😀"));
        says("a.example", "für 日本 und 😀");
        api.put(route("a.example", "a3"));
        says("a.example", "a3");
        assertThat(api.requests(KIND, Step.LIST)).isOne();
    }

    /// What a proxy may answer for as long as it is asked.
    @ParameterizedTest
    @EnumSource(
            value = Failure.class,
            names = {"GONE", "FORBIDDEN", "CUT"})
    void aWatchThatDoesNotComeBackIsGivenUpForAnotherListThatMissesNothing(Failure failure) {
        api.put(route("a.example", "a1") + route("b.example", "b1"));
        startWatching();
        api.fail(KIND, Step.HANDSHAKE, failure);
        api.fail(KIND, Step.PLAIN_WATCH, failure);
        api.endWatches(KIND);
        await().atMost(SOON).until(() -> api.requests(KIND, Step.HANDSHAKE) > 2);
        int lists = api.requests(KIND, Step.LIST);
        api.put(route("a.example", "a2") + route("c.example", "c1"));
        api.delete(route("b.example", "b1"));
        assertThat(documentOf("a.example")).contains("a1");

        look(ObjectFeed.LONGEST_GAP.minusSeconds(1));
        assertThat(api.requests(KIND, Step.LIST)).isEqualTo(lists);
        look(ObjectFeed.LONGEST_GAP);
        says("a.example", "a2");
        says("c.example", "c1");
        await().atMost(SOON).until(() -> documentOf("b.example").isEmpty());

        api.fail(KIND, Step.HANDSHAKE, null);
        api.fail(KIND, Step.PLAIN_WATCH, null);
        api.put(route("c.example", "c2"));
        says("c.example", "c2");
    }

    @Test
    void aListThatTakesItsTimeIsNotBegunOnceMore() {
        api.put(route("a.example", "a1"));
        startWatching();
        api.fail(KIND, Step.HANDSHAKE, Failure.GONE);
        api.fail(KIND, Step.PLAIN_WATCH, Failure.GONE);
        api.fail(KIND, Step.LIST, Failure.SILENCE);
        int lists = api.requests(KIND, Step.LIST) + 1;
        api.endWatches(KIND);
        await().atMost(SOON).until(() -> api.requests(KIND, Step.LIST) == lists);
        look(ObjectFeed.LONGEST_GAP);
        await().atMost(SOON).until(() -> api.requests(KIND, Step.LIST) == lists + 1);

        await().during(Duration.ofSeconds(1)).atMost(SOON).until(() -> {
            look(ObjectFeed.LONGEST_GAP);
            return api.requests(KIND, Step.LIST) == lists + 1;
        });
    }

    /// With plain watches that are refused for good, a cut handshake was the end of news.
    @Test
    void aWatchThatTurnedToPlainHttpIsTriedByWebSocketAgain() {
        api.put(route("a.example", "a1"));
        api.fail(KIND, Step.HANDSHAKE, Failure.CUT);
        api.fail(KIND, Step.PLAIN_WATCH, Failure.BROKEN);
        start();
        await().atMost(SOON).until(() -> api.requests(KIND, Step.PLAIN_WATCH) > 1);
        api.fail(KIND, Step.HANDSHAKE, null);
        api.put(route("a.example", "a2"));

        look(ObjectFeed.LONGEST_GAP);
        says("a.example", "a2");
        await().atMost(SOON).until(() -> resources.feeds().stream().allMatch(ObjectFeed::isWatching));
        assertThat(api.watches(KIND)).singleElement().matches(watch -> !watch.plain());
    }

    @Test
    void whatHappensBetweenTheListAndTheWatchArrives() {
        api.put(route("a.example", "a1") + route("b.example", "b1"));
        api.fail(KIND, Step.HANDSHAKE, Failure.BROKEN);
        start();
        says("a.example", "a1");
        api.put(route("a.example", "a2") + route("c.example", "c1"));
        api.delete(route("b.example", "b1"));
        api.fail(KIND, Step.HANDSHAKE, null);

        says("a.example", "a2");
        says("c.example", "c1");
        await().atMost(SOON).until(() -> documentOf("b.example").isEmpty());
    }

    @ParameterizedTest
    @EnumSource(Outage.class)
    void whatHappensWhileThereIsNoWatchArrives(Outage outage) {
        api.put(route("a.example", "a1") + route("b.example", "b1"));
        startWatching();
        outage.begin(api);
        api.put(route("a.example", "a2") + route("c.example", "c1"));
        api.delete(route("b.example", "b1"));
        outage.end(api);

        says("a.example", "a2");
        says("c.example", "c1");
        await().atMost(SOON).until(() -> documentOf("b.example").isEmpty());
        await().atMost(SOON).until(() -> resources.feeds().stream().allMatch(ObjectFeed::isWatching));
        api.put(route("a.example", "a3"));
        says("a.example", "a3");
    }

    private enum Outage {
        THE_WATCH_ENDS {
            @Override
            void begin(ScriptedApi api) {
                api.endWatches(KIND);
            }

            @Override
            void end(ScriptedApi api) {}
        },
        THE_SERVER_IS_AWAY {
            @Override
            void begin(ScriptedApi api) {
                api.stop();
            }

            @Override
            void end(ScriptedApi api) {
                api.start();
            }
        },
        THE_SERVER_IS_AWAY_AND_HAS_FORGOTTEN {
            @Override
            void begin(ScriptedApi api) {
                api.stop();
            }

            @Override
            void end(ScriptedApi api) {
                api.compact();
                api.start();
            }
        },
        THE_VERSION_IS_GONE {
            @Override
            void begin(ScriptedApi api) {
                api.fail(KIND, Step.LIST, Failure.BROKEN);
                api.compact();
                api.gone(KIND);
                api.endWatches(KIND);
            }

            @Override
            void end(ScriptedApi api) {
                api.fail(KIND, Step.LIST, null);
            }
        };

        abstract void begin(ScriptedApi api);

        abstract void end(ScriptedApi api);
    }

    @Test
    void aBookmarkIsWhereTheNextWatchBegins() {
        api.put(route("a.example", "a1"));
        startWatching();
        long listed = api.watches(KIND).getFirst().version();
        api.bookmark(KIND);
        api.put(route("b.example", "b1"));
        says("b.example", "b1");
        api.bookmark(KIND);
        api.put(Yaml.httpGateway("*"));
        await().atMost(SOON).until(() -> resources.documents().size() == 3);
        api.endWatches(KIND);

        await().atMost(SOON).until(() -> !api.watches(KIND).isEmpty());
        assertThat(api.watches(KIND).getFirst().version()).isEqualTo(listed + 3);
        assertThat(resources.documents()).as("a bookmark is no object").hasSize(3);
    }

    @Test
    void ofAKindThatTheServerDoesNotKnowThereAreNoneUntilItDoes() {
        String policy = Yaml.security("AuthorizationPolicy", "default", "none", "{}");
        api.fail("AuthorizationPolicy", Step.LIST, Failure.NOT_FOUND);
        startWatching();
        assertThat(resources.documents()).isEmpty();

        api.fail("AuthorizationPolicy", Step.LIST, null);
        api.put(policy);
        look(ObjectFeed.ABSENCE.minusSeconds(1));
        assertThat(api.requests("AuthorizationPolicy", Step.LIST)).isOne();
        look(ObjectFeed.ABSENCE);
        await().atMost(SOON).until(() -> resources.documents().containsKey("AuthorizationPolicy default/none"));

        // Those that are known are not given up for such an answer.
        await().atMost(SOON).until(() -> !api.watches("AuthorizationPolicy").isEmpty());
        api.fail("AuthorizationPolicy", Step.LIST, Failure.NOT_FOUND);
        api.fail("AuthorizationPolicy", Step.HANDSHAKE, Failure.NOT_FOUND);
        api.endWatches("AuthorizationPolicy");
        await().atMost(SOON).until(() -> {
            look(ObjectFeed.LONGEST_GAP);
            return api.requests("AuthorizationPolicy", Step.LIST) > 2;
        });
        assertThat(resources.documents()).containsKey("AuthorizationPolicy default/none");
        assertThat(resources.feeds()).anyMatch(feed -> !feed.isWatching());
    }
}
