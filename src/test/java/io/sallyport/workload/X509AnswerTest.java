package io.sallyport.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.sallyport.identity.CredentialException;
import io.sallyport.identity.TrustBundle;
import io.sallyport.identity.WorkloadIdentity;
import io.sallyport.testing.Issued;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TestKeys;
import io.sallyport.testing.TestPem;
import io.sallyport.testing.TestWorkloadApi;
import io.spiffe.workloadapi.grpc.Workload.X509SVID;
import io.spiffe.workloadapi.grpc.Workload.X509SVIDResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.junit.jupiter.api.Test;

/// Messages as the specification has them, and as a broken or hostile agent might send them.
class X509AnswerTest {
    private static final String ID = "spiffe://example.org/ns/edge/sa/gateway";
    private static final TestCertificates AUTHORITY = TestCertificates.authority("example.org");
    private static final TestCertificates OTHER = TestCertificates.authority("other.example");
    private static final Issued GOOD = AUTHORITY.leaf("gateway").svid(ID).issue();

    private static X509SVID.Builder good() {
        return TestWorkloadApi.svid(ID, GOOD, "").toBuilder();
    }

    private static X509SVIDResponse.Builder answer(X509SVID.Builder... svids) {
        X509SVIDResponse.Builder answer = X509SVIDResponse.newBuilder();
        for (X509SVID.Builder svid : svids) {
            answer.addSvids(svid);
        }
        return answer;
    }

    private static WorkloadIdentity read(X509SVIDResponse.Builder answer, String hint) throws CredentialException {
        X509Answer decoded = X509Answer.decode(answer.build().toByteArray());
        X509Answer.Svid svid = decoded.choose(hint);
        return svid == null ? null : decoded.identity(svid, null, Instant.now()).identity();
    }

    private static void refused(X509SVIDResponse.Builder answer, String problem) {
        assertThatThrownBy(() -> read(answer, null))
                .isInstanceOf(CredentialException.class)
                .hasMessageContaining(problem);
    }

    private static void refused(Issued issued, String problem) {
        refused(answer(TestWorkloadApi.svid(ID, issued, "").toBuilder()), problem);
    }

    private static ByteString bytes(String text) {
        return ByteString.copyFrom(text, StandardCharsets.UTF_8);
    }

    @Test
    void anSvidComesWithItsChainKeyAndBundle() throws Exception {
        Issued issued =
                AUTHORITY.intermediate("between").leaf("gateway").svid(ID).issue();
        WorkloadIdentity identity = read(answer(TestWorkloadApi.svid(ID, issued, "").toBuilder()), null);

        assertThat(identity.id()).hasToString(ID);
        assertThat(identity.svid()).isEqualTo(issued.credential());
        assertThat(identity.svid().chain()).hasSize(2);
        assertThat(identity.trust()).isEqualTo(issued.trust());
    }

    @Test
    void keysOfEveryKindAreRead() throws Exception {
        for (Issued issued : List.of(
                AUTHORITY.leaf("gateway").svid(ID).rsa().issue(),
                AUTHORITY.leaf("gateway").svid(ID).key(TestKeys.ecdsa()).issue())) {
            assertThat(read(answer(TestWorkloadApi.svid(ID, issued, "").toBuilder()), null)
                            .svid())
                    .isEqualTo(issued.credential());
        }
    }

    @Test
    void theFirstIsTheDefaultAndAHintChooses() throws Exception {
        String internal = "spiffe://example.org/internal";
        Issued second = AUTHORITY.leaf("internal").svid(internal).issue();
        X509SVIDResponse.Builder answer = answer(
                good().setHint("external"),
                TestWorkloadApi.svid(internal, second, "internal").toBuilder(),
                good().setHint("internal"));

        assertThat(read(answer, null).id()).hasToString(ID);
        assertThat(read(answer, "internal").id()).hasToString(internal);
        assertThat(read(answer, "neither")).isNull();
    }

    @Test
    void eachTrustDomainHasItsOwnBundle() throws Exception {
        X509SVIDResponse.Builder answer = answer(good())
                .putFederatedBundles("spiffe://other.example", TestWorkloadApi.der(List.of(OTHER.certificate())))
                .addCrl(ByteString.copyFrom(OTHER.crl().getEncoded()))
                .addCrl(ByteString.copyFrom(AUTHORITY.crl().getEncoded()));
        TrustBundle trust = read(answer, null).trust();

        assertThat(trust.authorities()).containsExactly(AUTHORITY.certificate());
        assertThat(trust.crls())
                .extracting(crl -> crl.getIssuerX500Principal())
                .containsExactly(AUTHORITY.certificate().getSubjectX500Principal());
        assertThat(trust.federated()).containsOnlyKeys("other.example");
        TrustBundle other = trust.federated().get("other.example");
        assertThat(other.authorities()).containsExactly(OTHER.certificate());
        assertThat(other.crls()).hasSize(1);
    }

    @Test
    void aMessageWithoutSvidsSaysNothing() {
        refused(answer(), "holds no SVID");
        refused(
                answer().putFederatedBundles(
                                "spiffe://other.example", TestWorkloadApi.der(List.of(OTHER.certificate()))),
                "holds no SVID");
    }

    @Test
    void everyMandatoryFieldHasToBeThere() {
        refused(answer(good().clearX509Svid()), "is missing");
        refused(answer(good().clearX509SvidKey()), "private key is broken");
        refused(answer(good().clearBundle()), "the bundle of the SVID " + ID + ": is missing");
        refused(answer(good().clearSpiffeId()), "its certificate names " + ID);
    }

    @Test
    void whatIsNotDerIsRefused() {
        refused(answer(good().setX509Svid(bytes("garbage"))), "is broken");
        refused(answer(good().setX509Svid(bytes(TestPem.certificates(GOOD.chain())))), "is broken");
        refused(answer(good().setX509Svid(good().getX509Svid().concat(bytes("x")))), "is broken");
        refused(answer(good().setX509Svid(good().getX509Svid().substring(0, 100))), "is broken");
        refused(answer(good().setX509SvidKey(bytes(TestPem.key(GOOD.key())))), "private key is broken");
        refused(answer(good().setX509SvidKey(bytes("garbage"))), "private key is broken");
        refused(answer(good().setBundle(bytes("garbage"))), "is broken");
        refused(answer(good()).addCrl(bytes("garbage")), "is broken");
        refused(answer(good()).addCrl(ByteString.EMPTY), "is broken");
    }

    @Test
    void aKeyHasToFitAndBeStrong() {
        ByteString other = ByteString.copyFrom(TestKeys.ecdsa().getPrivate().getEncoded());
        refused(answer(good().setX509SvidKey(other)), "does not fit");
        refused(AUTHORITY.leaf("gateway").svid(ID).key(TestKeys.rsa(1024)).issue(), "too weak");
    }

    @Test
    void aCertificateHasOneIdentityAndIsNoAuthoritys() {
        refused(
                AUTHORITY
                        .leaf("gateway")
                        .svid(ID)
                        .uri("spiffe://example.org/two")
                        .issue(),
                "is no SVID");
        refused(AUTHORITY.leaf("gateway").svid(ID).uri("https://example.org/").issue(), "is no SVID");
        refused(AUTHORITY.leaf("gateway").dns("gateway").issue(), "is no SVID");
        refused(AUTHORITY.leaf("gateway").svid("spiffe://example.org").issue(), "is no SVID");
        refused(AUTHORITY.leaf("gateway").svid("spiffe://example.org/").issue(), "is no SVID");
        refused(AUTHORITY.leaf("gateway").svid(ID + "/").issue(), "is no SVID");
        refused(AUTHORITY.leaf("gateway").svid("spiffe://EXAMPLE.org/a").issue(), "is no SVID");
        refused(AUTHORITY.leaf("gateway").svid("SPIFFE://example.org/a").issue(), "is no SVID");
        refused(AUTHORITY.leaf("gateway").svid("spiffe://example.org/a/../b").issue(), "is no SVID");
        refused(AUTHORITY.leaf("gateway").svid(ID).asAuthority().issue(), "an authority's own");
        refused(
                AUTHORITY
                        .leaf("gateway")
                        .svid(ID)
                        .keyUsage(KeyUsage.digitalSignature | KeyUsage.keyCertSign)
                        .issue(),
                "an authority's own");
        refused(AUTHORITY.leaf("gateway").svid("spiffe://example.org/another").issue(), "its certificate names");
    }

    @Test
    void anExpiredBundleIsRefusedAndAnotherDomainsHarmsNobodyElse() throws Exception {
        Instant now = Instant.now();
        TestCertificates past =
                TestCertificates.authority("example.org", now.minus(Duration.ofDays(2)), now.minus(Duration.ofDays(1)));
        refused(answer(good().setBundle(TestWorkloadApi.der(List.of(past.certificate())))), "has expired");

        TrustBundle trust = read(
                        answer(good())
                                .putFederatedBundles(
                                        "spiffe://other.example", TestWorkloadApi.der(List.of(past.certificate()))),
                        null)
                .trust();
        assertThat(trust.federated()).containsOnlyKeys("other.example");
    }

    private static X509Answer.Entitlement entitlement(X509SVIDResponse.Builder answer, TrustBundle before)
            throws CredentialException {
        X509Answer decoded = X509Answer.decode(answer.build().toByteArray());
        return decoded.identity(decoded.choose(null), before, Instant.now());
    }

    @Test
    void aKeyThatNamesNoOtherTrustDomainIsPassedOver() throws Exception {
        ByteString bundle = TestWorkloadApi.der(List.of(OTHER.certificate()));
        for (String key : List.of(
                "",
                "other.example",
                "spiffe://",
                "spiffe://Other.example",
                "spiffe://other.example/a",
                "spiffe://example.org")) {
            X509Answer.Entitlement found = entitlement(
                    answer(good())
                            .putFederatedBundles(key, bundle)
                            .putFederatedBundles("spiffe://third.example", bundle),
                    null);
            assertThat(found.identity().trust().federated()).containsOnlyKeys("third.example");
            assertThat(found.identity().trust().authorities()).containsExactly(AUTHORITY.certificate());
            assertThat(found.faults()).singleElement().asString().contains("is of no other trust domain");
        }
        assertThat(entitlement(answer(good()).putFederatedBundles("a\r\nb", bundle), null)
                        .faults())
                .singleElement()
                .asString()
                .startsWith("the bundle of \"a??b\"");
    }

    /// Whatever is wrong with one federated bundle concerns its own trust domain alone.
    @Test
    void aBrokenBundleOfAnotherTrustDomainConcernsThatDomainAlone() throws Exception {
        ByteString good = TestWorkloadApi.der(List.of(OTHER.certificate()));
        TrustBundle before = entitlement(answer(good()).putFederatedBundles("spiffe://other.example", good), null)
                .identity()
                .trust();
        for (ByteString broken :
                List.of(ByteString.EMPTY, bytes("garbage"), good.concat(bytes("x")), good.substring(0, 100))) {
            X509SVIDResponse.Builder answer = answer(good())
                    .putFederatedBundles("spiffe://other.example", broken)
                    .putFederatedBundles("spiffe://third.example", good);
            X509Answer.Entitlement first = entitlement(answer, null);
            assertThat(first.identity().id()).hasToString(ID);
            assertThat(first.identity().trust().federated()).containsOnlyKeys("third.example");
            assertThat(first.faults())
                    .singleElement()
                    .asString()
                    .startsWith("the bundle of spiffe://other.example")
                    .endsWith("peers of that domain are refused");

            X509Answer.Entitlement later = entitlement(answer, before);
            assertThat(later.identity().trust().federated()).containsOnlyKeys("other.example", "third.example");
            assertThat(later.identity().trust().federated().get("other.example"))
                    .isEqualTo(before.federated().get("other.example"));
            assertThat(later.faults()).singleElement().asString().endsWith("the one before it serves on");
        }
    }

    @Test
    void noBytesDoMoreThanBeRefused() {
        Random random = new Random(7);
        byte[] good = answer(good().setHint("x"))
                .putFederatedBundles("spiffe://other.example", TestWorkloadApi.der(List.of(OTHER.certificate())))
                .build()
                .toByteArray();
        int refused = 0;
        for (int round = 0; round < 300; round++) {
            byte[] message = good.clone();
            message[random.nextInt(message.length)] ^= (byte) (1 + random.nextInt(255));
            try {
                X509Answer answer = X509Answer.decode(message);
                answer.identity(answer.choose(null), null, Instant.now());
            } catch (CredentialException e) {
                refused++;
            }
        }
        assertThat(refused).isBetween(1, 300);
    }
}
