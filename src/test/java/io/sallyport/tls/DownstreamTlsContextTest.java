package io.sallyport.tls;

import static io.sallyport.tls.DownstreamTlsSpec.Mode.ISTIO_MUTUAL;
import static io.sallyport.tls.DownstreamTlsSpec.Mode.MUTUAL;
import static io.sallyport.tls.DownstreamTlsSpec.Mode.OPTIONAL_MUTUAL;
import static io.sallyport.tls.DownstreamTlsSpec.Mode.SIMPLE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.sallyport.identity.Credential;
import io.sallyport.identity.CredentialException;
import io.sallyport.identity.EngineHandshake;
import io.sallyport.identity.Pem;
import io.sallyport.identity.TestClient;
import io.sallyport.testing.Issued;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TestKeys;
import io.sallyport.testing.TlsSpecs;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class DownstreamTlsContextTest {
    private static final String TRUST_STORE = "javax.net.ssl.trustStore";
    private static final TestCertificates CA = TestCertificates.authority("ca");
    private static final Issued ECDSA = CA.leaf("ecdsa").dns("api.example.com").issue();
    private static final TestCertificates RSA_CA = TestCertificates.rsaAuthority("rsa ca");
    private static final Issued RSA =
            RSA_CA.leaf("rsa").dns("api.example.com").rsa().issue();

    /// To read those of the system was a tenth of a native start.
    @Test
    void aServerThatAsksForNoCertificateNeedsNoAuthorities(@TempDir Path directory) throws Exception {
        Path broken = Files.writeString(directory.resolve("cacerts"), "no key store");
        String before = System.setProperty(TRUST_STORE, broken.toString());
        try {
            context(List.of(ECDSA.credential()), null, null, List.of(), List.of());
        } finally {
            if (before == null) {
                System.clearProperty(TRUST_STORE);
            } else {
                System.setProperty(TRUST_STORE, before);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        // what the client can do: signature algorithms, protocol, cipher suite -> the certificate it gets
        "'', TLSv1.3, , ecdsa",
        "'', TLSv1.2, , ecdsa",
        "'', TLSv1.2, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, rsa",
        "'rsa_pss_rsae_sha256,rsa_pkcs1_sha256', TLSv1.3, , rsa",
        "'rsa_pss_rsae_sha256,rsa_pkcs1_sha256', TLSv1.2, , rsa",
        "'rsa_pss_rsae_sha256,rsa_pkcs1_sha256,ecdsa_secp256r1_sha256', TLSv1.3, , ecdsa",
        "'rsa_pss_rsae_sha256,rsa_pkcs1_sha256,ecdsa_secp384r1_sha384', TLSv1.3, , rsa",
    })
    void prefersEcdsaWhereTheClientCanVerifyIt(String schemes, String protocol, String suite, String chosen)
            throws Exception {
        for (List<Credential> order :
                List.of(List.of(RSA.credential(), ECDSA.credential()), List.of(ECDSA.credential(), RSA.credential()))) {
            for (List<String> alpn : List.of(List.of("h2"), List.<String>of())) {
                SSLEngine client = client(alpn.toArray(String[]::new));
                SSLParameters parameters = client.getSSLParameters();
                parameters.setProtocols(new String[] {protocol});
                if (!schemes.isEmpty()) {
                    parameters.setSignatureSchemes(schemes.split(","));
                }
                if (suite != null) {
                    parameters.setCipherSuites(new String[] {suite});
                }
                client.setSSLParameters(parameters);
                DownstreamTlsContext context = context(order, null, null, List.of(), alpn);
                EngineHandshake handshake = EngineHandshake.run(client, server(context, parameters));
                assertThat(handshake.clientFailure()).isNull();
                assertThat(client.getSession().getPeerPrincipal()).hasToString("CN=" + chosen);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        // what the server offers -> the certificate that a client gets, which can do everything
        "TLS_1_2, ECDHE-RSA-AES128-GCM-SHA256, rsa",
        "TLS_1_2, ECDHE-ECDSA-AES128-GCM-SHA256, ecdsa",
        "TLS_1_3, ECDHE-RSA-AES128-GCM-SHA256, ecdsa",
    })
    void choosesByWhatItOffersItself(TlsVersion max, String suite, String chosen) throws Exception {
        for (List<String> alpn : List.of(List.of("h2"), List.<String>of())) {
            List<Credential> both = List.of(RSA.credential(), ECDSA.credential());
            DownstreamTlsContext context = context(both, null, max, List.of(suite), alpn);
            SSLEngine client = client(alpn.toArray(String[]::new));
            EngineHandshake handshake = EngineHandshake.run(client, server(context, client.getSSLParameters()));
            assertThat(handshake.clientFailure()).isNull();
            assertThat(client.getSession().getPeerPrincipal()).hasToString("CN=" + chosen);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "TLS_1_2, TLS_1_3, 'TLSv1.2', true",
        "TLS_1_3, TLS_1_3, 'TLSv1.2', false",
        "TLS_1_3, , 'TLSv1.2', false",
        ", TLS_1_2, 'TLSv1.3', false",
        ", TLS_1_2, 'TLSv1.2', true",
        ", , 'TLSv1.3', true",
    })
    void keepsToItsVersions(TlsVersion min, TlsVersion max, String offered, boolean agreed) throws Exception {
        SSLEngine client = client();
        client.setEnabledProtocols(new String[] {offered});
        EngineHandshake handshake = EngineHandshake.run(
                client, server(context(List.of(ECDSA.credential()), min, max, List.of(), List.of())));
        assertThat(handshake.succeeded()).isEqualTo(agreed);
        if (!agreed) {
            assertThat(handshake.clientFailure()).hasMessageContaining("protocol_version");
        }
    }

    @Test
    void keepsToItsCipherSuites() throws Exception {
        DownstreamTlsContext context = context(
                List.of(ECDSA.credential()),
                null,
                TlsVersion.TLS_1_2,
                List.of("ECDHE-ECDSA-AES256-GCM-SHA384"),
                List.of());
        SSLEngine client = client();
        assertThat(EngineHandshake.run(client, server(context)).succeeded()).isTrue();
        assertThat(client.getSession().getCipherSuite()).isEqualTo("TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384");
        SSLEngine other = client();
        other.setEnabledCipherSuites(new String[] {"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"});
        assertThat(EngineHandshake.run(other, server(context)).clientFailure())
                .hasMessageContaining("handshake_failure");
    }

    @ParameterizedTest
    @CsvSource({
        "'h2,http/1.1', 'h2,http/1.1', h2",
        "'h2,http/1.1', 'http/1.1,h2', h2",
        "'h2,http/1.1', http/1.1, http/1.1",
        "http/1.1, 'h2,http/1.1', http/1.1",
        "'h2,http/1.1', '', ''",
        "'', 'h2', ''",
    })
    void agreesOnAProtocolByItsOwnPreference(String served, String offered, String agreed) throws Exception {
        SSLEngine client = client(split(offered));
        EngineHandshake handshake = EngineHandshake.run(
                client, server(context(List.of(ECDSA.credential()), null, null, List.of(), List.of(split(served)))));
        assertThat(handshake.serverFailure()).isNull();
        assertThat(client.getApplicationProtocol()).isEqualTo(agreed);
    }

    @ParameterizedTest
    @ValueSource(strings = {"outbound_.80_._.billing.shop.svc.cluster.local", "-a-.b", "a..b", "\0", " ", "é"})
    void aNameThatIsNoHostNameIsNoReasonToFail(String sni) throws Exception {
        SSLEngine client = client();
        SSLParameters parameters = client.getSSLParameters();
        parameters.setServerNames(List.of(new SNIServerName(0, sni.getBytes(StandardCharsets.UTF_8)) {}));
        client.setSSLParameters(parameters);
        SSLEngine server = server(context(List.of(ECDSA.credential()), null, null, List.of(), List.of()));
        assertThat(EngineHandshake.run(client, server).serverFailure()).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "'spdy/3,foo', 'h2,http/1.1', false",
        "'spdy/3,http/1.1', 'h2,http/1.1', true",
        "'', 'h2,http/1.1', true",
        "'spdy/3', '', true",
    })
    void speaksWhatOneOfBothListsHasOrWhereOneSaysNothing(String offered, String served, boolean expected)
            throws Exception {
        DownstreamTlsContext context =
                context(List.of(ECDSA.credential()), null, null, List.of(), List.of(split(served)));
        assertThat(context.speaksOneOf(List.of(split(offered)))).isEqualTo(expected);
    }

    @Test
    void boringSslServesRequestsAndTheJdkWhatNeedsIt() throws Exception {
        assumeThat(OpenSsl.isAvailable()).isTrue();
        List<Credential> one = List.of(ECDSA.credential());
        List<Credential> both = List.of(RSA.credential(), ECDSA.credential());
        assertThat(server(context(one, null, null, List.of(), List.of("h2"))))
                .isInstanceOf(ReferenceCountedOpenSslEngine.class);
        for (String scheme : List.of("rsa_pss_rsae_sha256", "ecdsa_secp256r1_sha256")) {
            SSLParameters parameters = client().getSSLParameters();
            parameters.setSignatureSchemes(new String[] {scheme});
            assertThat(server(context(both, null, null, List.of(), List.of("h2")), parameters))
                    .isInstanceOf(ReferenceCountedOpenSslEngine.class);
        }
        assertThat(server(context(one, null, null, List.of(), List.of())))
                .isNotInstanceOf(ReferenceCountedOpenSslEngine.class);
    }

    @ParameterizedTest
    @CsvSource({
        "RSA, TLSv1.2",
        "RSA, TLSv1.3",
        "secp256r1, TLSv1.2",
        "secp256r1, TLSv1.3",
        "secp384r1, TLSv1.2",
        "secp384r1, TLSv1.3",
        "secp521r1, TLSv1.3",
        "Ed25519, TLSv1.3",
    })
    void aClientGetsTheWholeChainFromEitherEngine(String key, String protocol) throws Exception {
        TestCertificates issuer = RSA_CA.intermediate("second").intermediate("third");
        Issued issued = issuer.leaf("leaf")
                .dns("api.example.com")
                .key(
                        switch (key) {
                            case "RSA" -> TestKeys.rsa();
                            case "Ed25519" -> TestKeys.ed25519();
                            default -> TestKeys.ecdsa(key);
                        })
                .issue();
        assertThat(issued.chain()).hasSize(3);
        for (List<String> alpn : List.of(List.of("h2"), List.<String>of())) {
            DownstreamTlsContext context = context(List.of(issued.credential()), null, null, List.of(), alpn);
            // More than one connection has the same key.
            for (int i = 0; i < 3; i++) {
                SSLEngine client = client(alpn.toArray(String[]::new));
                client.setEnabledProtocols(new String[] {protocol});
                assertThat(EngineHandshake.run(client, server(context)).succeeded())
                        .isTrue();
                assertThat(client.getSession().getPeerCertificates()).containsExactlyElementsOf(issued.chain());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aClientThatCannotVerifyTheOnlyKeyIsRefused(String protocol) throws Exception {
        for (List<String> alpn : List.of(List.of("h2"), List.<String>of())) {
            SSLEngine client = client(alpn.toArray(String[]::new));
            SSLParameters parameters = client.getSSLParameters();
            parameters.setProtocols(new String[] {protocol});
            parameters.setSignatureSchemes(new String[] {"rsa_pss_rsae_sha256", "rsa_pkcs1_sha256"});
            client.setSSLParameters(parameters);
            EngineHandshake handshake = EngineHandshake.run(
                    client, server(context(List.of(ECDSA.credential()), null, null, List.of(), alpn)));
            assertThat(handshake.succeeded()).isFalse();
        }
    }

    /// A certificate with another's key.
    @Test
    void whatBoringSslCannotUseIsTheJdks() throws Exception {
        assumeThat(OpenSsl.isAvailable()).isTrue();
        Credential mixed = new Credential(ECDSA.chain(), RSA.key());
        assertThat(server(context(List.of(mixed), null, null, List.of(), List.of("h2"))))
                .isNotInstanceOf(ReferenceCountedOpenSslEngine.class);
    }

    @Test
    void equalSpecsMakeEqualContexts() throws Exception {
        List<Credential> credentials = List.of(ECDSA.credential());
        DownstreamTlsContext one = context(credentials, null, null, List.of(), List.of("h2"));
        Credential sameFromFiles = Credential.of(
                Pem.certificates(ECDSA.chainPem(), "tls.crt"), Pem.privateKey(ECDSA.keyPem(), "tls.key"), "tls");
        assertThat(context(List.of(sameFromFiles), null, null, List.of(), List.of("h2")))
                .isEqualTo(one)
                .hasSameHashCodeAs(one);
        assertThat(context(credentials, null, null, List.of(), List.of())).isNotEqualTo(one);
        assertThat(context(List.of(RSA.credential()), null, null, List.of(), List.of("h2")))
                .isNotEqualTo(one);
    }

    @Test
    void coversTheNamesOfAnyOfItsCertificates() throws Exception {
        Issued other = CA.leaf("other").dns("*.example.org").rsa().issue();
        DownstreamTlsContext context =
                context(List.of(ECDSA.credential(), other.credential()), null, null, List.of(), List.of());
        assertThat(context.covers("api.example.com")).isTrue();
        assertThat(context.covers("a.example.org")).isTrue();
        assertThat(context.covers("a.example.com")).isFalse();
    }

    @ParameterizedTest
    @EnumSource(names = {"MUTUAL", "OPTIONAL_MUTUAL", "ISTIO_MUTUAL"})
    void withoutAnAuthorityNoModeThatVerifiesClientsStarts(DownstreamTlsSpec.Mode mode) {
        DownstreamTlsSpec spec = TlsSpecs.downstream(mode, ECDSA.credential(), null, "cluster.local", List.of());
        assertThatThrownBy(() -> DownstreamTlsContext.of(spec))
                .isInstanceOf(CredentialException.class)
                .hasMessageContaining("mode " + mode + " needs an authority");
    }

    @Test
    void saysWhatIsWrongWithASpec() {
        assertThat(List.of(SIMPLE, MUTUAL, OPTIONAL_MUTUAL, ISTIO_MUTUAL))
                .allSatisfy(mode -> assertThatThrownBy(() -> DownstreamTlsContext.of(new DownstreamTlsSpec(
                                mode,
                                List.of(),
                                ECDSA.trust(),
                                List.of("td"),
                                List.of(),
                                List.of(),
                                List.of(),
                                false,
                                null,
                                null,
                                List.of(),
                                List.of())))
                        .hasMessageContaining("needs a certificate"));
        assertThatThrownBy(() -> context(
                        List.of(ECDSA.credential()), TlsVersion.TLS_1_3, TlsVersion.TLS_1_2, List.of(), List.of()))
                .hasMessageContaining("TLS_1_3 is above maxProtocolVersion TLS_1_2");
        assertThatThrownBy(() -> context(List.of(ECDSA.credential()), null, null, List.of("RC4"), List.of()))
                .hasMessageContaining("cipherSuites: names no suite that can be offered");
        assertThatThrownBy(() -> DownstreamTlsContext.of(
                        TlsSpecs.downstream(ISTIO_MUTUAL, ECDSA.credential(), ECDSA.trust(), "", List.of())))
                .hasMessageContaining("trust domains []");
        assertThatThrownBy(() -> pinned(List.of("c2hvcnQ="), List.of()))
                .hasMessageContaining("verifyCertificateSpki 'c2hvcnQ='");
        assertThatThrownBy(() -> pinned(List.of(), List.of("abc"))).hasMessageContaining("verifyCertificateHash 'abc'");
    }

    private static void pinned(List<String> spki, List<String> hashes) throws CredentialException {
        DownstreamTlsContext.of(new DownstreamTlsSpec(
                MUTUAL,
                List.of(ECDSA.credential()),
                ECDSA.trust(),
                List.of(),
                List.of(),
                spki,
                hashes,
                false,
                null,
                null,
                List.of(),
                List.of()));
    }

    private static DownstreamTlsContext context(
            List<Credential> credentials, TlsVersion min, TlsVersion max, List<String> suites, List<String> alpn)
            throws CredentialException {
        return DownstreamTlsContext.of(new DownstreamTlsSpec(
                SIMPLE, credentials, null, List.of(), List.of(), List.of(), List.of(), false, min, max, suites, alpn));
    }

    private static SSLEngine client(String... alpn) {
        return TestClient.trusting(null, CA, RSA_CA).engine("api.example.com", alpn);
    }

    private static SSLEngine server(DownstreamTlsContext context) {
        return context.newHandler(ByteBufAllocator.DEFAULT, ClientHello.EMPTY).engine();
    }

    /// For a client with these parameters.
    private static SSLEngine server(DownstreamTlsContext context, SSLParameters client) throws SSLException {
        SSLEngine asking = client();
        asking.setSSLParameters(client);
        asking.beginHandshake();
        ByteBuffer first = ByteBuffer.allocate(asking.getSession().getPacketBufferSize());
        asking.wrap(ByteBuffer.allocate(0), first);
        ClientHelloReader reader = new ClientHelloReader();
        reader.read(Unpooled.wrappedBuffer(first.flip()));
        return context.newHandler(ByteBufAllocator.DEFAULT, reader.hello()).engine();
    }

    private static String[] split(String list) {
        return list.isEmpty() ? new String[0] : list.split(",");
    }
}
