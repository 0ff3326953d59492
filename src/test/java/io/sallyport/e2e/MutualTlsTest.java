package io.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.reload.Reloader;
import io.sallyport.testing.GatewayBuilder;
import io.sallyport.testing.Issued;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Who may connect, who is connected to, and what is said of it.
class MutualTlsTest {
    private static final String GET =
            "GET / HTTP/1.1\r\nHost: a.example\r\nX-Forwarded-Client-Cert: URI=spiffe://forged\r\n\r\n";

    private final TestCertificates authority = TestCertificates.authority("test root");
    private final Issued server = authority.leaf("a").dns("a.example").issue();
    private final Issued client = authority
            .leaf("client")
            .uri("spiffe://cluster.local/ns/web/sa/shop")
            .clientUse()
            .issue();
    private final Issued stranger = TestCertificates.authority("other root")
            .leaf("client")
            .uri("spiffe://cluster.local/ns/web/sa/shop")
            .clientUse()
            .issue();

    @TempDir
    Path directory;

    private Path svid;

    @BeforeEach
    void writeSvid() throws IOException {
        svid = directory.resolve("identity");
        authority
                .leaf("gateway")
                .uri("spiffe://cluster.local/ns/edge/sa/gateway")
                .issue()
                .writeSecret(svid);
        Files.writeString(svid.resolve("ca.crt"), authority.pem());
    }

    private String gatewayYaml(String mode, String more) {
        return Yaml.gateway("port: {number: 443, name: https, protocol: HTTPS}, hosts: [a.example], tls: {mode: %s%s}"
                .formatted(mode, more));
    }

    private TestGateway start(String mode, String more, RawUpstream upstream) throws IOException {
        GatewayBuilder builder = TestGateway.builder().identity(svid).secret("a", server);
        return builder.start(gatewayYaml(mode, more)
                + Yaml.service("up.internal", upstream.port())
                + Yaml.forwardAll("a.example", "up.internal"));
    }

    private SSLSocket connect(int port, Issued identity) throws Exception {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        store.setCertificateEntry("root", authority.certificate());
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        KeyManager[] keys = identity == null ? null : identity.keyManagers().getKeyManagers();
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys, trust.getTrustManagers(), null);
        SSLSocket socket = (SSLSocket) context.getSocketFactory()
                .createSocket(new Socket(InetAddress.getLoopbackAddress(), port), "a.example", port, true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setServerNames(List.of(new SNIHostName("a.example")));
        socket.setSSLParameters(parameters);
        return socket;
    }

    private String ask(TestGateway gateway, Issued identity) throws Exception {
        try (RawClient raw = new RawClient(connect(gateway.port(443), identity))) {
            return raw.send(GET).readResponse();
        } catch (IOException refused) {
            return "refused";
        }
    }

    /// Where a header is set by an operator, a client that has no certificate cannot fill it in.
    @Test
    void operatorsInHeadersSayWhoTheClientIs() throws Exception {
        String values = """
                - headers:
                    request:
                      set:
                        x-who: "%DOWNSTREAM_PEER_URI_SAN%"
                        x-tls: "%DOWNSTREAM_TLS_VERSION% %REQUESTED_SERVER_NAME%"
                        x-peer: "%DOWNSTREAM_PEER_SUBJECT% %DOWNSTREAM_PEER_FINGERPRINT_256%"
                        x-until: "%DOWNSTREAM_PEER_CERT_V_END(%Y)%"
                  route: [{destination: {host: up.internal}}]
                """;
        try (RawUpstream upstream = RawUpstream.ok("ok");
                TestGateway gateway = TestGateway.builder()
                        .identity(svid)
                        .secret("a", server)
                        .start(gatewayYaml("OPTIONAL_MUTUAL", ", credentialName: a")
                                + Yaml.service("up.internal", upstream.port())
                                + Yaml.virtualService("a.example", values))) {
            String forging = GET.replace("\r\n\r\n", "\r\nX-Who: forged\r\nX-Peer: forged\r\nX-Until: 1\r\n\r\n");
            for (Issued each : new Issued[] {client, null}) {
                try (RawClient raw = new RawClient(connect(gateway.port(443), each))) {
                    assertThat(raw.send(forging).readResponse()).endsWith("ok");
                }
                String all = upstream.received();
                String received = all.substring(all.lastIndexOf("GET / "));
                assertThat(received).contains("x-tls: TLSv1.3 a.example\r\n").doesNotContain("forged");
                if (each == null) {
                    assertThat(received.toLowerCase(Locale.ROOT)).doesNotContain("x-who:", "x-peer:", "x-until:");
                } else {
                    String fingerprint = HexFormat.of()
                            .formatHex(MessageDigest.getInstance("SHA-256")
                                    .digest(client.certificate().getEncoded()));
                    assertThat(received)
                            .contains("x-who: spiffe://cluster.local/ns/web/sa/shop\r\n")
                            .contains("x-peer: CN=client " + fingerprint + "\r\n")
                            .containsPattern("x-until: 20\\d\\d\r\n");
                }
            }
        }
    }

    @Test
    void mutualAdmitsOnlyVerifiedClientsAndSaysWhoTheyAre() throws Exception {
        try (RawUpstream upstream = RawUpstream.ok("ok");
                TestGateway gateway = start("MUTUAL", ", credentialName: a", upstream)) {
            assertThat(ask(gateway, null)).isEqualTo("refused");
            assertThat(ask(gateway, stranger)).isEqualTo("refused");
            assertThat(ask(gateway, client)).endsWith("ok");

            assertThat(upstream.received())
                    .contains("x-forwarded-client-cert: Hash=", "URI=spiffe://cluster.local/ns/web/sa/shop")
                    .doesNotContain("forged");
        }
    }

    @Test
    void optionalMutualAdmitsAClientWithoutACertificateToo() throws Exception {
        try (RawUpstream upstream = RawUpstream.ok("ok");
                TestGateway gateway = start("OPTIONAL_MUTUAL", ", credentialName: a", upstream)) {
            assertThat(ask(gateway, null)).endsWith("ok");
            assertThat(upstream.received()).doesNotContain("x-forwarded-client-cert");
            assertThat(ask(gateway, client)).endsWith("ok");
            assertThat(upstream.received()).contains("x-forwarded-client-cert: Hash=");
        }
    }

    @Test
    void simpleDropsAForgedClientCertificateHeader() throws Exception {
        try (RawUpstream upstream = RawUpstream.ok("ok");
                TestGateway gateway = start("SIMPLE", ", credentialName: a", upstream)) {
            assertThat(ask(gateway, null)).endsWith("ok");
            assertThat(upstream.received()).doesNotContain("x-forwarded-client-cert", "forged");
        }
    }

    @Test
    void istioMutualWantsAnIdentityOfTheTrustDomain() throws Exception {
        Issued foreign = authority
                .leaf("x")
                .uri("spiffe://other.domain/ns/web/sa/shop")
                .clientUse()
                .issue();
        Issued nameless = authority.leaf("x").dns("web.example").clientUse().issue();
        try (RawUpstream upstream = RawUpstream.ok("ok");
                TestGateway gateway = start("ISTIO_MUTUAL", "", upstream)) {
            assertThat(askMesh(gateway, client)).endsWith("ok");
            assertThat(askMesh(gateway, foreign)).isEqualTo("refused");
            assertThat(askMesh(gateway, nameless)).isEqualTo("refused");
        }
    }

    /// While a mesh moves to another trust domain, its peers have identities of both.
    @Test
    void istioMutualTakesTheAliasesOfTheTrustDomain() throws Exception {
        Issued former = authority
                .leaf("x")
                .uri("spiffe://old-td/ns/web/sa/shop")
                .clientUse()
                .issue();
        Issued foreign = authority
                .leaf("x")
                .uri("spiffe://old-td.x/ns/web/sa/shop")
                .clientUse()
                .issue();
        Issued formerServer =
                authority.leaf("x").uri("spiffe://old-td/ns/prod/sa/pay").issue();
        String toMesh = "mode: ISTIO_MUTUAL, sni: a.example";
        try (RawUpstream upstream = RawUpstream.ok("ok");
                RawUpstream endpoint = RawUpstream.startTls(
                        formerServer, RawUpstream.sending("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"));
                TestGateway gateway = TestGateway.builder()
                        .identity(svid)
                        .trustDomainAliases("old-td")
                        .start(gatewayYaml("ISTIO_MUTUAL", "")
                                + Yaml.service("up.internal", upstream.port())
                                + Yaml.forwardAll("a.example", "up.internal"));
                TestGateway outbound = TestGateway.builder()
                        .identity(svid)
                        .trustDomainAliases("old-td")
                        .start(originating(endpoint.port(), toMesh));
                TestGateway strict = TestGateway.builder().identity(svid).start(originating(endpoint.port(), toMesh))) {
            assertThat(askMesh(gateway, client)).endsWith("ok");
            assertThat(askMesh(gateway, former)).endsWith("ok");
            assertThat(askMesh(gateway, foreign)).isEqualTo("refused");
            String get = "GET / HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n";
            assertThat(RawClient.exchange(outbound.port(80), get)).endsWith("ok");
            assertThat(RawClient.exchange(strict.port(80), get)).startsWith("HTTP/1.1 503 ");
        }
    }

    /// The gateway shows its SVID, which names no host: a mesh client checks its identity, not its name.
    private String askMesh(TestGateway gateway, Issued identity) throws Exception {
        try (SSLSocket socket = connect(gateway.port(443), identity)) {
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm(null);
            socket.setSSLParameters(parameters);
            return new RawClient(socket).send(GET).readResponse();
        } catch (IOException refused) {
            return "refused";
        }
    }

    private static String originating(int port, String tls) {
        return Yaml.httpGateway("*")
                + Yaml.service("api.example", port)
                + """
                apiVersion: networking.istio.io/v1
                kind: DestinationRule
                metadata: {name: api}
                spec:
                  host: api.example
                  trafficPolicy:
                    tls: {%s}
                ---
                """.formatted(tls)
                + Yaml.forwardAll("a.example", "api.example");
    }

    @Test
    void anEndpointMustProveTheNameThatIsExpected() throws Exception {
        try (RawUpstream plain = RawUpstream.ok("ok");
                TestGateway origin = start("SIMPLE", ", credentialName: a", plain)) {
            String ca = Files.writeString(directory.resolve("ca.pem"), authority.pem())
                    .toString();
            String right = "mode: SIMPLE, sni: a.example, caCertificates: " + ca;
            String wrong = "mode: SIMPLE, sni: a.example, subjectAltNames: [b.example], caCertificates: " + ca;
            try (TestGateway gateway = TestGateway.serving(originating(origin.port(443), right))) {
                assertThat(RawClient.exchange(
                                gateway.port(80), "GET / HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n"))
                        .startsWith("HTTP/1.1 200 ")
                        .endsWith("ok");
            }
            int before = plain.connectionCount();
            try (TestGateway gateway = TestGateway.serving(originating(origin.port(443), wrong))) {
                assertThat(RawClient.exchange(
                                gateway.port(80), "GET / HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n"))
                        .startsWith("HTTP/1.1 503 ");
                await().untilAsserted(() -> assertThat(gateway.facts())
                        .singleElement()
                        .satisfies(facts -> assertThat(facts.flag).hasToString("UF")));
                assertThat(plain.connectionCount()).as("no byte was sent").isEqualTo(before);
            }
        }
    }

    @Test
    void theGatewayShowsItsCertificateToAnEndpointThatAsks() throws Exception {
        try (RawUpstream plain = RawUpstream.ok("ok");
                TestGateway origin = start("MUTUAL", ", credentialName: a", plain)) {
            String ca = Files.writeString(directory.resolve("ca.pem"), authority.pem())
                    .toString();
            Path own = client.writeSecret(directory.resolve("own"));
            String tls = "mode: MUTUAL, sni: a.example, caCertificates: %s, clientCertificate: %s, privateKey: %s"
                    .formatted(ca, own.resolve("tls.crt"), own.resolve("tls.key"));
            try (TestGateway gateway = TestGateway.serving(originating(origin.port(443), tls))) {
                assertThat(RawClient.exchange(
                                gateway.port(80), "GET / HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n"))
                        .endsWith("ok");
                assertThat(plain.received()).contains("URI=spiffe://cluster.local/ns/web/sa/shop");
            }
        }
    }

    @Test
    void meshEndpointsAreSpokenToWithTheGatewaysIdentity() throws Exception {
        try (RawUpstream plain = RawUpstream.ok("ok");
                TestGateway sidecar = start("ISTIO_MUTUAL", "", plain);
                TestGateway gateway = TestGateway.builder()
                        .identity(svid)
                        .start(originating(sidecar.port(443), "mode: ISTIO_MUTUAL, sni: a.example"))) {
            String response = RawClient.exchange(
                    gateway.port(80), "GET / HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n");

            assertThat(response).endsWith("ok");
            assertThat(plain.received()).contains("URI=spiffe://cluster.local/ns/edge/sa/gateway");
        }
    }

    @Test
    void anIdentityThatIsMountedLaterIsTakenThen() throws Exception {
        Path later = svid.resolveSibling(svid.getFileName() + "-later");
        try (TestGateway gateway = TestGateway.builder().identity(later).start(Yaml.httpGateway("a.example"))) {
            Reloader.Outcome before = gateway.apply(originating(1, "mode: ISTIO_MUTUAL, sni: a.example"));
            assertThat(before.applied()).isTrue();
            assertThat(before.problems()).anyMatch(problem -> problem.toString().contains("mount it at " + later));

            Files.move(svid, later);
            assertThat(gateway.reload().applied()).isTrue();
        }
    }
}
