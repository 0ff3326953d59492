package io.sallyport.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.identity.Credential;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SelfSignedCertificateTest {
    private static final int DNS = 2;
    private static final Instant NOW = Instant.parse("2049-12-31T12:00:00Z");

    @Test
    void theJdkReadsWhatItCannotMake() throws Exception {
        X509Certificate certificate = parse(
                SelfSignedCertificate.of(List.of("shop.localhost", "*.shop.localhost"), NOW, Duration.ofDays(30)));

        certificate.verify(certificate.getPublicKey());
        assertThat(certificate.getVersion()).isEqualTo(3);
        assertThat(certificate.getSubjectX500Principal().getName()).isEqualTo("CN=shop.localhost");
        assertThat(certificate.getIssuerX500Principal()).isEqualTo(certificate.getSubjectX500Principal());
        assertThat(certificate.getNotBefore()).isEqualTo("2049-12-31T11:00:00Z");
        assertThat(certificate.getNotAfter()).isEqualTo("2050-01-30T12:00:00Z");
        assertThat(certificate.getSubjectAlternativeNames())
                .containsExactlyInAnyOrder(List.of(DNS, "shop.localhost"), List.of(DNS, "*.shop.localhost"));
        assertThat(certificate.getBasicConstraints()).as("no authority").isEqualTo(-1);
        assertThat(certificate.getKeyUsage())
                .startsWith(true)
                .doesNotContain(true, org.assertj.core.data.Index.atIndex(5));
        assertThat(certificate.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.1");
        assertThat(certificate.getCriticalExtensionOIDs()).containsExactlyInAnyOrder("2.5.29.15", "2.5.29.19");
    }

    /// Serial numbers and signatures are of varying length in DER.
    @RepeatedTest(20)
    void everyOneFitsItsKey(@TempDir Path directory) throws Exception {
        SelfSignedCertificate made =
                SelfSignedCertificate.of(List.of("a.localhost"), Instant.now(), Duration.ofDays(1));
        Path chain = Files.writeString(directory.resolve("tls.crt"), made.certificate());
        Path key = Files.writeString(directory.resolve("tls.key"), made.privateKey());

        Credential credential = Credential.read(chain, key);

        assertThat(credential.covers("a.localhost")).isTrue();
        assertThat(credential.isNotYetValid(Instant.now())).isFalse();
        assertThat(credential.leaf().getSerialNumber()).isPositive();
    }

    private static X509Certificate parse(SelfSignedCertificate made) throws Exception {
        byte[] pem = made.certificate().getBytes(StandardCharsets.US_ASCII);
        return (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(pem));
    }
}
