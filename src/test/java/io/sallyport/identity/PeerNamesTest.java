package io.sallyport.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.testing.Issued;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TestKeys;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Which names of a peer's certificate count as whom it is.
class PeerNamesTest {
    private static final List<String> OWN = List.of("cluster.local", "old.local");
    private static final TestCertificates AUTHORITY = TestCertificates.authority("any");

    private static Issued peer(String uri, String dns) {
        return AUTHORITY.leaf("peer").uri(uri).dns(dns).issue();
    }

    @ParameterizedTest
    @CsvSource({
        "spiffe://cluster.local/ns/prod/sa/db, db.prod.svc, db.prod.svc, true",
        "spiffe://old.local/ns/prod/sa/db, db.prod.svc, db.prod.svc, true",
        "spiffe://cluster.local/ns/prod/sa/db, x.test, spiffe://cluster.local/ns/prod/sa/db, true",
        "spiffe://fed.example/x, db.prod.svc, db.prod.svc, false",
        "spiffe://fed.example/x, db.prod.svc, spiffe://fed.example/x, true",
        "spiffe://fed.example/x, *.prod.svc, db.prod.svc, false",
        "https://fed.example/x, db.prod.svc, db.prod.svc, true"
    })
    void anotherDomainsAuthorityVouchesForIdentitiesAlone(String uri, String dns, String wanted, boolean passes)
            throws Exception {
        PeerCheck check = PeerChecks.anyOf(List.of(wanted), OWN);
        if (passes) {
            check.check(peer(uri, dns).certificate(), "");
        } else {
            assertThatThrownBy(() -> check.check(peer(uri, dns).certificate(), ""))
                    .isInstanceOf(CertificateException.class);
        }
        // Where authorities are not those of trust domains, every name counts.
        PeerChecks.anyOf(List.of(dns.replace("*", "db"), uri), List.of())
                .check(peer(uri, dns).certificate(), "");
    }

    /// A request for a certificate names the authorities and ends at 64 KiB: another trust domain must not be
    /// able to fill it up, which would stop every handshake.
    @Test
    void authoritiesAreNamedUntilTheirNamesAreTooMany() throws Exception {
        TestCertificates other = TestCertificates.authority("other");
        TrustBundle few = bundle(List.of(other.certificate()));
        assertThat(new PeerTrust(few, PeerChecks.NONE).getAcceptedIssuers())
                .containsExactlyInAnyOrder(AUTHORITY.certificate(), other.certificate());

        TrustBundle many = bundle(IntStream.range(0, 20)
                .mapToObj(i -> TestCertificates.authority(i + "x".repeat(1000)).certificate())
                .toList());
        assertThat(new PeerTrust(many, PeerChecks.NONE).getAcceptedIssuers()).isEmpty();
    }

    private static TrustBundle bundle(List<X509Certificate> others) {
        return new TrustBundle(
                List.of(AUTHORITY.certificate()), List.of(), Map.of("fed.example", new TrustBundle(others, List.of())));
    }

    @Test
    void controlCharactersOfANameAreNotShown() {
        Issued odd =
                AUTHORITY.leaf("a\nERROR forged\u001b[31m\u0085\u2028\u202e").issue();
        for (String shown :
                List.of(Credential.subject(odd.certificate()), odd.credential().toString())) {
            assertThat(shown).contains("a?ERROR forged?[31m???");
        }
        assertThatThrownBy(() -> Credential.of(odd.chain(), TestKeys.ecdsa().getPrivate(), "a file"))
                .hasMessageContaining("a?ERROR forged?[31m???");
    }

    @Test
    void aDnsNameIsNoIdentity() {
        String admin = "spiffe://cluster.local/ns/prod/sa/admin";
        SubjectAltNames names =
                SubjectAltNames.of(peer("spiffe://fed.example/x", admin).certificate());

        assertThat(names.dns()).isEmpty();
        assertThat(names.hold(admin)).isFalse();
        assertThat(names.uris()).containsExactly("spiffe://fed.example/x");
    }
}
