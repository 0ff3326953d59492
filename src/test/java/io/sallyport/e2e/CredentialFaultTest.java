package io.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.testing.GatewayBuilder;
import io.sallyport.testing.Issued;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.TlsClients;
import io.sallyport.testing.TlsPeer;
import io.sallyport.testing.TlsUpstream;
import io.sallyport.testing.Yaml;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.bouncycastle.tls.TlsFatalAlertReceived;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What goes wrong with one certificate, key, authority or revocation list concerns its own server or cluster alone, at
/// a start and at a reload. Nobody comes in unverified for it, and nothing goes out in plain text.
@Timeout(120)
class CredentialFaultTest {
    private static final int UNRECOGNIZED_NAME = 112;
    private static final TestCertificates AUTHORITY = TestCertificates.authority("test root");
    private static final Issued A = AUTHORITY.leaf("a").dns("a.example").issue();
    private static final Issued B = AUTHORITY.leaf("b").dns("b.example").issue();
    private static final Issued CLIENT = AUTHORITY
            .leaf("client")
            .uri("spiffe://cluster.local/ns/web/sa/shop")
            .clientUse()
            .issue();
    private static final Issued STRANGER = TestCertificates.authority("other")
            .leaf("client")
            .uri("spiffe://cluster.local/ns/web/sa/shop")
            .clientUse()
            .issue();

    @TempDir
    private Path directory;

    /// What may happen to a secret's directory.
    private enum Fault {
        GONE {
            @Override
            void strike(Path secret) throws IOException {
                for (String name : List.of("tls.crt", "tls.key", "ca.crt")) {
                    Files.deleteIfExists(secret.resolve(name));
                }
                Files.delete(secret);
            }
        },
        EMPTY {
            @Override
            void strike(Path secret) throws IOException {
                GONE.strike(secret);
                Files.createDirectories(secret);
            }
        },
        NO_KEY {
            @Override
            void strike(Path secret) throws IOException {
                Files.delete(secret.resolve("tls.key"));
            }
        },
        NO_CERTIFICATE {
            @Override
            void strike(Path secret) throws IOException {
                Files.delete(secret.resolve("tls.crt"));
            }
        },
        HALF_A_CERTIFICATE {
            @Override
            void strike(Path secret) throws IOException {
                String whole = Files.readString(secret.resolve("tls.crt"));
                Files.writeString(secret.resolve("tls.crt"), whole.substring(0, whole.length() / 2));
            }
        },
        EMPTY_CERTIFICATE {
            @Override
            void strike(Path secret) throws IOException {
                Files.writeString(secret.resolve("tls.crt"), "");
            }
        },
        NO_KEY_AT_ALL {
            @Override
            void strike(Path secret) throws IOException {
                Files.writeString(secret.resolve("tls.key"), "not a key");
            }
        },
        OF_ANOTHER {
            @Override
            void strike(Path secret) throws IOException {
                Files.writeString(secret.resolve("tls.key"), B.keyPem());
            }
        },
        A_DIRECTORY {
            @Override
            void strike(Path secret) throws IOException {
                Files.delete(secret.resolve("tls.key"));
                Files.createDirectory(secret.resolve("tls.key"));
            }
        };

        abstract void strike(Path secret) throws IOException;
    }

    private static String server(String host, String tls) {
        return "  - port: {number: 443, name: https-%s, protocol: HTTPS}\n    hosts: [%s]\n    tls: {%s}\n"
                .formatted(host.substring(0, 1), host, tls);
    }

    private static String yaml(String tlsOfA, RawUpstream upstream) {
        return """
                apiVersion: networking.istio.io/v1
                kind: Gateway
                metadata: {name: edge}
                spec:
                  servers:
                """
                + server("a.example", tlsOfA)
                + server("b.example", "mode: SIMPLE, credentialName: b")
                + "---\n"
                + Yaml.service("up.internal", upstream.port())
                + Yaml.forwardAll("a.example", "up.internal")
                + Yaml.forwardAll("b.example", "up.internal");
    }

    private static boolean serves(TestGateway gateway, String host, Issued certificate) throws IOException {
        try (TlsPeer client = TlsPeer.client(gateway.port(443), host, "TLSv1.3", "http/1.1")) {
            client.send("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
            return client.readUntil("fine").startsWith("HTTP/1.1 200 ") && client.isServedBy(certificate);
        }
    }

    private static void refuses(TestGateway gateway, String host) {
        for (String version : List.of("TLSv1.2", "TLSv1.3")) {
            assertThatThrownBy(() -> TlsPeer.client(gateway.port(443), host, version))
                    .isInstanceOfSatisfying(
                            TlsFatalAlertReceived.class,
                            alert -> assertThat(alert.getAlertDescription()).isEqualTo((short) UNRECOGNIZED_NAME));
        }
    }

    @ParameterizedTest
    @EnumSource
    void atAReloadTheLastGoodOneIsServedOn(Fault fault) throws Exception {
        try (RawUpstream upstream = RawUpstream.ok("fine");
                TestGateway gateway = TestGateway.builder()
                        .secret("a", A)
                        .secret("b", B)
                        .start(yaml("mode: SIMPLE, credentialName: a", upstream))) {
            fault.strike(gateway.secrets().resolve("a"));
            Issued renewed = AUTHORITY.leaf("b").dns("b.example").issue();
            gateway.secret("b", renewed);

            assertThat(gateway.reload().applied()).isTrue();
            assertThat(serves(gateway, "a.example", A)).isTrue();
            assertThat(serves(gateway, "b.example", renewed)).isTrue();

            assertThat(gateway.apply(yaml("mode: SIMPLE, credentialName: a", upstream) + Yaml.service("x.test", 1))
                            .applied())
                    .isTrue();
            assertThat(serves(gateway, "a.example", A)).isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource
    void atAStartTheNameIsRefusedUntilThereIsOne(Fault fault) throws Exception {
        try (RawUpstream upstream = RawUpstream.ok("fine");
                TestGateway gateway = TestGateway.builder()
                        .secret("a", A)
                        .secret("b", B)
                        .prepare(secrets -> fault.strike(secrets.resolve("a")))
                        .start(yaml("mode: SIMPLE, credentialName: a", upstream))) {
            assertThat(serves(gateway, "b.example", B)).isTrue();
            refuses(gateway, "a.example");

            if (fault == Fault.A_DIRECTORY) {
                Files.delete(gateway.secrets().resolve("a").resolve("tls.key"));
            }
            gateway.secret("a", A);
            assertThat(gateway.reload().applied()).isTrue();
            assertThat(serves(gateway, "a.example", A)).isTrue();
        }
    }

    @Test
    void ofTwoCredentialsTheOtherServes() throws Exception {
        Issued rsa = AUTHORITY.leaf("a").dns("a.example").rsa().issue();
        try (RawUpstream upstream = RawUpstream.ok("fine");
                TestGateway gateway = TestGateway.builder()
                        .secret("b", B)
                        .secret("rsa", rsa)
                        .start(yaml("mode: SIMPLE, credentialNames: [a, rsa]", upstream))) {
            assertThat(serves(gateway, "a.example", rsa)).isTrue();
            gateway.secret("a", A);
            gateway.reload();
            assertThat(serves(gateway, "a.example", A)).isTrue();
        }
    }

    @Test
    void anExpiredCertificateIsServedOnButTakesNoGoodOnesPlace() throws Exception {
        Issued expired = AUTHORITY.leaf("a").dns("a.example").expired().issue();
        try (RawUpstream upstream = RawUpstream.ok("fine");
                TestGateway gateway = TestGateway.builder()
                        .secret("a", expired)
                        .secret("b", B)
                        .start(yaml("mode: SIMPLE, credentialName: a", upstream))) {
            assertThat(serves(gateway, "a.example", expired)).isTrue();
            assertThat(serves(gateway, "b.example", B)).isTrue();
            assertThat(gateway.read().problems())
                    .anySatisfy(problem -> assertThat(problem.toString()).contains("SAL4002", "expired on"));
            gateway.secret("a", A);
            gateway.reload();
            assertThat(serves(gateway, "a.example", A)).isTrue();
            gateway.secret("a", expired);
            assertThat(gateway.reload().applied()).isTrue();
            assertThat(serves(gateway, "a.example", A)).isTrue();
        }
    }

    @Test
    void oneThatIsNotValidYetTakesNoValidOnesPlace() throws Exception {
        Issued early = AUTHORITY.leaf("a").dns("a.example").notYetValid().issue();
        try (RawUpstream upstream = RawUpstream.ok("fine");
                TestGateway gateway = TestGateway.builder()
                        .secret("a", A)
                        .secret("b", B)
                        .start(yaml("mode: SIMPLE, credentialName: a", upstream))) {
            gateway.secret("a", early);
            assertThat(gateway.reload().applied()).isTrue();
            assertThat(serves(gateway, "a.example", A)).isTrue();
        }
    }

    /// Without a certificate of its own a name is not served by that of a wildcard, which may ask less of its clients:
    /// neither its handshakes nor its requests on a connection of the other.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "mode: SIMPLE, credentialName: gone",
                "mode: MUTUAL, credentialName: gone",
                "mode: ISTIO_MUTUAL",
                "mode: SIMPLE, serverCertificate: /gone/a.pem, privateKey: /gone/a.key"
            })
    void aNameWithoutCertificateFallsToNoWildcard(String tls) throws Exception {
        Issued wildcard = AUTHORITY.leaf("any").dns("*.example", "a.example").issue();
        try (RawUpstream upstream = RawUpstream.ok("fine");
                TestGateway gateway = TestGateway.builder()
                        .secret("any", wildcard)
                        .start(Yaml.service("up.internal", upstream.port())
                                + """
                                apiVersion: networking.istio.io/v1
                                kind: Gateway
                                metadata: {name: edge}
                                spec:
                                  servers:
                                """
                                + server("a.example", tls)
                                + server("\"*.example\"", "mode: SIMPLE, credentialName: any")
                                        .replace("https-\"", "https-any")
                                + "---\n"
                                + Yaml.forwardAll("a.example", "up.internal")
                                + Yaml.forwardAll("b.example", "up.internal"))) {
            assertThat(serves(gateway, "b.example", wildcard)).isTrue();
            refuses(gateway, "a.example");
            try (TlsPeer client = TlsPeer.client(gateway.port(443), "b.example", "TLSv1.3", "http/1.1")) {
                client.send("GET / HTTP/1.1\r\nHost: a.example\r\n\r\n");
                assertThat(client.readUntil("\r\n\r\n")).startsWith("HTTP/1.1 421 ");
            }
        }
    }

    private String ask(TestGateway gateway, Issued identity) throws Exception {
        try (SSLSocket socket = (SSLSocket) TlsClients.of(identity, AUTHORITY)
                .getSocketFactory()
                .createSocket(
                        new Socket(InetAddress.getLoopbackAddress(), gateway.port(443)), "a.example", 443, true)) {
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setServerNames(List.of(new SNIHostName("a.example")));
            socket.setSSLParameters(parameters);
            return new RawClient(socket)
                    .send("GET / HTTP/1.1\r\nHost: a.example\r\n\r\n")
                    .readResponse();
        } catch (IOException refused) {
            return "refused";
        }
    }

    /// `ca.crt` absent, broken, and a broken revocation list.
    @ParameterizedTest
    @CsvSource({
        "MUTUAL, ca.crt, ''", "MUTUAL, ca.crt, broken", "MUTUAL, ca.crl, broken",
        "OPTIONAL_MUTUAL, ca.crt, ''", "OPTIONAL_MUTUAL, ca.crt, broken", "OPTIONAL_MUTUAL, ca.crl, broken"
    })
    void whoCannotVerifyClientsServesNobodyAndWhoCouldDoesOn(String mode, String file, String content)
            throws Exception {
        try (RawUpstream upstream = RawUpstream.ok("fine");
                TestGateway gateway = TestGateway.builder()
                        .secret("a", A)
                        .secret("b", B)
                        .prepare(secrets -> put(secrets.resolve("a").resolve(file), content))
                        .start(yaml("mode: " + mode + ", credentialName: a", upstream))) {
            assertThat(List.of(ask(gateway, null), ask(gateway, CLIENT), ask(gateway, STRANGER)))
                    .containsOnly("refused");
            assertThat(serves(gateway, "b.example", B)).isTrue();

            Files.deleteIfExists(gateway.secrets().resolve("a").resolve(file));
            gateway.secret("a", A);
            gateway.reload();
            assertThat(ask(gateway, CLIENT)).endsWith("fine");

            put(gateway.secrets().resolve("a").resolve(file), content);
            assertThat(gateway.reload().applied()).isTrue();
            assertThat(ask(gateway, CLIENT)).endsWith("fine");
            assertThat(ask(gateway, STRANGER)).isEqualTo("refused");
        }
    }

    private static void put(Path file, String content) throws IOException {
        if (content.isEmpty()) {
            Files.deleteIfExists(file);
        } else {
            Files.writeString(file, content);
        }
    }

    @Test
    void withoutAnIdentityIstioMutualServesNobody() throws Exception {
        Path identity = directory.resolve("identity");
        try (RawUpstream upstream = RawUpstream.ok("fine");
                TestGateway gateway = TestGateway.builder()
                        .identity(identity)
                        .secret("b", B)
                        .start(yaml("mode: ISTIO_MUTUAL", upstream))) {
            assertThat(List.of(ask(gateway, null), ask(gateway, CLIENT))).containsOnly("refused");
            assertThat(serves(gateway, "b.example", B)).isTrue();
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
                  trafficPolicy: {tls: {%s}}
                ---
                """.formatted(tls)
                + Yaml.forwardAll("a.example", "api.example")
                + Yaml.virtualService("b.example", "- directResponse: {status: 200, body: {string: fine}}");
    }

    private static String get(TestGateway gateway, String host) throws IOException {
        return RawClient.exchange(
                gateway.port(80), "GET / HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
    }

    private static void hasNoCredentials(TestGateway gateway, TlsUpstream upstream) throws IOException {
        assertThat(get(gateway, "a.example")).startsWith("HTTP/1.1 503 ").endsWith("upstream_tls_no_credentials");
        assertThat(gateway.firstFacts().flag).hasToString("UF");
        assertThat(upstream.connectionCount()).isZero();
        assertThat(get(gateway, "b.example")).endsWith("fine");
    }

    @ParameterizedTest
    @ValueSource(strings = {"MUTUAL", "SIMPLE"})
    void aClusterWithoutItsCredentialAnswers503UntilItIsThere(String mode) throws Exception {
        Issued up = AUTHORITY.leaf("up").dns("api.example", "a.example").issue();
        try (TlsUpstream upstream = TlsUpstream.start("yes", up, mode.equals("MUTUAL") ? AUTHORITY : null);
                TestGateway gateway = TestGateway.serving(originating(
                        upstream.port(),
                        "mode: " + mode + ", credentialName: own, sni: api.example, subjectAltNames: [api.example]"))) {
            hasNoCredentials(gateway, upstream);
            gateway.secret("own", CLIENT);
            assertThat(gateway.reload().applied()).isTrue();
            assertThat(get(gateway, "a.example")).endsWith("yes");
            Fault.OF_ANOTHER.strike(gateway.secrets().resolve("own"));
            Files.writeString(gateway.secrets().resolve("own").resolve("ca.crt"), "broken");
            assertThat(gateway.reload().applied()).isTrue();
            assertThat(get(gateway, "a.example")).as("the last good one").endsWith("yes");
        }
    }

    @Test
    void soDoesOneWhoseFilesAreMissing() throws Exception {
        Issued up = AUTHORITY.leaf("up").dns("api.example").issue();
        String missing = directory.resolve("missing").toString();
        for (String tls : List.of(
                "mode: SIMPLE, caCertificates: " + missing,
                "mode: MUTUAL, clientCertificate: %s, privateKey: %s, caCertificates: %s"
                        .formatted(missing, missing, missing))) {
            try (TlsUpstream upstream = TlsUpstream.start("yes", up);
                    TestGateway gateway = TestGateway.serving(originating(upstream.port(), tls))) {
                hasNoCredentials(gateway, upstream);
            }
        }
    }

    /// They lie in no directory of secrets.
    @Test
    void filesOfAClusterAreTakenUpWhenTheyChange() throws Exception {
        Issued up = AUTHORITY.leaf("up").dns("api.example").issue();
        Path own = STRANGER.writeSecret(directory.resolve("own"));
        Path authorities = Files.writeString(directory.resolve("roots.pem"), AUTHORITY.pem());
        String tls =
                "mode: MUTUAL, sni: api.example, clientCertificate: %1$s/tls.crt, privateKey: %1$s/tls.key, caCertificates: %2$s"
                        .formatted(own, authorities);
        try (TlsUpstream upstream = TlsUpstream.start("yes", up, AUTHORITY);
                TestGateway gateway = TestGateway.serving(originating(upstream.port(), tls))) {
            assertThat(get(gateway, "a.example")).startsWith("HTTP/1.1 503 ");
            CLIENT.writeSecret(own);
            assertThat(gateway.reload().applied()).isTrue();
            assertThat(get(gateway, "a.example")).endsWith("yes");
            Files.writeString(authorities, TestCertificates.authority("other").pem());
            assertThat(gateway.reload().applied()).isTrue();
            assertThat(get(gateway, "a.example")).startsWith("HTTP/1.1 503 ");
        }
    }

    @Test
    void soDoesIstioMutualWithoutAnIdentity() throws Exception {
        Issued up =
                AUTHORITY.leaf("up").uri("spiffe://cluster.local/ns/a/sa/up").issue();
        Path identity = directory.resolve("identity");
        GatewayBuilder builder = TestGateway.builder().identity(identity);
        try (TlsUpstream upstream = TlsUpstream.start("yes", up, AUTHORITY);
                TestGateway gateway = builder.start(originating(upstream.port(), "mode: ISTIO_MUTUAL"))) {
            hasNoCredentials(gateway, upstream);
            CLIENT.writeSecret(identity);
            assertThat(gateway.reload().applied()).isTrue();
            assertThat(get(gateway, "a.example")).endsWith("yes");
            Files.delete(identity.resolve("tls.key"));
            assertThat(gateway.reload().applied()).isTrue();
            assertThat(get(gateway, "a.example")).endsWith("yes");
        }
    }
}
