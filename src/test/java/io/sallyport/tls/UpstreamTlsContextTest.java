package io.sallyport.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslHandler;
import io.sallyport.identity.EngineHandshake;
import io.sallyport.identity.PeerIdentity;
import io.sallyport.identity.SentServerName;
import io.sallyport.identity.TlsRejection;
import io.sallyport.identity.TrustBundle;
import io.sallyport.testing.Issued;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TestLeaf;
import io.sallyport.testing.TlsClients;
import io.sallyport.testing.TlsSpecs;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Which endpoints are believed, and what they are shown.
class UpstreamTlsContextTest {
    private static final TestCertificates CA = TestCertificates.authority("ca");
    private static final Issued GATEWAY =
            CA.leaf("gw").uri("spiffe://cluster.local/ns/edge/sa/gw").issue();
    private static final String BILLING = "spiffe://cluster.local/ns/shop/sa/billing";
    private static final UpstreamTlsSpec SIMPLE = TlsSpecs.upstream(GATEWAY.trust());
    private static final UpstreamTlsSpec MESH =
            TlsSpecs.istioMutual(GATEWAY.credential(), GATEWAY.trust(), "outbound_.80_._.billing", "cluster.local");

    private record Case(String story, UpstreamTlsSpec spec, String host, Issued server, TlsRejection refused) {
        @Override
        public String toString() {
            return spec.mode() + ", " + story + " -> " + (refused == null ? "believed" : refused);
        }
    }

    static Stream<Case> cases() {
        Issued api = leaf(leaf -> leaf.dns("api.example.com").serverUse());
        UpstreamTlsSpec names = names(List.of("a.example.com", BILLING));
        UpstreamTlsSpec meshNames = new UpstreamTlsSpec(
                UpstreamTlsSpec.Mode.ISTIO_MUTUAL,
                GATEWAY.credential(),
                GATEWAY.trust(),
                null,
                List.of(BILLING),
                false,
                List.of("cluster.local"));
        return Stream.of(
                new Case("the host's certificate", SIMPLE, "api.example.com", api, null),
                new Case("a wildcard of it", SIMPLE, "api.example.com", leaf(leaf -> leaf.dns("*.example.com")), null),
                new Case(
                        "one behind an intermediate",
                        SIMPLE,
                        "a.b.c",
                        CA.intermediate("m").leaf("x").dns("a.b.c").issue(),
                        null),
                new Case(
                        "another host's",
                        SIMPLE,
                        "api.example.com",
                        leaf(leaf -> leaf.dns("api.example.org")),
                        TlsRejection.WRONG_IDENTITY),
                new Case(
                        "its name only as common name",
                        SIMPLE,
                        "api.example.com",
                        CA.leaf("api.example.com").issue(),
                        TlsRejection.WRONG_IDENTITY),
                new Case("an address", SIMPLE, "10.0.0.1", leaf(leaf -> leaf.ip("10.0.0.1")), null),
                new Case(
                        "another address",
                        SIMPLE,
                        "10.0.0.1",
                        leaf(leaf -> leaf.ip("10.0.0.2")),
                        TlsRejection.WRONG_IDENTITY),
                new Case(
                        "an address as DNS name",
                        SIMPLE,
                        "10.0.0.1",
                        leaf(leaf -> leaf.dns("10.0.0.1")),
                        TlsRejection.WRONG_IDENTITY),
                new Case(
                        "expired",
                        SIMPLE,
                        "api.example.com",
                        leaf(leaf -> leaf.dns("api.example.com").expired()),
                        TlsRejection.EXPIRED),
                new Case(
                        "not valid yet",
                        SIMPLE,
                        "api.example.com",
                        leaf(leaf -> leaf.dns("api.example.com").notYetValid()),
                        TlsRejection.NOT_YET_VALID),
                new Case(
                        "another authority's",
                        SIMPLE,
                        "api.example.com",
                        TestCertificates.authority("ca")
                                .leaf("x")
                                .dns("api.example.com")
                                .issue(),
                        TlsRejection.UNTRUSTED),
                new Case(
                        "for clients only",
                        SIMPLE,
                        "api.example.com",
                        leaf(leaf -> leaf.dns("api.example.com").clientUse()),
                        TlsRejection.WRONG_USAGE),
                new Case(
                        "public roots do not know it",
                        TlsSpecs.upstream(null),
                        "api.example.com",
                        api,
                        TlsRejection.UNTRUSTED),
                new Case("sni is the expected name", sni("api.example.com"), "10.0.0.1", api, null),
                new Case(
                        "sni is the only expected name",
                        sni("other.example.com"),
                        "api.example.com",
                        api,
                        TlsRejection.WRONG_IDENTITY),
                new Case("a listed DNS name", names, "api.example.com", leaf(leaf -> leaf.dns("a.example.com")), null),
                new Case("a listed URI", names, "api.example.com", leaf(leaf -> leaf.uri(BILLING)), null),
                new Case(
                        "none that is listed, but the host",
                        names,
                        "api.example.com",
                        api,
                        TlsRejection.WRONG_IDENTITY),
                new Case("an identity of the trust domain", MESH, "10.0.0.1", leaf(leaf -> leaf.uri(BILLING)), null),
                new Case(
                        "another trust domain",
                        MESH,
                        "10.0.0.1",
                        leaf(leaf -> leaf.uri("spiffe://other/ns/shop/sa/billing")),
                        TlsRejection.WRONG_IDENTITY),
                new Case(
                        "two identities",
                        MESH,
                        "10.0.0.1",
                        leaf(leaf -> leaf.uri(BILLING, BILLING + "2")),
                        TlsRejection.WRONG_IDENTITY),
                new Case(
                        "no identity but the right name",
                        MESH,
                        "billing",
                        leaf(leaf -> leaf.dns("billing", "outbound_.80_._.billing")),
                        TlsRejection.WRONG_IDENTITY),
                new Case(
                        "a signing authority",
                        MESH,
                        "10.0.0.1",
                        leaf(leaf -> leaf.uri(BILLING).asAuthority()),
                        TlsRejection.WRONG_USAGE),
                new Case(
                        "an identity that may sign certificates",
                        MESH,
                        "10.0.0.1",
                        leaf(leaf -> leaf.uri(BILLING).keyUsage(KeyUsage.digitalSignature | KeyUsage.keyCertSign)),
                        TlsRejection.WRONG_USAGE),
                new Case(
                        "an identity that may sign revocation lists",
                        MESH,
                        "10.0.0.1",
                        leaf(leaf -> leaf.uri(BILLING).keyUsage(KeyUsage.digitalSignature | KeyUsage.cRLSign)),
                        TlsRejection.WRONG_USAGE),
                new Case(
                        "an authority with a listed URI",
                        names,
                        "api.example.com",
                        leaf(leaf -> leaf.uri(BILLING).asAuthority()),
                        TlsRejection.WRONG_USAGE),
                new Case("the listed identity", meshNames, "10.0.0.1", leaf(leaf -> leaf.uri(BILLING)), null),
                new Case(
                        "another than the listed",
                        meshNames,
                        "10.0.0.1",
                        leaf(leaf -> leaf.uri(BILLING + "2")),
                        TlsRejection.WRONG_IDENTITY),
                new Case(
                        "anything, unverified",
                        insecure(),
                        "api.example.com",
                        TestCertificates.authority("x").leaf("x").expired().issue(),
                        null));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void believesOrRefuses(Case it) throws Exception {
        SslHandler handler =
                UpstreamTlsContext.of(it.spec).newHandler(ByteBufAllocator.DEFAULT, it.host, 443, List.of());
        EngineHandshake handshake = EngineHandshake.run(handler.engine(), server(it.server, false));
        if (it.refused == null) {
            assertThat(handshake.clientFailure()).isNull();
            assertThat(handshake.serverFailure()).isNull();
        } else {
            assertThat(handshake.clientFailure()).isNotNull();
            assertThat(TlsRejection.of(handshake.clientFailure())).isEqualTo(it.refused);
            assertThat(handshake.serverFailure()).isNotNull();
        }
    }

    @Test
    void aSelfSignedCertificateThatIsItselfTheBundleIsBelievedWhileItIsValid() throws Exception {
        Issued self = TestCertificates.authority("api.example.com").issued();
        UpstreamTlsSpec spec = names(self.trust(), List.of());
        SslHandler handler =
                UpstreamTlsContext.of(spec).newHandler(ByteBufAllocator.DEFAULT, "api.example.com", 443, List.of());
        EngineHandshake handshake = EngineHandshake.run(handler.engine(), server(self, false));
        // Trusted, yet it has no subject alternative name.
        assertThat(TlsRejection.of(handshake.clientFailure())).isEqualTo(TlsRejection.WRONG_IDENTITY);
    }

    @Test
    void aRevokedEndpointIsRefused() throws Exception {
        Issued revoked = leaf(leaf -> leaf.dns("api.example.com"));
        UpstreamTlsSpec spec = TlsSpecs.upstream(new TrustBundle(List.of(CA.certificate()), List.of(CA.crl(revoked))));
        UpstreamTlsContext context = UpstreamTlsContext.of(spec);
        for (Issued server : List.of(revoked, leaf(leaf -> leaf.dns("api.example.com")))) {
            SSLEngine client = context.newHandler(ByteBufAllocator.DEFAULT, "api.example.com", 443, List.of())
                    .engine();
            EngineHandshake handshake = EngineHandshake.run(client, server(server, false));
            assertThat(handshake.succeeded()).isEqualTo(server != revoked);
            if (server == revoked) {
                assertThat(TlsRejection.of(handshake.clientFailure()).upstreamDetails())
                        .isEqualTo("upstream_tls_revoked");
            }
        }
    }

    @Test
    void showsTheGatewaysIdentityAndMeshNamesWithinTheMesh() throws Exception {
        SSLEngine server = server(leaf(leaf -> leaf.uri(BILLING)), true, "istio-http/1.1", "http/1.1");
        SslHandler handler = UpstreamTlsContext.of(MESH)
                .newHandler(ByteBufAllocator.DEFAULT, "10.0.0.1", 80, List.of("h2", "http/1.1"));
        assertThat(EngineHandshake.run(handler.engine(), server).succeeded()).isTrue();
        assertThat(PeerIdentity.of(server.getSession()).spiffe()).hasToString("spiffe://cluster.local/ns/edge/sa/gw");
        assertThat(handler.applicationProtocol()).isEqualTo("istio-http/1.1");
        assertThat(MeshAlpn.plain(handler.applicationProtocol())).isEqualTo("http/1.1");
    }

    @ParameterizedTest
    @CsvSource({
        "api.example.com, '', api.example.com",
        "api.example.com, other.example.com, other.example.com",
        "10.0.0.1, '',",
        "::1, '',",
        "10.0.0.1, outbound_.80_._.billing, outbound_.80_._.billing",
        "10.0.0.1, api.example.com, api.example.com",
    })
    void sendsANameButNeverAnAddress(String host, String sni, String sent) throws Exception {
        UpstreamTlsSpec spec = new UpstreamTlsSpec(
                UpstreamTlsSpec.Mode.SIMPLE, null, null, sni.isEmpty() ? null : sni, List.of(), true, List.of());
        SslHandler handler = UpstreamTlsContext.of(spec).newHandler(ByteBufAllocator.DEFAULT, host, 443, List.of());
        assertThat(SentServerName.of(handler.engine())).isEqualTo(sent);
    }

    @Test
    void saysWhatASpecLacks() {
        assertThatThrownBy(() -> UpstreamTlsContext.of(new UpstreamTlsSpec(
                        UpstreamTlsSpec.Mode.MUTUAL, null, null, null, List.of(), false, List.of())))
                .hasMessageContaining("mode MUTUAL needs a client certificate");
        assertThatThrownBy(() -> UpstreamTlsContext.of(new UpstreamTlsSpec(
                        UpstreamTlsSpec.Mode.ISTIO_MUTUAL,
                        GATEWAY.credential(),
                        null,
                        null,
                        List.of(),
                        false,
                        List.of("cluster.local"))))
                .hasMessageContaining("needs the mesh's root certificate");
    }

    private static UpstreamTlsSpec names(List<String> names) {
        return names(GATEWAY.trust(), names);
    }

    private static UpstreamTlsSpec names(TrustBundle trust, List<String> names) {
        return new UpstreamTlsSpec(UpstreamTlsSpec.Mode.SIMPLE, null, trust, null, names, false, List.of());
    }

    private static UpstreamTlsSpec sni(String sni) {
        return new UpstreamTlsSpec(
                UpstreamTlsSpec.Mode.SIMPLE, null, GATEWAY.trust(), sni, List.of(), false, List.of());
    }

    private static UpstreamTlsSpec insecure() {
        return new UpstreamTlsSpec(UpstreamTlsSpec.Mode.SIMPLE, null, null, null, List.of(), true, List.of());
    }

    private static Issued leaf(UnaryOperator<TestLeaf> with) {
        return with.apply(CA.leaf("endpoint")).issue();
    }

    /// A plain JDK server.
    private static SSLEngine server(Issued issued, boolean askForClient, String... alpn) throws Exception {
        SSLEngine engine = TlsClients.of(issued, CA).createSSLEngine();
        engine.setUseClientMode(false);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setNeedClientAuth(askForClient);
        parameters.setApplicationProtocols(alpn);
        engine.setSSLParameters(parameters);
        return engine;
    }
}
