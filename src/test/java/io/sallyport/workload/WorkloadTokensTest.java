package io.sallyport.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.Status;
import io.sallyport.jwt.KeySource;
import io.sallyport.route.HeaderCredential;
import io.sallyport.testing.TestClock;
import io.sallyport.testing.TestTokens;
import io.sallyport.testing.TestWorkloadApi;
import io.sallyport.upstream.LoopFixture;
import io.spiffe.workloadapi.grpc.Workload.JWTSVID;
import io.spiffe.workloadapi.grpc.Workload.JWTSVIDResponse;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// JWT-SVIDs and the keys of trust domains, from a Workload API on grpc-java.
class WorkloadTokensTest {
    private static final String ID = "spiffe://example.org/ns/edge/sa/gateway";
    private static final String API = "https://api.example";
    private static final Duration LONGEST = Duration.ofSeconds(10);

    private final LoopFixture loop = LoopFixture.real(true);
    private final TestWorkloadApi agent = TestWorkloadApi.start();
    private WorkloadTokens tokens;

    @AfterEach
    void stop() {
        if (tokens != null) {
            tokens.close();
        }
        agent.close();
        loop.close();
    }

    private void connect(Clock clock, String hint) {
        tokens = new WorkloadTokens(
                EndpointSocket.parse(agent.address()),
                hint,
                List.of("example.org", "old.example"),
                clock,
                () -> new Backoff(Duration.ofMillis(20), Duration.ofMillis(100), new SplittableRandom(1)),
                EndpointSocket.KEEP_ALIVE);
        tokens.start(loop.upstream, loop.clusters);
    }

    private HeaderCredential credential(Clock clock) {
        connect(clock, null);
        HeaderCredential credential = tokens.credential(API);
        assertThat((CharSequence) credential.value()).isNull();
        tokens.use(Set.of(API), false, LONGEST);
        return credential;
    }

    private static String ending(Instant end) {
        return TestTokens.signed("ES256", "1", TestTokens.svidClaims(ID, API, end.getEpochSecond()));
    }

    @Test
    void aJwtSvidIsThereBeforeTheFirstRequestWantsIt() {
        String token = TestTokens.svid(ID, API);
        agent.issue(ID, _ -> token);
        HeaderCredential credential = credential(Clock.systemUTC());

        assertThat((CharSequence) credential.value()).hasToString(token);
        assertThat(tokens.credential(API)).isSameAs(credential);
        assertThat(agent.audiences()).containsExactly(API);
        assertThat(tokens.ends()).containsEntry(API, Instant.ofEpochSecond(TestTokens.LATE));
        assertThat(credential.description()).isEqualTo("JWT-SVID for " + API);
        assertThat(credential.toString()).doesNotContain(token);
    }

    @Test
    void itIsFetchedAgainAtHalfOfItsLife() {
        TestClock clock = new TestClock(Instant.parse("2026-01-01T00:00:00Z"));
        String first = ending(clock.instant().plusSeconds(7));
        String second = ending(clock.instant().plusSeconds(600));
        agent.issue(ID, _ -> agent.audiences().size() == 1 ? first : second);
        HeaderCredential credential = credential(clock);

        assertThat((CharSequence) credential.value()).hasToString(first);
        await().until(() -> String.valueOf(credential.value()).equals(second));
        assertThat(agent.audiences()).containsExactly(API, API);
    }

    @Test
    void whatIsAboutToExpireIsNotSentAnyMore() {
        TestClock clock = new TestClock(Instant.parse("2026-01-01T00:00:00Z"));
        agent.issue(ID, _ -> ending(clock.instant().plusSeconds(600)));
        HeaderCredential credential = credential(clock);

        clock.set(clock.instant().plusSeconds(594));
        assertThat((CharSequence) credential.value()).isNotNull();
        clock.set(clock.instant().plusSeconds(1));
        assertThat((CharSequence) credential.value()).isNull();
    }

    private static JWTSVIDResponse answer(String id, String token) {
        return JWTSVIDResponse.newBuilder()
                .addSvids(JWTSVID.newBuilder().setSpiffeId(id).setSvid(token))
                .build();
    }

    private static JWTSVIDResponse answer(String id, String algorithm, String payload) {
        return answer(id, TestTokens.signed(algorithm, "1", payload));
    }

    private static Stream<JWTSVIDResponse> unusable() {
        String good = TestTokens.svidClaims(ID, API, TestTokens.LATE);
        String header = TestTokens.base64("{\"alg\": \"none\"}") + "." + TestTokens.base64(good) + ".";
        return Stream.of(
                JWTSVIDResponse.getDefaultInstance(),
                answer(ID, ""),
                answer(ID, "a.b.c"),
                answer(ID, "x".repeat(100_000)),
                // Algorithms that JWT-SVIDs do not have.
                answer(ID, header),
                answer(ID, TestTokens.signed("HS256", new byte[32], "{\"alg\": \"HS256\"}", good)),
                answer(ID, "EdDSA", good),
                // Whom it is for.
                answer(ID, "ES256", TestTokens.svidClaims(ID, "https://other.example", TestTokens.LATE)),
                answer(ID, "ES256", TestTokens.svidClaims(ID, API + "/", TestTokens.LATE)),
                answer(ID, "ES256", "{\"sub\": \"" + ID + "\", \"exp\": " + TestTokens.LATE + "}"),
                // How long it is valid.
                answer(ID, "ES256", TestTokens.svidClaims(ID, API, 1)),
                answer(ID, "ES256", TestTokens.svidClaims(ID, API, Instant.now().getEpochSecond() + 2)),
                answer(ID, "ES256", "{\"sub\": \"" + ID + "\", \"aud\": \"" + API + "\"}"),
                // Whose it is.
                answer("spiffe://other.example/a", TestTokens.svid("spiffe://other.example/a", API)),
                answer("spiffe://example.org.evil/a", TestTokens.svid("spiffe://example.org.evil/a", API)),
                answer(ID, TestTokens.svid("spiffe://example.org/other", API)),
                answer("spiffe://example.org", TestTokens.svid("spiffe://example.org", API)),
                answer("alice", TestTokens.svid("alice", API)),
                answer("", "ES256", "{\"aud\": \"" + API + "\", \"exp\": " + TestTokens.LATE + "}"));
    }

    @ParameterizedTest
    @MethodSource
    void unusable(JWTSVIDResponse answer) {
        agent.issue(_ -> answer);
        HeaderCredential credential = credential(Clock.systemUTC());

        assertThat((CharSequence) credential.value()).isNull();
        String token = TestTokens.svid(ID, API);
        agent.issue(ID, _ -> token);
        await().until(() -> String.valueOf(credential.value()).equals(token));
    }

    @Test
    void aHintChooses() {
        String second = TestTokens.svid("spiffe://old.example/b", API);
        agent.issue(_ -> JWTSVIDResponse.newBuilder()
                .addSvids(JWTSVID.newBuilder().setSpiffeId(ID).setSvid(TestTokens.svid(ID, API)))
                .addSvids(JWTSVID.newBuilder()
                        .setSpiffeId("spiffe://old.example/b")
                        .setSvid(second)
                        .setHint("internal"))
                .build());
        connect(Clock.systemUTC(), "internal");
        tokens.use(Set.of(API), false, LONGEST);

        assertThat((CharSequence) tokens.credential(API).value()).hasToString(second);
    }

    @Test
    void theLastOneIsUsedWhileTheAgentIsAwayAndNotOnceItSaysThatThereIsNone() {
        TestClock clock = new TestClock(Instant.parse("2026-01-01T00:00:00Z"));
        String first = ending(clock.instant().plusSeconds(7));
        agent.issue(ID, _ -> first);
        HeaderCredential credential = credential(clock);
        agent.issue(_ -> {
            throw Status.UNAVAILABLE.asRuntimeException();
        });
        await().until(() -> agent.audiences().size() > 2);
        assertThat((CharSequence) credential.value()).hasToString(first);

        agent.issue(_ -> {
            throw Status.PERMISSION_DENIED.asRuntimeException();
        });
        await().until(() -> credential.value() == null);
    }

    @Test
    void whatIsNotWantedAnyMoreIsNotFetchedAnyMore() {
        TestClock clock = new TestClock(Instant.parse("2026-01-01T00:00:00Z"));
        agent.issue(
                ID,
                audience -> TestTokens.signed(
                        "ES256",
                        "1",
                        TestTokens.svidClaims(
                                ID, audience, clock.instant().plusSeconds(7).getEpochSecond())));
        connect(clock, null);
        tokens.use(Set.of("a", "b"), false, LONGEST);
        HeaderCredential kept = tokens.credential("a");
        tokens.use(Set.of("a"), false, LONGEST);
        long before = count("b");

        await().until(() -> count("a") > 2);
        assertThat(count("b") - before).isLessThanOrEqualTo(1);
        assertThat(tokens.ends()).containsOnlyKeys("a");
        assertThat(tokens.credential("a")).isSameAs(kept);
    }

    private long count(String audience) {
        return agent.audiences().stream().filter(audience::equals).count();
    }

    @Test
    void keysOfTrustDomainsComeAndGo() {
        String keys = TestTokens.jwks(TestTokens.jwk("ES256", "1"));
        agent.serveKeys(Map.of("spiffe://example.org", keys, "spiffe://partner.example", keys));
        connect(Clock.systemUTC(), null);
        KeySource ours = tokens.keys("example.org");
        KeySource partners = tokens.keys("partner.example");
        assertThat(ours.keys()).isNull();
        tokens.use(Set.of(), true, LONGEST);

        assertThat(ours.keys()).isNotNull();
        assertThat(partners.keys()).isNotNull();
        assertThat(tokens.keys("third.example").keys()).isNull();
        Object same = ours.keys();

        // One that breaks, or is empty, verifies nothing, and the others go on.
        for (String broken :
                List.of("", "garbage", "{\"keys\": []}", "{\"keys\": [{\"kty\": \"oct\", \"k\": \"YQ\"}]}")) {
            agent.serveKeys(Map.of("spiffe://example.org", keys, "spiffe://partner.example", broken));
            await().until(() -> partners.keys() == null);
            assertThat(ours.keys()).isSameAs(same);
            agent.serveKeys(Map.of("spiffe://example.org", keys, "spiffe://partner.example", keys));
            await().until(() -> partners.keys() != null);
        }

        // Away is not gone.
        agent.refuseKeys(Status.UNAVAILABLE);
        await().until(() -> agent.keyStreamsOpened() > 2);
        assertThat(ours.keys()).isSameAs(same);
        agent.serveKeys(Map.of("spiffe://partner.example", keys, "spiffe://Example.org", keys, "example.org", keys));
        await().until(() -> ours.keys() == null);
        assertThat(tokens.trustDomains()).containsExactly("partner.example");
        agent.refuseKeys(Status.PERMISSION_DENIED);
        await().until(() -> partners.keys() == null);
    }
}
