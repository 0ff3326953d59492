package io.sallyport.identity;

import static io.sallyport.tls.DownstreamTlsSpec.Mode.ISTIO_MUTUAL;
import static io.sallyport.tls.DownstreamTlsSpec.Mode.MUTUAL;
import static io.sallyport.tls.DownstreamTlsSpec.Mode.OPTIONAL_MUTUAL;
import static io.sallyport.tls.DownstreamTlsSpec.Mode.SIMPLE;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufAllocator;
import io.sallyport.testing.Issued;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TestLeaf;
import io.sallyport.testing.TlsSpecs;
import io.sallyport.tls.ClientHello;
import io.sallyport.tls.DownstreamTlsContext;
import io.sallyport.tls.DownstreamTlsSpec;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import javax.net.ssl.SSLEngine;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Which client certificates a filter chain lets in.
class ClientCertificateTest {
    private static final TestCertificates CA = TestCertificates.authority("ca");
    private static final TestCertificates FOREIGN = TestCertificates.authority("foreign");
    private static final Issued SERVER = CA.leaf("gateway")
            .dns("api.example.com")
            .uri("spiffe://cluster.local/ns/edge/sa/gw")
            .issue();
    private static final String WEB = "spiffe://cluster.local/ns/default/sa/web";

    /// @param client null: the client shows no certificate
    /// @param refused null: it is let in
    private record Case(String story, DownstreamTlsSpec.Mode mode, Issued client, TlsRejection refused) {
        @Override
        public String toString() {
            return mode + ", " + story + " -> " + (refused == null ? "let in" : refused);
        }
    }

    static Stream<Case> cases() {
        Issued good = leaf(leaf -> leaf.uri(WEB).clientUse());
        Issued plain = leaf(leaf -> leaf);
        return Stream.of(
                new Case("no certificate", SIMPLE, null, null),
                new Case("no certificate", MUTUAL, null, TlsRejection.HANDSHAKE_FAILED),
                new Case("no certificate", ISTIO_MUTUAL, null, TlsRejection.HANDSHAKE_FAILED),
                new Case("no certificate", OPTIONAL_MUTUAL, null, null),
                new Case("a good one", MUTUAL, good, null),
                new Case("a good one", OPTIONAL_MUTUAL, good, null),
                new Case("a good one", ISTIO_MUTUAL, good, null),
                new Case("a good one with an RSA key", MUTUAL, leaf(leaf -> leaf.rsa()), null),
                new Case("one of another authority", SIMPLE, FOREIGN.leaf("x").issue(), null),
                new Case("one without names or usages", MUTUAL, plain, null),
                new Case(
                        "one behind an intermediate",
                        MUTUAL,
                        CA.intermediate("m").leaf("web").issue(),
                        null),
                new Case("one of another authority", MUTUAL, FOREIGN.leaf("x").issue(), TlsRejection.UNTRUSTED),
                new Case(
                        "one of another authority",
                        OPTIONAL_MUTUAL,
                        FOREIGN.leaf("x").issue(),
                        TlsRejection.UNTRUSTED),
                new Case(
                        "one whose issuer only has the authority's name",
                        MUTUAL,
                        TestCertificates.authority("ca").leaf("x").issue(),
                        TlsRejection.UNTRUSTED),
                new Case("one that a leaf issued", MUTUAL, issuedByLeaf(), TlsRejection.UNTRUSTED),
                new Case("an expired one", MUTUAL, leaf(leaf -> leaf.expired()), TlsRejection.EXPIRED),
                new Case("an expired one", OPTIONAL_MUTUAL, leaf(leaf -> leaf.expired()), TlsRejection.EXPIRED),
                new Case("one of tomorrow", MUTUAL, leaf(leaf -> leaf.notYetValid()), TlsRejection.NOT_YET_VALID),
                new Case("an authority as leaf", MUTUAL, leaf(leaf -> leaf.asAuthority()), TlsRejection.WRONG_USAGE),
                new Case("the trusted authority itself", MUTUAL, self(CA), TlsRejection.WRONG_USAGE),
                new Case("one for servers only", MUTUAL, leaf(leaf -> leaf.serverUse()), TlsRejection.WRONG_USAGE),
                new Case(
                        "one for both uses",
                        MUTUAL,
                        leaf(leaf -> leaf.serverUse().clientUse()),
                        null),
                new Case(
                        "two SPIFFE identities",
                        MUTUAL,
                        leaf(leaf -> leaf.uri(WEB, WEB + "2")),
                        TlsRejection.WRONG_IDENTITY),
                new Case(
                        "a SPIFFE identity and a URL",
                        MUTUAL,
                        leaf(leaf -> leaf.uri("https://a", WEB)),
                        TlsRejection.WRONG_IDENTITY),
                new Case("two URLs", MUTUAL, leaf(leaf -> leaf.uri("https://a", "https://b")), null),
                new Case("no URI name", ISTIO_MUTUAL, leaf(leaf -> leaf.dns("web")), TlsRejection.WRONG_IDENTITY),
                new Case(
                        "two URI names",
                        ISTIO_MUTUAL,
                        leaf(leaf -> leaf.uri(WEB, "https://a")),
                        TlsRejection.WRONG_IDENTITY),
                new Case(
                        "a URL",
                        ISTIO_MUTUAL,
                        leaf(leaf -> leaf.uri("https://cluster.local/x")),
                        TlsRejection.WRONG_IDENTITY),
                new Case(
                        "another trust domain",
                        ISTIO_MUTUAL,
                        leaf(leaf -> leaf.uri("spiffe://other/ns/a/sa/b")),
                        TlsRejection.WRONG_IDENTITY),
                new Case(
                        "a longer trust domain",
                        ISTIO_MUTUAL,
                        leaf(leaf -> leaf.uri("spiffe://cluster.local.evil/a")),
                        TlsRejection.WRONG_IDENTITY),
                new Case(
                        "the bare trust domain",
                        ISTIO_MUTUAL,
                        leaf(leaf -> leaf.uri("spiffe://cluster.local")),
                        TlsRejection.WRONG_IDENTITY),
                new Case(
                        "a signing authority",
                        ISTIO_MUTUAL,
                        leaf(leaf -> leaf.uri(WEB).asAuthority()),
                        TlsRejection.WRONG_USAGE),
                new Case(
                        "an identity that may sign certificates",
                        ISTIO_MUTUAL,
                        leaf(leaf -> leaf.uri(WEB).keyUsage(KeyUsage.digitalSignature | KeyUsage.keyCertSign)),
                        TlsRejection.WRONG_USAGE),
                new Case(
                        "an identity that may sign revocation lists",
                        ISTIO_MUTUAL,
                        leaf(leaf -> leaf.uri(WEB).keyUsage(KeyUsage.digitalSignature | KeyUsage.cRLSign)),
                        TlsRejection.WRONG_USAGE),
                new Case(
                        "an identity that may sign certificates",
                        OPTIONAL_MUTUAL,
                        leaf(leaf -> leaf.uri(WEB).keyUsage(KeyUsage.digitalSignature | KeyUsage.keyCertSign)),
                        TlsRejection.WRONG_USAGE),
                new Case(
                        "no identity, and may sign certificates",
                        MUTUAL,
                        leaf(leaf -> leaf.dns("web").keyUsage(KeyUsage.digitalSignature | KeyUsage.keyCertSign)),
                        null));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void letsInOrRefuses(Case it) throws Exception {
        DownstreamTlsSpec spec =
                TlsSpecs.downstream(it.mode, SERVER.credential(), SERVER.trust(), "cluster.local", List.of());
        assertOutcome(handshake(spec, it.client), it.refused);
    }

    /// BoringSSL, as of all servers for HTTP with one kind of certificate. RFC 8446 section 6.2.
    @ParameterizedTest
    @MethodSource("cases")
    void eachReasonHasItsOwnAlert(Case it) throws Exception {
        DownstreamTlsSpec spec =
                TlsSpecs.downstream(it.mode, SERVER.credential(), SERVER.trust(), "cluster.local", List.of("h2"));
        for (String version : List.of("TLSv1.2", "TLSv1.3")) {
            assertAlert(spec, it.client, version, it.refused, alert(it.refused, version));
        }
    }

    /// The JDK's engine, as of byte streams, leaves no choice of the alert; the reason is in the metrics.
    @ParameterizedTest
    @MethodSource("cases")
    void theJdkTellsOnlyWhetherThereIsACertificate(Case it) throws Exception {
        DownstreamTlsSpec spec =
                TlsSpecs.downstream(it.mode, SERVER.credential(), SERVER.trust(), "cluster.local", List.of());
        for (String version : List.of("TLSv1.2", "TLSv1.3")) {
            boolean none = it.refused == TlsRejection.HANDSHAKE_FAILED;
            String expected = none ? alert(it.refused, version) : "certificate_unknown";
            assertAlert(spec, it.client, version, it.refused, expected);
        }
    }

    @Test
    void aRevokedOneHasItsOwnToo() throws Exception {
        Issued revoked = leaf(leaf -> leaf);
        TrustBundle trust = new TrustBundle(List.of(CA.certificate()), List.of(CA.crl(revoked)));
        DownstreamTlsSpec spec = TlsSpecs.downstream(MUTUAL, SERVER.credential(), trust, "", List.of("h2"));
        for (String version : List.of("TLSv1.2", "TLSv1.3")) {
            assertAlert(spec, revoked, version, TlsRejection.REVOKED, "certificate_revoked");
        }
    }

    private static void assertAlert(
            DownstreamTlsSpec spec, Issued identity, String version, TlsRejection refused, String expected)
            throws Exception {
        SSLEngine client = TestClient.trusting(identity, CA).engine("api.example.com", "h2");
        client.setEnabledProtocols(new String[] {version});
        EngineHandshake handshake = EngineHandshake.run(
                client,
                DownstreamTlsContext.of(spec)
                        .newHandler(ByteBufAllocator.DEFAULT, ClientHello.EMPTY)
                        .engine());
        if (refused == null) {
            assertThat(handshake.succeeded()).isTrue();
        } else {
            assertThat(handshake.clientFailure()).hasMessageContaining("alert: " + expected);
        }
    }

    private static String alert(TlsRejection refused, String version) {
        return switch (refused) {
            case null -> "none";
            case UNTRUSTED -> "unknown_ca";
            case EXPIRED, NOT_YET_VALID -> "certificate_expired";
            case REVOKED -> "certificate_revoked";
            case WRONG_USAGE -> "unsupported_certificate";
            case WRONG_IDENTITY, NOT_PINNED -> "bad_certificate";
            case HANDSHAKE_FAILED -> version.equals("TLSv1.3") ? "certificate_required" : "handshake_failure";
            case TIMEOUT -> throw new IllegalArgumentException(refused.name());
        };
    }

    @Test
    void aRevokedCertificateIsRefusedAndOthersOfItsAuthorityAreNot() throws Exception {
        Issued revoked = leaf(leaf -> leaf);
        Issued other = leaf(leaf -> leaf);
        DownstreamTlsSpec spec = withCrls(CA.crl(revoked));
        assertOutcome(handshake(spec, revoked), TlsRejection.REVOKED);
        assertOutcome(handshake(spec, other), null);
    }

    @Test
    void aRevokedIntermediateIsRefused() throws Exception {
        TestCertificates middle = CA.intermediate("middle");
        Issued leaf = middle.leaf("web").issue();
        Issued asIssued = new Issued(List.of(middle.certificate()), leaf.key(), CA.certificate());
        assertOutcome(handshake(withCrls(CA.crl(), middle.crl()), leaf), null);
        assertOutcome(handshake(withCrls(CA.crl(asIssued), middle.crl()), leaf), TlsRejection.REVOKED);
    }

    @Test
    void whereListsAreGivenAnAuthorityWithoutACurrentOneIsNotBelieved() throws Exception {
        Issued client = leaf(leaf -> leaf);
        Instant now = Instant.now();
        X509CRL stale = CA.crl(now.minus(Duration.ofDays(2)), now.minus(Duration.ofDays(1)));
        assertOutcome(handshake(withCrls(stale), client), TlsRejection.REVOKED);
        assertOutcome(handshake(withCrls(FOREIGN.crl()), client), TlsRejection.REVOKED);
        X509CRL forged = TestCertificates.authority("ca").crl();
        assertOutcome(handshake(withCrls(forged), client), TlsRejection.REVOKED);
    }

    @Test
    void anAuthorityThatExpiredIsNotTrustedButOthersStillAre() throws Exception {
        Instant now = Instant.now();
        TestCertificates old = TestCertificates.authority("old", now.minus(Duration.ofDays(9)), now.minusSeconds(60));
        TrustBundle both = new TrustBundle(List.of(old.certificate(), CA.certificate()), List.of());
        DownstreamTlsSpec spec = TlsSpecs.downstream(MUTUAL, SERVER.credential(), both, "", List.of());
        assertOutcome(handshake(spec, old.leaf("web").issue()), TlsRejection.UNTRUSTED);
        assertOutcome(handshake(spec, leaf(leaf -> leaf)), null);
    }

    @Test
    void anAuthorityThatExpiresWhileWeServeIsDropped() throws Exception {
        Instant soon = Instant.now().plusSeconds(2).truncatedTo(java.time.temporal.ChronoUnit.SECONDS);
        TestCertificates brief = TestCertificates.authority("brief", soon.minusSeconds(600), soon);
        DownstreamTlsContext context = DownstreamTlsContext.of(TlsSpecs.downstream(
                MUTUAL, SERVER.credential(), new TrustBundle(List.of(brief.certificate()), List.of()), "", List.of()));
        Issued client = brief.leaf("web").issue();
        assertOutcome(handshake(context, client), null);
        org.awaitility.Awaitility.await().until(() -> Instant.now().isAfter(soon.plusMillis(20)));
        assertOutcome(handshake(context, client), TlsRejection.EXPIRED);
    }

    @Test
    void namesAreHeldToTheListed() throws Exception {
        DownstreamTlsSpec spec = spec(List.of(WEB, "ops.example.com"), List.of(), List.of());
        assertOutcome(handshake(spec, leaf(leaf -> leaf.uri(WEB))), null);
        assertOutcome(handshake(spec, leaf(leaf -> leaf.dns("ops.example.com"))), null);
        assertOutcome(handshake(spec, leaf(leaf -> leaf.uri(WEB + "-2"))), TlsRejection.WRONG_IDENTITY);
        assertOutcome(handshake(spec, CA.leaf("ops.example.com").issue()), TlsRejection.WRONG_IDENTITY);
        assertOutcome(handshake(spec, leaf(leaf -> leaf)), TlsRejection.WRONG_IDENTITY);
    }

    @Test
    void eitherKindOfPinIsEnough() throws Exception {
        Issued pinned = leaf(leaf -> leaf);
        String hash = Fingerprint.of(pinned.certificate());
        String colons = hash.toUpperCase(java.util.Locale.ROOT).replaceAll("(..)(?=.)", "$1:");
        String spki = Base64.getEncoder()
                .encodeToString(HexFormat.of()
                        .parseHex(Fingerprint.of(
                                pinned.certificate().getPublicKey().getEncoded())));
        String otherSpki = Base64.getEncoder().encodeToString(new byte[32]);
        for (DownstreamTlsSpec spec : List.of(
                spec(List.of(), List.of(spki), List.of()),
                spec(List.of(), List.of(), List.of(hash)),
                spec(List.of(), List.of(otherSpki), List.of(colons)))) {
            assertOutcome(handshake(spec, pinned), null);
            assertOutcome(handshake(spec, leaf(leaf -> leaf)), TlsRejection.NOT_PINNED);
        }
        assertOutcome(handshake(spec(List.of(), List.of(otherSpki), List.of()), pinned), TlsRejection.NOT_PINNED);
        // A pin does not stand in for trust.
        Issued foreign = FOREIGN.leaf("x").issue();
        DownstreamTlsSpec foreignPinned = spec(List.of(), List.of(), List.of(Fingerprint.of(foreign.certificate())));
        assertOutcome(handshake(foreignPinned, foreign), TlsRejection.UNTRUSTED);
    }

    /// By both implementations of TLS, which ALPN chooses between, and both versions.
    @ParameterizedTest
    @CsvSource({"h2, TLSv1.3", "h2, TLSv1.2", "'', TLSv1.3", "'', TLSv1.2"})
    void whereUnverifiedClientsAreLetInTheyAreKnownAsSuch(String alpn, String protocol) throws Exception {
        Issued good = leaf(leaf -> leaf.uri(WEB));
        Issued foreign = FOREIGN.leaf("x").uri(WEB).issue();
        List<Issued> bad = List.of(
                foreign,
                leaf(leaf -> leaf.uri(WEB).expired()),
                leaf(leaf -> leaf.uri(WEB).serverUse()),
                leaf(leaf -> leaf.uri(WEB + "-2")),
                FOREIGN.issued());
        Issued stolen = new Issued(good.chain(), foreign.key(), CA.certificate());
        for (DownstreamTlsSpec.Mode mode : List.of(MUTUAL, OPTIONAL_MUTUAL)) {
            DownstreamTlsContext context = DownstreamTlsContext.of(lenient(mode, List.of(WEB), alpn));
            assertThat(verified(context, good, alpn, protocol)).isTrue();
            for (Issued each : bad) {
                assertThat(verified(context, each, alpn, protocol)).isFalse();
            }
            assertThat(handshake(context, stolen, alpn, protocol).succeeded()).isFalse();
            assertThat(handshake(context, null, alpn, protocol).succeeded()).isEqualTo(mode == OPTIONAL_MUTUAL);
        }
        DownstreamTlsContext mesh = DownstreamTlsContext.of(lenient(ISTIO_MUTUAL, List.of(), alpn));
        assertThat(verified(mesh, good, alpn, protocol)).isTrue();
        assertThat(handshake(mesh, foreign, alpn, protocol).succeeded()).isFalse();
    }

    private static DownstreamTlsSpec lenient(DownstreamTlsSpec.Mode mode, List<String> names, String alpn) {
        return new DownstreamTlsSpec(
                mode,
                List.of(SERVER.credential()),
                SERVER.trust(),
                List.of("cluster.local"),
                names,
                List.of(),
                List.of(),
                true,
                null,
                null,
                List.of(),
                alpn.isEmpty() ? List.of() : List.of(alpn));
    }

    private static boolean verified(DownstreamTlsContext context, Issued client, String alpn, String protocol) {
        EngineHandshake handshake = handshake(context, client, alpn, protocol);
        assertOutcome(handshake, null);
        List<X509Certificate> chain = PeerIdentity.chain(handshake.serverSession());
        assertThat(chain.getFirst()).isEqualTo(client.certificate());
        return context.isVerified(chain);
    }

    private static EngineHandshake handshake(
            DownstreamTlsContext context, Issued client, String alpn, String protocol) {
        SSLEngine server =
                context.newHandler(ByteBufAllocator.DEFAULT, ClientHello.EMPTY).engine();
        SSLEngine asking = TestClient.trusting(client, CA)
                .engine("api.example.com", alpn.isEmpty() ? new String[0] : new String[] {alpn});
        asking.setEnabledProtocols(new String[] {protocol});
        return EngineHandshake.run(asking, server);
    }

    private static DownstreamTlsSpec withCrls(X509CRL... crls) {
        TrustBundle trust = new TrustBundle(List.of(CA.certificate()), List.of(crls));
        return TlsSpecs.downstream(MUTUAL, SERVER.credential(), trust, "", List.of());
    }

    private static DownstreamTlsSpec spec(List<String> names, List<String> spkiPins, List<String> hashes) {
        return new DownstreamTlsSpec(
                MUTUAL,
                List.of(SERVER.credential()),
                SERVER.trust(),
                List.of(),
                names,
                spkiPins,
                hashes,
                false,
                null,
                null,
                List.of(),
                List.of());
    }

    private static Issued leaf(UnaryOperator<TestLeaf> with) {
        return with.apply(CA.leaf("client")).issue();
    }

    private static Issued self(TestCertificates authority) {
        return authority.issued();
    }

    private static Issued issuedByLeaf() {
        Issued leaf = CA.leaf("web").issue();
        return TestCertificates.of(leaf).leaf("x").issue();
    }

    private static EngineHandshake handshake(DownstreamTlsSpec spec, Issued client) throws Exception {
        return handshake(DownstreamTlsContext.of(spec), client);
    }

    private static EngineHandshake handshake(DownstreamTlsContext context, Issued client) {
        SSLEngine server =
                context.newHandler(ByteBufAllocator.DEFAULT, ClientHello.EMPTY).engine();
        return EngineHandshake.run(TestClient.trusting(client, CA).engine("api.example.com"), server);
    }

    private static void assertOutcome(EngineHandshake handshake, TlsRejection refused) {
        if (refused == null) {
            assertThat(handshake.serverFailure()).isNull();
            assertThat(handshake.clientFailure()).isNull();
        } else {
            assertThat(handshake.serverFailure()).isNotNull();
            assertThat(TlsRejection.of(handshake.serverFailure())).isEqualTo(refused);
            assertThat(handshake.clientFailure()).hasMessageContaining("alert");
        }
    }
}
