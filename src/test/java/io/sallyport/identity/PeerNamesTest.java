package io.sallyport.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.testing.Issued;
import io.sallyport.testing.TestCertificates;
import java.security.cert.CertificateException;
import java.util.List;
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
