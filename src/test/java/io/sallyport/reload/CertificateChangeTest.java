package io.sallyport.reload;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.compile.CompileOptions;
import io.sallyport.compile.EgressOptions;
import io.sallyport.config.LoadOptions;
import io.sallyport.config.analysis.AnalysisOptions;
import io.sallyport.config.index.InstanceScope;
import io.sallyport.discovery.ServiceCatalog;
import io.sallyport.identity.CertificatesInUse;
import io.sallyport.identity.CredentialDirectory;
import io.sallyport.identity.IdentityDirectory;
import io.sallyport.testing.Issued;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TestClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What time and files make of certificates while the configuration stays as it is, wherever they are from.
class CertificateChangeTest {
    private static final InstanceScope SCOPE =
            new InstanceScope("default", "istio-system", "cluster.local", Map.of(), "");
    private static final TestCertificates AUTHORITY = TestCertificates.authority("test root");
    private static final Instant START = Instant.now().truncatedTo(ChronoUnit.SECONDS);

    @TempDir
    private Path directory;

    private final TestClock clock = new TestClock(START);
    private ConfigurationSource source;

    /// Where a certificate is from.
    private enum Source {
        SECRET("default/a", "credentialName: a"),
        FILES("%s/files/tls.crt", "serverCertificate: %1$s/files/tls.crt, privateKey: %1$s/files/tls.key"),
        IDENTITY("%s/identity", "");

        private final String label;
        private final String settings;

        Source(String label, String settings) {
            this.label = label;
            this.settings = settings;
        }

        String label(Path directory) {
            return label.formatted(directory);
        }

        String tls(Path directory) {
            return this == IDENTITY ? "mode: ISTIO_MUTUAL" : "mode: SIMPLE, " + settings.formatted(directory);
        }
    }

    @BeforeEach
    void prepare() throws IOException {
        Files.createDirectories(directory.resolve("config"));
        Files.createDirectories(directory.resolve("secrets"));
        CredentialDirectory secrets = new CredentialDirectory(directory.resolve("secrets"));
        source = new ConfigurationSource(
                directory.resolve("config"),
                LoadOptions.DEFAULT,
                new AnalysisOptions(SCOPE, Map.of(), Map.of(), new StoredSecrets(secrets)),
                new CompileOptions(
                        SCOPE,
                        Map.of(),
                        secrets,
                        new IdentityDirectory(directory.resolve("identity")),
                        "cluster.local",
                        EgressOptions.NO_MESH,
                        ServiceCatalog.NONE),
                clock);
    }

    private void serve(String tls) throws IOException {
        Files.writeString(directory.resolve("config/gateway.yaml"), """
                apiVersion: networking.istio.io/v1
                kind: Gateway
                metadata: {name: edge}
                spec:
                  servers:
                  - port: {number: 443, name: https, protocol: HTTPS}
                    hosts: [a.example]
                    tls: {%s}
                """.formatted(tls));
    }

    private void give(Source from, Issued issued) throws IOException {
        issued.writeSecret(
                switch (from) {
                    case SECRET -> directory.resolve("secrets/a");
                    case FILES -> directory.resolve("files");
                    case IDENTITY -> directory.resolve("identity");
                });
    }

    private static Issued valid(Instant from, Instant to) {
        return AUTHORITY
                .leaf("a")
                .dns("a.example")
                .uri("spiffe://cluster.local/ns/edge/sa/gateway")
                .valid(from, to)
                .issue();
    }

    private static Issued current() {
        return valid(START.minus(Duration.ofDays(1)), START.plus(Duration.ofDays(25)));
    }

    private ConfigurationSource.Read read() {
        ConfigurationSource.Read read = source.read();
        assertThat(read.hasErrors()).as("%s", read.problems()).isFalse();
        return read;
    }

    private void assertServed(Source from, ConfigurationSource.Read read, Issued expected) {
        assertThat(read.plan().certificates().credentials().get(from.label(directory)))
                .isEqualTo(expected.credential());
    }

    @ParameterizedTest
    @EnumSource
    void oneThatIsNotValidYetWaitsForItsTime(Source from) throws IOException {
        Issued before = current();
        Issued after = valid(START.plus(Duration.ofDays(1)), START.plus(Duration.ofDays(26)));
        serve(from.tls(directory));
        give(from, before);
        assertServed(from, read(), before);

        give(from, after);
        ConfigurationSource.Read waiting = read();
        assertServed(from, waiting, before);
        assertThat(waiting.plan().certificates().nextValid()).isEqualTo(START.plus(Duration.ofDays(1)));
        assertThat(waiting.problems()).anySatisfy(problem -> assertThat(problem.toString())
                .contains("SAL4003", "is not valid before " + START.plus(Duration.ofDays(1))));
        assertThat(read().contentHash()).isEqualTo(waiting.contentHash());

        clock.set(START.plus(Duration.ofDays(1)));
        ConfigurationSource.Read switched = read();
        assertServed(from, switched, after);
        assertThat(switched.plan().certificates().nextValid()).isNull();
        assertThat(switched.contentHash()).isNotEqualTo(waiting.contentHash());
    }

    @ParameterizedTest
    @EnumSource
    void whereThereIsNoValidOneItIsServedAtOnce(Source from) throws IOException {
        Issued future = valid(START.plus(Duration.ofDays(1)), START.plus(Duration.ofDays(26)));
        serve(from.tls(directory));
        give(from, valid(START.minus(Duration.ofDays(2)), START.minus(Duration.ofDays(1))));
        read();
        give(from, future);
        assertServed(from, read(), future);
    }

    /// Also those that lie in no directory of secrets.
    @ParameterizedTest
    @EnumSource
    void aRenewedOneIsAnotherContent(Source from) throws IOException {
        Issued renewed = current();
        serve(from.tls(directory));
        give(from, current());
        String before = read().contentHash();
        assertThat(read().contentHash()).isEqualTo(before);
        give(from, renewed);
        ConfigurationSource.Read read = read();
        assertServed(from, read, renewed);
        assertThat(read.contentHash()).isNotEqualTo(before);
    }

    @Test
    void soAreAuthoritiesAndWhatIsWrongWithThem() throws IOException {
        Path authorities = directory.resolve("files/roots.pem");
        serve(Source.FILES.tls(directory).replace("SIMPLE", "MUTUAL") + ", caCertificates: " + authorities);
        give(Source.FILES, current());
        Files.writeString(authorities, AUTHORITY.pem());
        ConfigurationSource.Read first = read();
        CertificatesInUse inUse = first.plan().certificates();
        assertThat(inUse.files())
                .containsExactlyInAnyOrder(
                        directory.resolve("files/tls.crt"), directory.resolve("files/tls.key"), authorities);
        assertThat(inUse.authorities()).containsOnlyKeys(authorities.toString());

        Files.writeString(authorities, TestCertificates.authority("other").pem());
        ConfigurationSource.Read second = read();
        assertThat(second.contentHash()).isNotEqualTo(first.contentHash());
        Files.writeString(authorities, "broken");
        assertThat(read().contentHash()).isNotEqualTo(second.contentHash());
    }

    /// The end of an authority counts like a certificate's; of several in a bundle, those that are over do not.
    @Test
    void certificatesAndAuthoritiesHaveTheirEnds() throws IOException {
        serve("mode: MUTUAL, credentialName: a");
        give(Source.SECRET, current());
        assertThat(read().plan().certificates().ends(clock.instant()))
                .containsOnlyKeys("default/a", "default/a/ca.crt")
                .containsEntry("default/a", START.plus(Duration.ofDays(25)))
                .containsEntry(
                        "default/a/ca.crt",
                        AUTHORITY.certificate().getNotAfter().toInstant());

        TestCertificates over =
                TestCertificates.authority("over", START.minus(Duration.ofDays(9)), START.minus(Duration.ofDays(1)));
        Path bundle = directory.resolve("secrets/a/ca.crt");
        Files.writeString(bundle, over.pem() + AUTHORITY.pem());
        assertThat(read().plan().certificates().ends(clock.instant()))
                .containsEntry(
                        "default/a/ca.crt",
                        AUTHORITY.certificate().getNotAfter().toInstant());
        Files.writeString(bundle, over.pem());
        assertThat(read().plan().certificates().ends(clock.instant()))
                .containsEntry("default/a/ca.crt", START.minus(Duration.ofDays(1)));
        serve("mode: SIMPLE, credentialName: a");
        assertThat(read().plan().certificates().ends(clock.instant())).containsOnlyKeys("default/a");
    }
}
