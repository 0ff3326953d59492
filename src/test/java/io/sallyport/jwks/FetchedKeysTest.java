package io.sallyport.jwks;

import static io.sallyport.testing.TestTokens.jwk;
import static io.sallyport.testing.TestTokens.jwks;
import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.cluster.ClusterSpec;
import io.sallyport.cluster.Discovery;
import io.sallyport.jwt.KeyLocation;
import io.sallyport.jwt.KeySet;
import io.sallyport.jwt.KeySetException;
import io.sallyport.jwt.KeySource;
import io.sallyport.net.AddressGuard;
import io.sallyport.outcome.KeyFetchOutcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/// When keys are fetched, and how long they serve, on a clock that the test sets.
class FetchedKeysTest {
    private static final String SET = jwks(jwk("ES256", "one"));
    private static final String NEXT = jwks(jwk("ES256", "two"));
    private static final KeySetOrigin ORIGIN =
            new KeySetOrigin(Objects.requireNonNull(KeyLocation.parse("https://issuer.test/jwks?key=secret")), false);
    private static final KeyRoute ROUTE = route(Duration.ofSeconds(5));

    private final Fetches fetches = new Fetches();
    private final FetchedKeys keys = new FetchedKeys(ORIGIN);

    private static KeyRoute route(Duration timeout) {
        return new KeyRoute(
                ClusterSpec.of("issuer.test", 443, Discovery.STRICT_DNS, List.of()), AddressGuard.EXTERNAL, timeout);
    }

    /// Fetches that the test answers, and timers that it lets pass.
    private static final class Fetches implements FetchedKeys.Fetches {
        private record Timer(Runnable task, long at) {}

        private final List<FetchedKeys.Callback> begun = new ArrayList<>();
        private final List<Timer> timers = new ArrayList<>();
        private final List<String> reported = new ArrayList<>();
        private int count;
        private long now = 17;
        private double random;
        private Duration timeout = Duration.ZERO;

        @Override
        public void fetch(KeySetOrigin origin, KeyRoute route, FetchedKeys.Callback callback) {
            begun.add(callback);
            count++;
            timeout = route.timeout();
        }

        @Override
        public void onFetched(KeySetOrigin origin, KeyFetchOutcome outcome) {
            reported.add(origin + " " + outcome);
        }

        @Override
        public void onUnused(KeySetOrigin origin) {
            reported.add(origin + " unused");
        }

        @Override
        public double random() {
            return random;
        }

        @Override
        public long nanoTime() {
            return now;
        }

        @Override
        public void schedule(Runnable task, Duration delay) {
            timers.add(new Timer(task, now + delay.toNanos()));
        }

        void succeed(String text) throws KeySetException {
            begun.removeFirst().onKeys(text, KeySet.parse(text, false));
        }

        void fail() {
            begun.removeFirst().onFailure(KeyFetchOutcome.UNREACHABLE, "no connection");
        }

        void pass(Duration time) {
            long end = now + time.toNanos();
            while (true) {
                Timer next = timers.stream()
                        .filter(timer -> timer.at <= end)
                        .min(Comparator.comparingLong(Timer::at))
                        .orElse(null);
                if (next == null) {
                    break;
                }
                timers.remove(next);
                now = next.at;
                next.task.run();
            }
            now = end;
        }
    }

    @Test
    void nothingIsFetchedBeforeItIsInUse() {
        assertThat(keys.keys()).isNull();
        assertThat(keys.renew()).isFalse();
        List<String> ran = new ArrayList<>();
        keys.whenRenewed(() -> ran.add("at once"));
        assertThat(ran).containsExactly("at once");
        assertThat(fetches.count).isZero();
    }

    @Test
    void theFirstFetchIsWaitedFor() throws Exception {
        keys.start(fetches, ROUTE);
        List<String> ran = new ArrayList<>();

        assertThat(keys.renew()).isTrue();
        keys.whenRenewed(() -> ran.add("later"));
        assertThat(ran).isEmpty();
        fetches.succeed(SET);
        assertThat(ran).containsExactly("later");
        assertThat(keys.keys()).isNotNull();
        assertThat(fetches.count).isEqualTo(1);
    }

    @Test
    void aFirstFetchThatFailsKeepsNobodyWaiting() {
        keys.start(fetches, ROUTE);
        List<String> ran = new ArrayList<>();
        keys.whenRenewed(() -> ran.add("failed"));
        fetches.fail();

        assertThat(ran).containsExactly("failed");
        assertThat(keys.renew()).as("asked for just now").isFalse();
        assertThat(keys.keys()).isNull();
    }

    @Test
    void keysAreFetchedEveryTwentyMinutes() throws Exception {
        keys.start(fetches, ROUTE);
        fetches.succeed(SET);
        fetches.pass(Duration.ofMinutes(20).minusNanos(1));
        assertThat(fetches.count).isEqualTo(1);
        fetches.pass(Duration.ofNanos(1));
        assertThat(fetches.count).isEqualTo(2);
        fetches.succeed(NEXT);
        fetches.pass(Duration.ofMinutes(40));
        assertThat(fetches.count).as("one under way at a time").isEqualTo(3);
    }

    /// 1, 2, 4, 8, 16, 32, then 60 minutes.
    @Test
    void failuresAreTriedAgainEverLater() throws Exception {
        keys.start(fetches, ROUTE);
        for (int minutes : List.of(1, 2, 4, 8, 16, 32, 60, 60)) {
            int before = fetches.count;
            fetches.fail();
            fetches.pass(Duration.ofMinutes(minutes).minusNanos(1));
            assertThat(fetches.count).as("%d", minutes).isEqualTo(before);
            fetches.pass(Duration.ofNanos(1));
            assertThat(fetches.count).as("%d", minutes).isEqualTo(before + 1);
        }
        fetches.succeed(SET);
        fetches.pass(Duration.ofMinutes(20));
        fetches.fail();
        int before = fetches.count;
        fetches.pass(Duration.ofMinutes(1));
        assertThat(fetches.count).as("from the beginning again").isEqualTo(before + 1);
    }

    @Test
    void oldKeysServeForSevenDays() throws Exception {
        keys.start(fetches, ROUTE);
        fetches.succeed(SET);
        fetches.pass(Duration.ofDays(7).minusNanos(1));
        fetches.fail();
        assertThat(keys.keys()).isNotNull();
        fetches.pass(Duration.ofMinutes(1));
        fetches.fail();
        assertThat(keys.keys()).isNull();
    }

    @Test
    void theSameKeysAreTheSameSet() throws Exception {
        keys.start(fetches, ROUTE);
        fetches.succeed(SET);
        KeySet first = keys.keys();
        fetches.pass(Duration.ofMinutes(20));
        fetches.succeed(SET);
        assertThat(keys.keys()).isSameAs(first);
        fetches.pass(Duration.ofMinutes(20));
        fetches.succeed(NEXT);
        assertThat(keys.keys()).isNotSameAs(first);
    }

    /// Whoever sends tokens with keys of his own invention decides neither how often.
    @Test
    void tokensHaveKeysFetchedAtMostOnceAMinute() throws Exception {
        keys.start(fetches, ROUTE);
        fetches.succeed(SET);
        assertThat(keys.renew()).isFalse();
        fetches.pass(Duration.ofMinutes(1).minusNanos(1));
        assertThat(keys.renew()).isFalse();
        fetches.pass(Duration.ofNanos(1));
        assertThat(keys.renew()).isTrue();
        assertThat(keys.renew()).isTrue();
        assertThat(fetches.count).isEqualTo(2);
        fetches.succeed(NEXT);
        assertThat(keys.renew()).isFalse();
        fetches.pass(Duration.ofMinutes(20).minusNanos(1));
        assertThat(fetches.count).as("the earlier timer was overtaken").isEqualTo(2);
        fetches.pass(Duration.ofNanos(1));
        assertThat(fetches.count).isEqualTo(3);
    }

    @Test
    void whatIsInUseNoMoreIsNotFetched() throws Exception {
        keys.start(fetches, ROUTE);
        fetches.succeed(SET);
        keys.stop();
        fetches.pass(Duration.ofDays(1));
        assertThat(fetches.count).isEqualTo(1);
        assertThat(keys.renew()).isFalse();

        keys.start(fetches, ROUTE);
        assertThat(fetches.count).isEqualTo(2);
        keys.stop();
        List<String> ran = new ArrayList<>();
        keys.whenRenewed(() -> ran.add("ended"));
        fetches.fail();
        assertThat(ran).containsExactly("ended");
        fetches.pass(Duration.ofDays(1));
        assertThat(fetches.count).isEqualTo(2);
    }

    @Test
    void theNextConfigurationKeepsWhatItHasToo() {
        KeysInUse.Draft first = KeysInUse.NONE.next();
        KeySource source = first.require(ORIGIN, ROUTE);
        assertThat(first.require(ORIGIN, ROUTE)).isSameAs(source);

        assertThat(first.done().next().require(ORIGIN, ROUTE)).isSameAs(source);
        assertThat(KeysInUse.NONE.next().require(ORIGIN, ROUTE)).isNotSameAs(source);
        KeySetOrigin document = new KeySetOrigin(ORIGIN.location(), true);
        assertThat(first.done().next().require(document, ROUTE)).isNotSameAs(source);
    }

    /// Keys are kept, and the next fetch waits as long as the most patient of the rules for them says now.
    @Test
    void anotherTimeoutIsTheSameOrigin() throws Exception {
        keys.start(fetches, ROUTE);
        fetches.succeed(SET);
        keys.start(fetches, route(Duration.ofSeconds(9)));
        assertThat(keys.keys()).isNotNull();
        assertThat(fetches.count).isEqualTo(1);
        fetches.pass(Duration.ofMinutes(20));
        assertThat(fetches.timeout).isEqualTo(Duration.ofSeconds(9));

        KeyRoute patient = route(Duration.ofSeconds(7));
        assertThat(ROUTE.orLonger(patient)).isEqualTo(patient);
        assertThat(patient.orLonger(ROUTE)).isEqualTo(patient);
    }

    /// Requests whose clients have left do not pile up at an issuer that is slow.
    @Test
    void whoHasLeftIsForgotten() throws Exception {
        keys.start(fetches, ROUTE);
        List<String> ran = new ArrayList<>();
        Runnable leaves = () -> ran.add("has left");
        keys.whenRenewed(leaves);
        keys.whenRenewed(() -> ran.add("waits"));
        keys.forget(leaves);
        keys.forget(leaves);
        fetches.succeed(SET);
        assertThat(ran).containsExactly("waits");
    }

    /// So that gateways which were started together do not stay together.
    @Test
    void fetchesAreUpToATenthEarlierByChance() throws Exception {
        fetches.random = 0.5;
        keys.start(fetches, ROUTE);
        fetches.succeed(SET);
        fetches.pass(Duration.ofMinutes(19).minusNanos(1));
        assertThat(fetches.count).isEqualTo(1);
        fetches.pass(Duration.ofNanos(1));
        assertThat(fetches.count).isEqualTo(2);
        fetches.fail();
        fetches.pass(Duration.ofSeconds(57).minusNanos(1));
        assertThat(fetches.count).isEqualTo(2);
        fetches.pass(Duration.ofNanos(1));
        assertThat(fetches.count).isEqualTo(3);
    }

    /// Without the query, which may hold a secret.
    @Test
    void fetchesAreReportedWhileTheyAreInUse() throws Exception {
        keys.start(fetches, ROUTE);
        fetches.fail();
        fetches.pass(Duration.ofMinutes(1));
        fetches.succeed(SET);
        fetches.pass(Duration.ofMinutes(20));
        keys.stop();
        fetches.succeed(NEXT);
        assertThat(fetches.reported)
                .containsExactly(
                        "https://issuer.test/jwks UNREACHABLE",
                        "https://issuer.test/jwks FETCHED",
                        "https://issuer.test/jwks unused");
    }
}
