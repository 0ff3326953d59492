package io.sallyport.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.identity.CertificatesInUse;
import io.sallyport.identity.Credential;
import io.sallyport.identity.TrustBundle;
import io.sallyport.testing.Issued;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TestClock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class CertificateWatchTest {
    private static final Instant START = Instant.now().truncatedTo(ChronoUnit.SECONDS);

    private final TestClock clock = new TestClock(START);
    private final List<String> messages = new CopyOnWriteArrayList<>();

    private final CertificateWatch.Notices notices = new CertificateWatch.Notices() {
        @Override
        public void warn(String message) {
            messages.add("WARN " + message);
        }

        @Override
        public void error(String message) {
            messages.add("ERROR " + message);
        }
    };

    private static Credential validFor(Duration time) {
        Issued issued = TestCertificates.authority(
                        "ca", START.minus(Duration.ofDays(1)), START.plus(Duration.ofDays(90)))
                .leaf("a")
                .valid(START.minus(Duration.ofDays(1)), START.plus(time))
                .issue();
        return issued.credential();
    }

    private static CertificatesInUse used(Map<String, Credential> credentials) {
        return new CertificatesInUse(credentials, Map.of(), Set.of(), null, false);
    }

    private void passes(Duration time, int messagesThen) {
        clock.set(START.plus(time));
        await().untilAsserted(() -> assertThat(messages).hasSize(messagesThen));
    }

    @Test
    void warnsTwiceAndReportsTheEndWhileNothingElseHappens() {
        try (CertificateWatch watch = new CertificateWatch(clock, Duration.ofMillis(5), List.of(), () -> {}, notices)) {
            watch.watch(used(Map.of("default/shop", validFor(Duration.ofDays(30)))));
            assertThat(messages).isEmpty();
            passes(Duration.ofDays(9), 1);
            passes(Duration.ofDays(23), 2);
            passes(Duration.ofDays(30).plusSeconds(1), 3);
        }
        assertThat(messages.get(0)).startsWith("WARN default/shop: the certificate of CN=a expires on ");
        assertThat(messages.get(1)).startsWith("WARN default/shop: ");
        assertThat(messages.get(2)).startsWith("ERROR default/shop: the certificate of CN=a expired on ");
    }

    /// A day's certificate is renewed after half of its life, which is nothing to report.
    @Test
    void aShortLifeIsReportedInItsLastFifth() {
        Credential daily = TestCertificates.authority(
                        "ca", START.minus(Duration.ofDays(1)), START.plus(Duration.ofDays(90)))
                .leaf("a")
                .valid(START, START.plus(Duration.ofHours(24)))
                .issue()
                .credential();
        try (CertificateWatch watch = new CertificateWatch(clock, Duration.ofMillis(5), List.of(), () -> {}, notices)) {
            clock.set(START.plus(Duration.ofHours(19)));
            watch.watch(used(Map.of("workload-api", daily)));
            assertThat(messages).isEmpty();
            passes(Duration.ofHours(20), 1);
            passes(Duration.ofHours(24).plusSeconds(1), 2);
        }
        assertThat(messages.get(0)).startsWith("WARN workload-api: ");
    }

    @Test
    void whatIsReportedOnceIsNotReportedAgainBeforeItChanges() {
        try (CertificateWatch watch = new CertificateWatch(clock, Duration.ofHours(1), List.of(), () -> {}, notices)) {
            Credential short1 = validFor(Duration.ofDays(3));
            watch.watch(used(Map.of("a", short1)));
            watch.watch(used(Map.of("a", short1)));
            assertThat(messages).hasSize(1);
            watch.watch(used(Map.of("a", validFor(Duration.ofDays(2)))));
            assertThat(messages).hasSize(2);
            watch.watch(used(Map.of("a", validFor(Duration.ofDays(60)))));
            assertThat(messages).hasSize(2);
        }
    }

    @Test
    void anIntermediateThatEndsFirstCounts() {
        TestCertificates root =
                TestCertificates.authority("root", START.minus(Duration.ofDays(1)), START.plus(Duration.ofDays(90)));
        Issued short1 = root.leaf("intermediate")
                .asAuthority()
                .valid(START.minus(Duration.ofDays(1)), START.plus(Duration.ofDays(5)))
                .issue();
        Issued leaf = TestCertificates.of(short1).leaf("a").issue();
        try (CertificateWatch watch = new CertificateWatch(clock, Duration.ofHours(1), List.of(), () -> {}, notices)) {
            watch.watch(used(Map.of("a", leaf.credential())));
        }
        assertThat(messages).singleElement().asString().contains("expires on " + START.plus(Duration.ofDays(5)));
    }

    /// Each of a bundle by itself: one that ends leaves clients outside whatever the others do.
    @Test
    void authoritiesAreWatchedToo() {
        TestCertificates first =
                TestCertificates.authority("first", START.minus(Duration.ofDays(1)), START.plus(Duration.ofDays(5)));
        TestCertificates second =
                TestCertificates.authority("second", START.minus(Duration.ofDays(1)), START.plus(Duration.ofDays(90)));
        TrustBundle bundle = new TrustBundle(List.of(first.certificate(), second.certificate()), List.of());
        try (CertificateWatch watch = new CertificateWatch(clock, Duration.ofMillis(5), List.of(), () -> {}, notices)) {
            watch.watch(new CertificatesInUse(Map.of(), Map.of("default/a/ca.crt", bundle), Set.of(), null, false));
            assertThat(messages)
                    .singleElement()
                    .asString()
                    .startsWith("WARN default/a/ca.crt: the authority CN=first expires on ");
            passes(Duration.ofDays(5).plusSeconds(1), 2);
        }
        assertThat(messages.get(1)).startsWith("ERROR default/a/ca.crt: the authority CN=first expired on ");
    }
}
