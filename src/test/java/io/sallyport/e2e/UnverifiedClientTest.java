package io.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.outcome.RequestFacts;
import io.sallyport.testing.Issued;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.TlsClients;
import io.sallyport.testing.Yaml;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.List;
import java.util.Locale;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// `insecureSkipVerify` of a Gateway's server: a client whose certificate cannot be verified comes in, and is nobody.
class UnverifiedClientTest {
    private static final String IDENTITY = "spiffe://cluster.local/ns/web/sa/shop";
    private static final TestCertificates AUTHORITY = TestCertificates.authority("test root");
    private static final TestCertificates OTHER = TestCertificates.authority("other root");
    private static final Issued SERVER = AUTHORITY.leaf("a").dns("a.example").issue();
    private static final Issued CLIENT =
            AUTHORITY.leaf("client").uri(IDENTITY).clientUse().issue();
    private static final Issued STRANGER =
            OTHER.leaf("client").uri(IDENTITY).clientUse().issue();

    /// Paths that only some may ask for.
    private static String only(String path, String source) {
        return """
                apiVersion: security.istio.io/v1
                kind: AuthorizationPolicy
                metadata: {name: only-%s}
                spec:
                  action: DENY
                  rules: [{from: [{source: {%s}}], to: [{operation: {paths: [/%s]}}]}]
                ---
                """.formatted(path, source, path);
    }

    private static String gateway(String mode, int upstream) {
        return Yaml.gateway("port: {number: 443, name: https, protocol: HTTPS}, hosts: [a.example],"
                        + " tls: {mode: %s, credentialName: a, insecureSkipVerify: true}".formatted(mode))
                + only("principal", "notPrincipals: [cluster.local/ns/web/sa/shop]")
                + only("anybody", "notPrincipals: [\"*\"]")
                + only("namespace", "notNamespaces: [web]")
                + only("account", "notServiceAccounts: [web/shop]")
                + only("domain", "notTrustDomains: [cluster.local]")
                + only("stranger", "principals: [\"*\"]")
                + Yaml.service("up.internal", upstream)
                + Yaml.virtualService("a.example", """
                        - headers: {request: {set: {x-who: "%DOWNSTREAM_PEER_URI_SAN%%DOWNSTREAM_PEER_SUBJECT%"}}}
                          route: [{destination: {host: up.internal}}]
                        """);
    }

    private static String ask(SSLContext client, int port, String protocol, String path) throws IOException {
        SSLSocket socket = (SSLSocket) client.getSocketFactory()
                .createSocket(new Socket(InetAddress.getLoopbackAddress(), port), "a.example", port, true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setServerNames(List.of(new SNIHostName("a.example")));
        parameters.setProtocols(new String[] {protocol});
        socket.setSSLParameters(parameters);
        try (RawClient raw = new RawClient(socket)) {
            return raw.send("GET " + path + " HTTP/1.1\r\nHost: a.example\r\nX-Who: forged\r\n"
                            + "X-Forwarded-Client-Cert: URI=spiffe://forged\r\n\r\n")
                    .readResponse()
                    .split(" ", 3)[1];
        } catch (IOException refused) {
            return "refused";
        }
    }

    @ParameterizedTest
    @CsvSource({"MUTUAL, TLSv1.3", "MUTUAL, TLSv1.2", "OPTIONAL_MUTUAL, TLSv1.3", "OPTIONAL_MUTUAL, TLSv1.2"})
    void anUnverifiedCertificateOpensTheConnectionAndNothingElse(String mode, String protocol) throws Exception {
        try (RawUpstream upstream = RawUpstream.ok("ok");
                TestGateway gateway = TestGateway.builder().secret("a", SERVER).start(gateway(mode, upstream.port()))) {
            int port = gateway.port(443);
            SSLContext stranger = TlsClients.of(STRANGER, AUTHORITY);
            // The later ones resume a session, whose certificate nothing vouches for either.
            for (int i = 0; i < 3; i++) {
                assertThat(ask(stranger, port, protocol, "/")).isEqualTo("200");
            }
            for (String path : List.of("/principal", "/anybody", "/namespace", "/account", "/domain")) {
                assertThat(ask(stranger, port, protocol, path)).as(path).isEqualTo("403");
            }
            assertThat(ask(stranger, port, protocol, "/stranger")).isEqualTo("200");
            assertThat(upstream.received().toLowerCase(Locale.ROOT))
                    .doesNotContain("x-forwarded-client-cert", "forged", "x-who", "spiffe://");
            await().until(() -> gateway.facts().size() == 9);
            assertThat(gateway.facts()).noneMatch(facts -> facts.client.verified());
            assertThat(gateway.facts())
                    .extracting(facts -> facts.client.principal())
                    .containsOnlyNulls();

            String nobody = mode.equals("MUTUAL") ? "refused" : "200";
            assertThat(ask(TlsClients.of(null, AUTHORITY), port, protocol, "/")).isEqualTo(nobody);
        }
    }

    @ParameterizedTest
    @CsvSource({"MUTUAL, TLSv1.3", "MUTUAL, TLSv1.2", "OPTIONAL_MUTUAL, TLSv1.3", "OPTIONAL_MUTUAL, TLSv1.2"})
    void aVerifiedOneStillSaysWhoTheClientIs(String mode, String protocol) throws Exception {
        try (RawUpstream upstream = RawUpstream.ok("ok");
                TestGateway gateway = TestGateway.builder().secret("a", SERVER).start(gateway(mode, upstream.port()))) {
            SSLContext client = TlsClients.of(CLIENT, AUTHORITY);
            for (String path : List.of("/", "/principal", "/anybody", "/namespace", "/account", "/domain")) {
                assertThat(ask(client, gateway.port(443), protocol, path))
                        .as(path)
                        .isEqualTo("200");
            }
            assertThat(ask(client, gateway.port(443), protocol, "/stranger")).isEqualTo("403");
            assertThat(upstream.received())
                    .contains("x-forwarded-client-cert: Hash=", "URI=" + IDENTITY, "x-who: " + IDENTITY + "CN=client")
                    .doesNotContain("forged");
            RequestFacts facts = gateway.firstFacts();
            assertThat(facts.client.verified()).isTrue();
            assertThat(facts.client.principal()).isEqualTo(IDENTITY);
        }
    }
}
