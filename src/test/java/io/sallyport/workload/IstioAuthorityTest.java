package io.sallyport.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sallyport.identity.SpiffeId;
import io.sallyport.identity.WorkloadIdentity;
import io.sallyport.testing.Issued;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TestIstioAuthority;
import io.sallyport.testing.TestPem;
import io.sallyport.upstream.LoopFixture;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.PublicKey;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The client of Istio's certificate service, against grpc-java.
class IstioAuthorityTest {
    private static final String ID = "spiffe://cluster.local/ns/edge/sa/gateway";
    private static final TestCertificates ROOT = TestCertificates.authority("root");
    private static final TestCertificates SIGNER = ROOT.intermediate("istiod");

    @TempDir
    private Path directory;

    private final LoopFixture loop = LoopFixture.real(true);
    private final AtomicInteger changes = new AtomicInteger();
    private final TestIstioAuthority server =
            TestIstioAuthority.start(ROOT.leaf("istiod").ip("127.0.0.1").issue());
    private IstioAuthority authority;

    @BeforeEach
    void mount() throws Exception {
        Files.writeString(directory.resolve("token"), "a.b.c\n");
        Files.writeString(directory.resolve("root-cert.pem"), ROOT.pem());
    }

    @AfterEach
    void stop() {
        if (authority != null) {
            authority.close();
        }
        server.close();
        loop.close();
    }

    private void connect() {
        authority = new IstioAuthority(
                new IstioAuthority.Settings(
                        "127.0.0.1",
                        server.port(),
                        SpiffeId.parse(ID),
                        directory.resolve("token"),
                        directory.resolve("root-cert.pem")),
                changes::incrementAndGet,
                Clock.systemUTC(),
                new Backoff(Duration.ofMillis(20), Duration.ofMillis(100), new SplittableRandom(1)));
        authority.start(loop.upstream, loop.clusters);
    }

    private static Function<PublicKey, List<String>> signing(String id, Instant from, Instant to) {
        return key -> {
            Issued issued = SIGNER.leaf("")
                    .svid(id)
                    .key(new KeyPair(key, null))
                    .valid(from, to)
                    .issue();
            List<String> chain = new ArrayList<>();
            issued.chain().forEach(each -> chain.add(TestPem.certificates(List.of(each))));
            chain.add(ROOT.pem());
            return chain;
        };
    }

    private static Function<PublicKey, List<String>> signing(String id) {
        return signing(id, Instant.now().minusSeconds(60), Instant.now().plus(Duration.ofHours(24)));
    }

    private void awaitFailure(String because) {
        await().until(() -> String.valueOf(authority.state().failure()).contains(because));
        assertThatThrownBy(authority::read).hasMessageContaining(because);
        assertThat(authority.isKnown()).isFalse();
        assertThat(changes).hasValue(0);
    }

    @Test
    void aCertificateForTheServiceAccountIsSigned() throws Exception {
        server.sign("a.b.c", signing(ID));
        connect();

        assertThat(authority.await(Duration.ofSeconds(10))).isTrue();
        WorkloadIdentity identity = authority.read();
        assertThat(identity.id()).hasToString(ID);
        assertThat(identity.svid().chain()).hasSize(2);
        assertThat(identity.trust().authorities()).containsExactly(ROOT.certificate());
        assertThat(server.validities()).containsExactly(86_400L);
        assertThat(server.tokens()).containsExactly("Bearer a.b.c");
        await().untilAtomic(changes, org.hamcrest.Matchers.is(1));
    }

    @Test
    void itIsRenewedOnceHalfOfItsLifeIsOverWithANewKeyAndTheTokenOfThen() throws Exception {
        Instant now = Instant.now();
        server.sign("a.b.c", signing(ID, now.minus(Duration.ofHours(13)), now.plus(Duration.ofHours(11))));
        connect();
        assertThat(authority.await(Duration.ofSeconds(10))).isTrue();
        WorkloadIdentity first = authority.read();
        Files.writeString(directory.resolve("token"), "d.e.f");
        server.sign("d.e.f", signing(ID));

        await().until(() -> authority.read().svid().end().isAfter(first.svid().end()));
        assertThat(authority.read().svid().key()).isNotEqualTo(first.svid().key());
        assertThat(server.tokens()).contains("Bearer d.e.f");
    }

    @Test
    void renewalIsAtHalfOfTheLifeOrNearIt() {
        Instant start = Instant.parse("2026-01-01T00:00:00Z");
        Instant end = start.plus(Duration.ofHours(100));
        assertThat(IstioAuthority.untilRenewal(start, end, start, 0)).isEqualTo(Duration.ofHours(49));
        assertThat(IstioAuthority.untilRenewal(start, end, start, 0.5)).isEqualTo(Duration.ofHours(50));
        assertThat(IstioAuthority.untilRenewal(start, end, start, 1)).isEqualTo(Duration.ofHours(51));
        assertThat(IstioAuthority.untilRenewal(start, end, start.plus(Duration.ofHours(60)), 0.5))
                .isEqualTo(Duration.ofHours(-10));
    }

    /// Nanoseconds until half of such a life do not fit into a number.
    @Test
    void aCertificateThatHardlyEverEndsIsUsedAndEndsNothingElse() throws Exception {
        List<Throwable> uncaught = new CopyOnWriteArrayList<>();
        Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
        Thread.setDefaultUncaughtExceptionHandler((_, failure) -> uncaught.add(failure));
        try {
            server.sign("a.b.c", signing(ID, Instant.now().minusSeconds(60), Instant.parse("9999-12-31T23:59:59Z")));
            connect();
            assertThat(authority.await(Duration.ofSeconds(10))).isTrue();
            CountDownLatch done = new CountDownLatch(1);
            authority.later(done::countDown);
            assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
        } finally {
            Thread.setDefaultUncaughtExceptionHandler(before);
        }
        assertThat(uncaught).isEmpty();
        assertThat(authority.read().id()).hasToString(ID);
        assertThat(authority.state().failure()).isNull();
    }

    @Test
    void whileItDoesNotAnswerTheLastIdentityIsUsed() throws Exception {
        Instant now = Instant.now();
        server.sign("a.b.c", signing(ID, now.minus(Duration.ofHours(13)), now.plus(Duration.ofHours(11))));
        connect();
        assertThat(authority.await(Duration.ofSeconds(10))).isTrue();
        server.close();

        await().until(() -> String.valueOf(authority.state().failure()).startsWith("UNAVAILABLE"));
        assertThat(authority.read().id()).hasToString(ID);
        assertThat(authority.isWithdrawn()).isFalse();
    }

    @Test
    void aWrongTokenIsSaidAndTriedAgain() throws Exception {
        server.sign("other", signing(ID));
        connect();
        awaitFailure("UNAUTHENTICATED: request authenticate failure");
        Files.writeString(directory.resolve("token"), "other");

        await().until(authority::isKnown);
    }

    @Test
    void aMissingOrBrokenTokenIsNotSent() throws Exception {
        Files.delete(directory.resolve("token"));
        connect();
        awaitFailure("cannot be read");
        Files.writeString(directory.resolve("token"), "a\r\nx: y");
        awaitFailure("is no token");
        Files.writeString(directory.resolve("token"), "");
        awaitFailure("is no token");
        assertThat(server.tokens()).isEmpty();
    }

    @Test
    void nothingIsSentToAServerOfAnotherAuthority() throws Exception {
        Files.writeString(
                directory.resolve("root-cert.pem"),
                TestCertificates.authority("other").pem());
        connect();
        awaitFailure("UNAVAILABLE: upstream_tls_untrusted");
        Files.delete(directory.resolve("root-cert.pem"));
        awaitFailure("does not exist");
        assertThat(server.tokens()).isEmpty();
    }

    @Test
    void anAnswerThatCannotBeUsedIsNoIdentity() {
        server.sign("a.b.c", signing("spiffe://cluster.local/ns/edge/sa/other"));
        connect();
        awaitFailure("signs for spiffe://cluster.local/ns/edge/sa/other, not for " + ID);
        server.sign("a.b.c", _ -> List.of());
        awaitFailure("it holds 0 certificates");
        server.sign("a.b.c", _ -> List.of(ROOT.pem()));
        awaitFailure("it holds 1 certificates");
        server.sign("a.b.c", _ -> List.of("garbage", ROOT.pem()));
        awaitFailure("holds no certificate");
        server.sign("a.b.c", _ -> {
            Issued issued = SIGNER.leaf("").svid(ID).issue();
            return List.of(TestPem.certificates(issued.chain()), ROOT.pem());
        });
        awaitFailure("does not fit");
        server.sign("a.b.c", key -> {
            Issued issued = SIGNER.leaf("")
                    .svid(ID)
                    .asAuthority()
                    .key(new KeyPair(key, null))
                    .issue();
            return List.of(TestPem.certificates(issued.chain()), ROOT.pem());
        });
        awaitFailure("an authority's own");
        server.sign("a.b.c", _ -> List.of("x".repeat(2 << 20), ROOT.pem()));
        awaitFailure("RESOURCE_EXHAUSTED");
    }
}
