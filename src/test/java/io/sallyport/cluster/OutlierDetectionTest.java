package io.sallyport.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.cluster.balance.TestRequest;
import io.sallyport.outcome.ResponseFlag;
import io.sallyport.upstream.LoopFixture;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// Ejections on a clock that the test turns.
class OutlierDetectionTest {
    /// What the seed's `resilience.yaml` says.
    private static final OutlierSpec SEED =
            new OutlierSpec(2, 0, false, 5, Duration.ofSeconds(10), Duration.ofSeconds(30), 50, 0, Set.of());

    private final AtomicLong now = new AtomicLong(-5);

    private Cluster cluster(OutlierSpec outliers, int endpoints) {
        return cluster(outliers, endpoints, null);
    }

    private Cluster cluster(OutlierSpec outliers, int endpoints, Cluster before) {
        List<EndpointSpec> specs = new ArrayList<>();
        for (int i = 1; i <= endpoints; i++) {
            specs.add(new EndpointSpec("10.0.0." + i, 80));
        }
        return cluster(outliers, specs, before);
    }

    private Cluster cluster(OutlierSpec outliers, List<EndpointSpec> specs, Cluster before) {
        ClusterSpec spec =
                LoopFixture.spec(specs.toArray(EndpointSpec[]::new)).withResilience(Resilience.with(outliers));
        Cluster cluster = new Cluster(spec, new StaticEndpoints(spec), null, now::get, before);
        cluster.start();
        return cluster;
    }

    private static OutlierSpec with(int maxEjectionPercent, int minHealthPercent) {
        return new OutlierSpec(
                2,
                0,
                false,
                5,
                SEED.interval(),
                SEED.baseEjectionTime(),
                maxEjectionPercent,
                minHealthPercent,
                Set.of());
    }

    private static void answer(Endpoint endpoint, int... statuses) {
        for (int status : statuses) {
            endpoint.requestStarted();
            endpoint.finished(status);
        }
    }

    private static void fail(Endpoint endpoint, ResponseFlag flag, int times) {
        for (int i = 0; i < times; i++) {
            endpoint.requestStarted();
            endpoint.failed(flag);
        }
    }

    private void sweepAfter(Cluster cluster, Duration time) {
        now.addAndGet(time.toNanos());
        cluster.health().sweep();
    }

    private static Set<Endpoint> chosen(Cluster cluster) {
        Set<Endpoint> chosen = new java.util.HashSet<>();
        for (int i = 0; i < 300; i++) {
            Endpoint endpoint = cluster.pick(new TestRequest());
            if (endpoint != null) {
                chosen.add(endpoint);
                endpoint.released();
            }
        }
        return chosen;
    }

    @Test
    void afterTwoErrorsTheSeedEjectsForThirtySeconds() {
        Cluster cluster = cluster(SEED, 2);
        Endpoint bad = cluster.endpoints().get(0);
        Endpoint good = cluster.endpoints().get(1);
        answer(bad, 500);
        assertThat(chosen(cluster)).contains(bad);
        answer(bad, 500);

        assertThat(bad.isAvailable()).isFalse();
        assertThat(chosen(cluster)).containsExactly(good);
        sweepAfter(cluster, Duration.ofSeconds(10));
        sweepAfter(cluster, Duration.ofSeconds(10));
        sweepAfter(cluster, Duration.ofMillis(9_999));
        assertThat(bad.isAvailable()).isFalse();
        sweepAfter(cluster, Duration.ofMillis(1));
        assertThat(chosen(cluster)).containsExactlyInAnyOrder(bad, good);
    }

    @Test
    void ejectionsAreLoggedOnlyOnceTheLockIsReleased() {
        Cluster cluster = cluster(SEED, 2);
        List<String> logged = new ArrayList<>();
        var handler = new Handler() {
            @Override
            public void publish(LogRecord line) {
                logged.add(Thread.holdsLock(cluster.health()) + " " + line.getMessage());
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        Logger logger = Logger.getLogger(ClusterHealth.class.getName());
        logger.addHandler(handler);
        try {
            answer(cluster.endpoints().get(0), 500, 500);
            sweepAfter(cluster, SEED.baseEjectionTime());
        } finally {
            logger.removeHandler(handler);
        }

        assertThat(logged).hasSize(2).allMatch(line -> line.startsWith("false "));
    }

    @Test
    void aGoodAnswerInBetweenStartsTheCountAnew() {
        Endpoint endpoint = cluster(SEED, 2).endpoints().get(0);
        answer(endpoint, 500, 200, 500, 404, 503);

        assertThat(endpoint.isAvailable()).isTrue();
        answer(endpoint, 503);
        assertThat(endpoint.isAvailable()).isFalse();
    }

    @Test
    void eachEjectionInARowIsLonger() {
        Cluster cluster = cluster(SEED, 2);
        Endpoint bad = cluster.endpoints().get(0);
        answer(bad, 500, 500);
        sweepAfter(cluster, Duration.ofSeconds(30));
        answer(bad, 500, 500);
        sweepAfter(cluster, Duration.ofSeconds(59));
        assertThat(bad.isAvailable()).isFalse();
        assertThat(cluster.status().endpoints().getFirst().health().ejections()).isEqualTo(2);
        sweepAfter(cluster, Duration.ofSeconds(1));
        assertThat(bad.isAvailable()).isTrue();
    }

    @Test
    void noEjectionIsLongerThanFiveMinutes() {
        Cluster cluster = cluster(SEED, 2);
        Endpoint bad = cluster.endpoints().get(0);
        for (int i = 0; i < 20; i++) {
            answer(bad, 500, 500);
            sweepAfter(cluster, Duration.ofSeconds(300));
            assertThat(bad.isAvailable()).isTrue();
        }
    }

    @Test
    void timeWithoutEjectionsMakesTheNextOneShortAgain() {
        Cluster cluster = cluster(SEED, 2);
        Endpoint bad = cluster.endpoints().get(0);
        answer(bad, 500, 500);
        sweepAfter(cluster, Duration.ofSeconds(30));
        sweepAfter(cluster, Duration.ofSeconds(10));
        answer(bad, 500, 500);
        sweepAfter(cluster, Duration.ofSeconds(30));

        assertThat(bad.isAvailable()).isTrue();
    }

    @Test
    void noMoreAreEjectedThanThePercentageAllows() {
        Cluster cluster = cluster(SEED, 4);
        cluster.endpoints().asList().forEach(endpoint -> answer(endpoint, 500, 500));

        assertThat(chosen(cluster))
                .containsExactlyInAnyOrder(
                        cluster.endpoints().get(2), cluster.endpoints().get(3));
        assertThat(cluster.status().outliers()).isEqualTo(new ClusterStatus.OutlierStatus(2, 2, 2, false));
    }

    @Test
    void tenPercentOfNineIsNone() {
        Cluster nine = cluster(with(10, 0), 9);
        Cluster ten = cluster(with(10, 0), 10);
        answer(nine.endpoints().get(0), 500, 500);
        answer(ten.endpoints().get(0), 500, 500);

        assertThat(nine.endpoints().get(0).isAvailable()).isTrue();
        assertThat(nine.status().outliers().notEjectedTotal()).isEqualTo(1);
        assertThat(ten.endpoints().get(0).isAvailable()).isFalse();
    }

    @Test
    void whereAllAreEjectedThereIsNoEndpoint() {
        Cluster cluster = cluster(with(100, 0), 2);
        cluster.endpoints().asList().forEach(endpoint -> answer(endpoint, 500, 500));

        assertThat(cluster.pick(new TestRequest())).isNull();
        assertThat(cluster.noEndpoint(new TestRequest()).flag()).isEqualTo(ResponseFlag.UH);
    }

    @Test
    void belowTheLeastHealthAllAreUsedAgain() {
        Cluster cluster = cluster(with(100, 50), 4);
        List<Endpoint> all = cluster.endpoints().asList();
        answer(all.get(0), 500, 500);
        answer(all.get(1), 500, 500);
        assertThat(chosen(cluster)).hasSize(2);
        answer(all.get(2), 500, 500);

        assertThat(chosen(cluster)).hasSize(4);
        assertThat(cluster.status().outliers().panicking()).isTrue();
        sweepAfter(cluster, Duration.ofSeconds(30));
        assertThat(cluster.status().outliers().panicking()).isFalse();
    }

    /// Envoy, "Panic threshold": there is none where all priorities together are healthy enough for all requests. A
    /// word stands for a priority: `x` is ejected, `o` is well.
    @ParameterizedTest
    @CsvSource({
        "xx oo, 60, '2 3', false",
        "xo oo, 60, '1 2 3', false",
        "xooo, 80, '1 2 3', false",
        "xxoo, 60, '0 1 2 3', true",
        "xxoo, 50, '2 3', false",
        "xxxx xxxo, 30, '0 1 2 3 4 5 6 7', true",
        "xxxx xxoo, 40, '6 7', true",
        "xxxo xxoo, 40, '3 6 7', false",
        "xxxo xxxo, 30, '0 1 2 3 4 5 6 7', true",
        "xxx xxx, 0, '', false"
    })
    void panicIsOfAPriorityAndOnlyWhereOthersDoNotMakeUpForIt(
            String priorities, int minHealth, String used, boolean panicking) {
        List<EndpointSpec> specs = new ArrayList<>();
        List<Integer> bad = new ArrayList<>();
        int priority = 0;
        for (String word : priorities.split(" ")) {
            for (char endpoint : word.toCharArray()) {
                if (endpoint == 'x') {
                    bad.add(specs.size());
                }
                specs.add(new EndpointSpec("10.0.0." + specs.size(), 80).withPriority(priority));
            }
            priority++;
        }
        Cluster cluster = cluster(with(100, minHealth), specs, null);
        List<Endpoint> all = cluster.endpoints().asList();
        bad.forEach(index -> answer(all.get(index), 500, 500));

        assertThat(chosen(cluster).stream().map(all::indexOf).sorted().map(String::valueOf))
                .containsExactly(used == null || used.isEmpty() ? new String[0] : used.split(" "));
        assertThat(cluster.status().outliers().panicking()).isEqualTo(panicking);
    }

    @ParameterizedTest
    @EnumSource(
            value = ResponseFlag.class,
            names = {"UF", "UC", "UR", "UT", "UPE"})
    void failuresCountAsErrors(ResponseFlag flag) {
        Cluster cluster = cluster(SEED, 2);
        Endpoint bad = cluster.endpoints().get(0);
        answer(bad, 500);
        fail(bad, flag, 1);

        assertThat(bad.isAvailable()).isFalse();
    }

    @ParameterizedTest
    @EnumSource(
            value = ResponseFlag.class,
            names = {"DC", "RBAC", "UH"})
    void whatIsNotTheEndpointsDoingDoesNot(ResponseFlag flag) {
        Cluster cluster = cluster(SEED, 2);
        fail(cluster.endpoints().get(0), flag, 10);

        assertThat(cluster.endpoints().get(0).isAvailable()).isTrue();
    }

    @Test
    void gatewayErrorsHaveAThresholdOfTheirOwn() {
        OutlierSpec spec = new OutlierSpec(0, 2, false, 5, SEED.interval(), SEED.baseEjectionTime(), 100, 0, Set.of());
        Cluster cluster = cluster(spec, 2);
        Endpoint one = cluster.endpoints().get(0);
        Endpoint other = cluster.endpoints().get(1);
        answer(one, 500, 500, 500, 502, 500, 503);
        assertThat(one.isAvailable()).isTrue();
        answer(one, 504);
        fail(other, ResponseFlag.UF, 2);

        assertThat(one.isAvailable()).isFalse();
        assertThat(other.isAvailable()).isFalse();
    }

    @Test
    void failuresAreCountedApartWhereTheyAreSplit() {
        OutlierSpec spec = new OutlierSpec(2, 2, true, 3, SEED.interval(), SEED.baseEjectionTime(), 100, 0, Set.of());
        Cluster cluster = cluster(spec, 2);
        Endpoint one = cluster.endpoints().get(0);
        Endpoint other = cluster.endpoints().get(1);
        fail(one, ResponseFlag.UF, 2);
        answer(one, 500);
        fail(one, ResponseFlag.UF, 2);
        assertThat(one.isAvailable()).isTrue();
        fail(one, ResponseFlag.UF, 1);
        answer(other, 500, 500);

        assertThat(one.isAvailable()).isFalse();
        assertThat(other.isAvailable()).isFalse();
    }

    @Test
    void otherStatusesCanBeErrors() {
        OutlierSpec spec =
                new OutlierSpec(2, 0, false, 5, SEED.interval(), SEED.baseEjectionTime(), 100, 0, Set.of(429));
        Cluster cluster = cluster(spec, 2);
        answer(cluster.endpoints().get(0), 500, 500, 500);
        answer(cluster.endpoints().get(1), 429, 429);

        assertThat(cluster.endpoints().get(0).isAvailable()).isTrue();
        assertThat(cluster.endpoints().get(1).isAvailable()).isFalse();
    }

    @Test
    void anEjectionOutlivesAChangeOfThePolicy() {
        Cluster before = cluster(SEED, 2);
        answer(before.endpoints().get(0), 500, 500);
        Cluster after = cluster(with(50, 10), 3, before);

        assertThat(after.endpoints().get(0).isAvailable()).isFalse();
        assertThat(after.endpoints().get(1).isAvailable()).isTrue();
        assertThat(after.status().outliers().ejected()).isEqualTo(1);
        sweepAfter(after, Duration.ofSeconds(30));
        assertThat(after.endpoints().get(0).isAvailable()).isTrue();
    }

    @Test
    void withoutDetectionNothingOutlivesTheChange() {
        Cluster before = cluster(SEED, 2);
        answer(before.endpoints().get(0), 500, 500);
        Cluster after = cluster(null, 2, before);

        assertThat(after.endpoints().get(0).isAvailable()).isTrue();
        assertThat(after.status().outliers()).isNull();
    }

    @Test
    void whatIsLeftOfAnEjectionIsShown() {
        Cluster cluster = cluster(SEED, 2);
        answer(cluster.endpoints().get(0), 500, 500);
        now.addAndGet(Duration.ofSeconds(12).toNanos());

        ClusterStatus.EndpointStatus status = cluster.status().endpoints().getFirst();
        assertThat(status.available()).isFalse();
        assertThat(status.health()).isEqualTo(new ClusterStatus.HealthStatus(false, Duration.ofSeconds(18), 1));
    }
}
