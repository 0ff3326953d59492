package io.sallyport.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.testing.Issued;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TestKeys;
import io.sallyport.testing.TlsSpecs;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CredentialTest {
    private static final TestCertificates CA = TestCertificates.authority("ca");

    @Test
    void aKeyOfEachKindFitsItsCertificate() {
        for (KeyPair pair :
                List.of(TestKeys.rsa(), TestKeys.ecdsa(), TestKeys.ecdsa("secp521r1"), TestKeys.ed25519())) {
            Issued issued = CA.leaf("api").key(pair).issue();
            assertThatCode(() -> Credential.of(issued.chain(), issued.key(), "tls"))
                    .doesNotThrowAnyException();
        }
    }

    @Test
    void aKeyOfAnotherCertificateIsRefusedOfTheSameKindAndOfAnother() {
        Issued one = CA.leaf("one").issue();
        for (Issued other :
                List.of(CA.leaf("other").issue(), CA.leaf("other").rsa().issue())) {
            assertThatThrownBy(() -> Credential.of(one.chain(), other.key(), "web/tls.crt"))
                    .isInstanceOf(CredentialException.class)
                    .hasMessageStartingWith("web/tls.crt: the private key does not fit the certificate of CN=one");
        }
    }

    @Test
    void aChainThatPutsTheLeafLastIsToldSo() {
        Issued leaf = CA.intermediate("middle").leaf("api").issue();
        assertThatThrownBy(() -> Credential.of(leaf.chain().reversed(), leaf.key(), "tls"))
                .hasMessageContaining("fits certificate 2 of the chain")
                .hasMessageContaining("put the server's own certificate first");
    }

    @Test
    void weakKeysAreRefused() {
        Issued rsa = CA.leaf("weak").key(TestKeys.rsa(1024)).issue();
        assertThatThrownBy(() -> Credential.of(rsa.chain(), rsa.key(), "tls"))
                .hasMessageContaining("an RSA key of 1024 bits is too weak");
    }

    @Test
    void warnsOfDatesAndOfAChainThatDoesNotLink() {
        Instant now = Instant.now();
        assertThat(CA.leaf("a").expired().issue().credential().warnings(now))
                .singleElement()
                .asString()
                .startsWith("the certificate expired on ");
        assertThat(CA.leaf("a").notYetValid().issue().credential().warnings(now))
                .singleElement()
                .asString()
                .startsWith("the certificate is not valid before ");
        Issued soon = CA.leaf("a")
                .valid(now.minus(Duration.ofDays(1)), now.plus(Duration.ofDays(2)))
                .issue();
        assertThat(soon.credential().warnings(now))
                .singleElement()
                .asString()
                .startsWith("the certificate expires on ");
        for (Duration left : List.of(Duration.ofHours(6), Duration.ofHours(4))) {
            Issued daily = CA.leaf("a")
                    .valid(now.plus(left).minus(Duration.ofDays(1)), now.plus(left))
                    .issue();
            assertThat(daily.credential().warnings(now)).hasSize(left.toHours() == 6 ? 0 : 1);
        }
        Issued good = CA.leaf("a").issue();
        assertThat(good.credential().warnings(now)).isEmpty();
        Issued foreign = TestCertificates.authority("foreign")
                .intermediate("middle")
                .leaf("b")
                .issue();
        Credential unlinked =
                new Credential(List.of(good.certificate(), foreign.chain().getLast()), good.key());
        assertThat(unlinked.warnings(now))
                .containsExactly("certificate 2 of the chain is not the issuer of certificate 1");
    }

    @Test
    void equalFilesMakeEqualCredentialsAndOthersDoNot() throws Exception {
        Issued issued = CA.leaf("api").rsa().issue();
        Credential read = Credential.of(
                Pem.certificates(issued.chainPem(), "tls.crt"), Pem.privateKey(issued.keyPem(), "tls.key"), "tls");
        assertThat(read).isEqualTo(issued.credential()).hasSameHashCodeAs(issued.credential());
        assertThat(read).isNotEqualTo(CA.leaf("api").rsa().issue().credential());
    }

    @Test
    void doesNotPrintItsKey() {
        Issued issued = CA.leaf("api").rsa().issue();
        assertThat(issued.credential().toString())
                .isEqualTo("Credential[CN=api, serial "
                        + issued.certificate().getSerialNumber().toString(16) + "]");
        assertThat(TlsSpecs.downstream(issued.credential(), List.of()).toString())
                .doesNotContain(issued.key().toString());
    }

    @ParameterizedTest
    @CsvSource({
        "api.example.com, true",
        "api.example.com., true",
        "other.example.com, false",
        "a.wild.example.com, true",
        "wild.example.com, false",
        "a.b.wild.example.com, false",
        "example.org, false",
        "x.org, false",
        "common-name.example.com, false",
        "10.1.2.3, true",
        "10.1.2.4, false",
        "2001:db8::1, true",
        "2001:0db8:0:0::1, true",
        "'', false"
    })
    void coversTheNamesOfItsCertificate(String host, boolean covered) {
        Issued issued = CA.leaf("common-name.example.com")
                .dns("API.example.com", "*.wild.example.com", "*.org", "10.1.2.4")
                .ip("10.1.2.3", "2001:db8::1")
                .issue();
        assertThat(issued.credential().covers(host)).isEqualTo(covered);
    }
}
