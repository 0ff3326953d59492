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
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jboss.logmanager.ExtLogRecord;
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
    private static final ApiServer.Pace PACE = new ApiServer.Pace(
            Duration.ofMillis(40),
            Duration.ofSeconds(8),
            Duration.ofSeconds(10),
            Duration.ofMillis(500),
            Duration.ofMillis(300));

    private final ScriptedApi api = new ScriptedApi();
    private final KubernetesClient client = api.client();
    private final KubernetesResources resources = new KubernetesResources(new ApiServer(client, PACE), () -> {});

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

    private void look(Duration later) {
        long now = System.nanoTime() + later.toNanos();
        resources.feeds().forEach(feed -> feed.look(now));
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

    /// What a proxy may answer for as long as it is asked.
    @ParameterizedTest
    @EnumSource(
            value = Failure.class,
            names = {"GONE", "FORBIDDEN", "NOT_FOUND", "UNAVAILABLE", "CUT", "SILENCE"})
    void aWatchThatDoesNotComeBackIsGivenUpForAnotherListThatMissesNothing(Failure failure) {
        api.put(route("a.example", "a1") + route("b.example", "b1"));
        startWatching();
        api.fail(KIND, Step.WATCH, failure);
        api.endWatches(KIND);
        api.put(route("a.example", "a2") + route("c.example", "c1"));
        api.delete(route("b.example", "b1"));

        says("a.example", "a2");
        says("c.example", "c1");
        await().atMost(SOON).until(() -> documentOf("b.example").isEmpty());
        assertThat(resources.feeds()).anyMatch(feed -> feed.lastError() != null);

        api.fail(KIND, Step.WATCH, null);
        api.put(route("c.example", "c2"));
        says("c.example", "c2");
        await().atMost(SOON).until(() -> resources.feeds().stream().allMatch(feed -> feed.lastError() == null));
    }

    /// Then no list ever fails.
    @Test
    void thatKindsMayBeListedAndNotWatchedIsInTheLog() {
        List<String> logged = new CopyOnWriteArrayList<>();
        Handler handler = new Handler() {
            @Override
            public void publish(LogRecord line) {
                logged.add(ExtLogRecord.wrap(line).getFormattedMessage());
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        Logger logger = Logger.getLogger(ObjectFeed.class.getName());
        logger.addHandler(handler);
        try {
            api.fail(KIND, Step.WATCH, Failure.FORBIDDEN);
            start();
            await().atMost(Duration.ofSeconds(30)).until(() -> api.requests(KIND, Step.LIST) == 3);
        } finally {
            logger.removeHandler(handler);
        }
        assertThat(logged)
                .containsOnlyOnce("virtualservices.networking.istio.io cannot be watched, trying again: the gateway's"
                        + " account needs get, list and watch (403 Forbidden, scripted 403)");
    }

    /// A list is not for free: it was asked for at the same short interval for ever.
    @ParameterizedTest
    @EnumSource(
            value = Failure.class,
            names = {"GONE", "GONE_EVENT"})
    void aWatchThatIsAlwaysGoneIsListedLessAndLessOften(Failure failure) {
        api.fail(KIND, Step.WATCH, failure);
        start();
        // After 0, 40, 80, 160, … ms, less up to a quarter.
        await().atMost(SOON).until(() -> api.requests(KIND, Step.LIST) >= 6);
        long from = System.nanoTime();
        await().atMost(SOON).until(() -> api.requests(KIND, Step.LIST) >= 8);
        assertThat(Duration.ofNanos(System.nanoTime() - from)).isGreaterThan(Duration.ofMillis(1400));
    }

    @Test
    void aWatchThatSaysNothingIsOpenedAgainWhereItWas() {
        api.put(route("a.example", "a1"));
        startWatching();
        ScriptedApi.Watch first = api.watches(KIND).getFirst();
        look(ObjectFeed.LONGEST_SILENCE.minusSeconds(20));
        assertThat(api.watches(KIND)).containsExactly(first);

        look(ObjectFeed.LONGEST_SILENCE);
        await().atMost(SOON)
                .until(() -> api.watches(KIND).size() == 1 && api.watches(KIND).getFirst() != first);
        assertThat(api.watches(KIND).getFirst().version()).isEqualTo(first.version());
        api.put(route("a.example", "a2"));
        says("a.example", "a2");
        assertThat(api.requests(KIND, Step.LIST)).isOne();
    }

    /// The time for an answer's beginning does not bound the answer.
    @Test
    void aWatchThatIsNotEndedStaysOpen() {
        startWatching();
        await().during(PACE.watch().plusSeconds(1)).atMost(SOON).until(() -> api.requests(KIND, Step.WATCH) == 1);
    }

    @Test
    void whatHappensBetweenTheListAndTheWatchArrives() {
        api.put(route("a.example", "a1") + route("b.example", "b1"));
        api.fail(KIND, Step.WATCH, Failure.BROKEN);
        start();
        says("a.example", "a1");
        api.put(route("a.example", "a2") + route("c.example", "c1"));
        api.delete(route("b.example", "b1"));
        api.fail(KIND, Step.WATCH, null);

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

    /// Else what happened before would be sent again, and be served again until all of it had come.
    @Test
    void anEventIsWhereTheNextWatchBegins() {
        api.put(route("a.example", "a1"));
        startWatching();
        long listed = api.watches(KIND).getFirst().version();
        api.put(route("a.example", "a2"));
        says("a.example", "a2");
        api.endWatches(KIND);

        await().atMost(SOON).until(() -> !api.watches(KIND).isEmpty());
        assertThat(api.watches(KIND).getFirst().version()).isEqualTo(listed + 1);
    }

    @Test
    void whatIsRefusedAsExpectedIsNoErrorAnyMore() {
        api.fail("AuthorizationPolicy", Step.LIST, Failure.BROKEN);
        resources.feeds().forEach(ObjectFeed::start);
        await().atMost(SOON).until(() -> resources.feeds().stream()
                .anyMatch(feed -> feed.lastError() != null && feed.lastError().contains("scripted 500")));

        api.fail("AuthorizationPolicy", Step.LIST, Failure.NOT_FOUND);
        await().atMost(SOON).until(() -> resources.feeds().stream().allMatch(ObjectFeed::isWatching));
        assertThat(resources.feeds()).allMatch(feed -> feed.lastError() == null);
    }

    @Test
    void ofAKindThatTheServerDoesNotKnowThereAreNoneUntilItDoes() {
        String policy = Yaml.security("AuthorizationPolicy", "default", "none", "{}");
        api.fail("AuthorizationPolicy", Step.LIST, Failure.NOT_FOUND);
        startWatching();
        assertThat(resources.documents()).isEmpty();

        api.fail("AuthorizationPolicy", Step.LIST, null);
        api.put(policy);
        await().atMost(SOON).until(() -> resources.documents().containsKey("AuthorizationPolicy default/none"));
        assertThat(api.requests("AuthorizationPolicy", Step.LIST)).isLessThan(10);

        // Those that are known are not given up for such an answer.
        await().atMost(SOON).until(() -> !api.watches("AuthorizationPolicy").isEmpty());
        int lists = api.requests("AuthorizationPolicy", Step.LIST);
        api.fail("AuthorizationPolicy", Step.LIST, Failure.NOT_FOUND);
        api.fail("AuthorizationPolicy", Step.WATCH, Failure.NOT_FOUND);
        api.endWatches("AuthorizationPolicy");
        await().atMost(SOON).until(() -> api.requests("AuthorizationPolicy", Step.LIST) > lists);
        assertThat(resources.documents()).containsKey("AuthorizationPolicy default/none");
        assertThat(resources.feeds()).anyMatch(feed -> !feed.isWatching());
    }
}
