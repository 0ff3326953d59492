package io.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.compile.EgressOptions;
import io.sallyport.config.model.ServerTlsSettings;
import io.sallyport.egress.EgressMode;
import io.sallyport.testing.Issued;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawHttp2Client;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.TestPem;
import io.sallyport.testing.TlsClients;
import io.sallyport.testing.Yaml;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// A change of whom a filter chain trusts holds for the next request, also on connections that were let in before it;
/// a change of anything else costs no connection.
class TrustChangeTest {
    private static final TestCertificates AUTHORITY = TestCertificates.authority("test root");
    private static final TestCertificates OTHER = TestCertificates.authority("other root");
    private static final Issued SERVER = server();
    private static final TestCertificates EXPIRED = TestCertificates.authority(
            "expired root",
            Instant.now().minus(Duration.ofDays(2)),
            Instant.now().minus(Duration.ofDays(1)));
    private static final TestCertificates BETWEEN = AUTHORITY.intermediate("between");
    private static final Issued CLIENT = BETWEEN.leaf("client")
            .dns("client.test")
            .uri("spiffe://cluster.local/ns/a/sa/b")
            .clientUse()
            .issue();
    private static final String OPEN = "mode: MUTUAL, credentialName: server";
    private static final String LENIENT = OPEN + ", insecureSkipVerify: true";
    private static final String HOST = "a.example";

    private static Issued server() {
        return AUTHORITY.leaf("server").dns(HOST).issue();
    }

    /// @param certified whether the client shows its certificate
    /// @param prepare what is done to the secrets before the connection is made
    /// @param secrets and after it
    /// @param admits whether a new handshake of the same client is let in afterwards
    private record Change(
            String name,
            boolean certified,
            String before,
            String after,
            Consumer<TestGateway> prepare,
            Consumer<TestGateway> secrets,
            boolean distrusts,
            boolean admits) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Change settings(String name, String before, String after, boolean admits) {
        return new Change(name, true, before, after, _ -> {}, _ -> {}, true, admits);
    }

    private static Change authorities(String name, boolean distrusts, TestCertificates... now) {
        return change(name, new TestCertificates[] {AUTHORITY}, now, distrusts);
    }

    private static Change change(String name, TestCertificates[] before, TestCertificates[] now, boolean distrusts) {
        return new Change(
                name,
                true,
                OPEN,
                OPEN,
                gateway -> write(gateway, before),
                gateway -> write(gateway, now),
                distrusts,
                !distrusts);
    }

    /// From a server that lets unverified clients in.
    private static Change lenient(
            String name, String after, TestCertificates then, TestCertificates now, boolean distrusts, boolean admits) {
        return new Change(
                name,
                true,
                LENIENT,
                after,
                gateway -> write(gateway, then),
                gateway -> write(gateway, now),
                distrusts,
                admits);
    }

    private static void write(TestGateway gateway, TestCertificates... authorities) {
        write(
                gateway,
                "ca.crt",
                TestPem.certificates(Stream.of(authorities)
                        .map(TestCertificates::certificate)
                        .toList()));
    }

    private static void write(TestGateway gateway, String file, String content) {
        try {
            Files.writeString(gateway.secrets().resolve("server").resolve(file), content);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Change revocation(String name, boolean distrusts, Issued... revoked) {
        return new Change(
                name,
                true,
                OPEN,
                OPEN,
                gateway -> {},
                gateway -> write(gateway, "ca.crl", TestPem.crl(AUTHORITY.crl()) + TestPem.crl(BETWEEN.crl(revoked))),
                distrusts,
                !distrusts);
    }

    private static String spki(Issued issued) throws Exception {
        byte[] key = issued.certificate().getPublicKey().getEncoded();
        return Base64.getEncoder()
                .encodeToString(MessageDigest.getInstance("SHA-256").digest(key));
    }

    private static String hash(Issued issued) throws Exception {
        byte[] certificate = issued.certificate().getEncoded();
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(certificate));
    }

    private static Stream<Change> changes() throws Exception {
        List<Change> changes = new ArrayList<>();
        changes.add(authorities("another authority", true, OTHER));
        changes.add(settings("another name", OPEN, OPEN + ", subjectAltNames: [other.test]", false));
        changes.add(settings(
                "another of its names",
                OPEN + ", subjectAltNames: [client.test]",
                OPEN + ", subjectAltNames: ['spiffe://cluster.local/ns/a/sa/b']",
                true));
        changes.add(settings("another key", OPEN, OPEN + ", verifyCertificateSpki: [" + spki(SERVER) + "]", false));
        changes.add(settings(
                "another certificate",
                OPEN + ", verifyCertificateHash: [" + hash(CLIENT) + "]",
                OPEN + ", verifyCertificateHash: [" + hash(SERVER) + "]",
                false));
        changes.add(settings("optional", OPEN, "mode: OPTIONAL_MUTUAL, credentialName: server", true));
        changes.add(settings("no longer verified", OPEN, "mode: SIMPLE, credentialName: server", true));
        changes.add(settings("the mesh's", OPEN, "mode: ISTIO_MUTUAL", false));
        changes.add(settings("unverified ones as well", OPEN, LENIENT, true));
        changes.add(settings("verified ones alone", LENIENT, OPEN, true));
        changes.add(lenient("a verified one is no longer", LENIENT, AUTHORITY, OTHER, true, true));
        changes.add(lenient("one that was never verified", LENIENT, OTHER, AUTHORITY, false, true));
        changes.add(lenient("one that is to be verified now", OPEN, OTHER, OTHER, true, false));
        for (String before : List.of("SIMPLE", "OPTIONAL_MUTUAL")) {
            changes.add(new Change(
                    "demanded of " + before,
                    false,
                    "mode: " + before + ", credentialName: server",
                    OPEN,
                    _ -> {},
                    _ -> {},
                    true,
                    false));
        }
        changes.add(authorities("an authority more", false, AUTHORITY, OTHER));
        changes.add(change("an authority less", both(OTHER), only(AUTHORITY), false));
        changes.add(change("its own authority less", both(OTHER), only(OTHER), true));
        changes.add(change("an expired authority less", both(EXPIRED), only(AUTHORITY), false));
        changes.add(change("the one above its authority", only(BETWEEN), only(AUTHORITY), false));
        changes.add(change("the one below", only(AUTHORITY), only(BETWEEN), false));
        changes.add(revocation("a list that does not name it", false));
        changes.add(revocation("a list that names it", true, CLIENT));
        changes.add(new Change(
                "renewed", true, OPEN, OPEN, _ -> {}, gateway -> gateway.secret("server", server()), false, true));
        changes.add(new Change(
                "cipher suites",
                true,
                OPEN,
                OPEN + ", cipherSuites: [ECDHE-ECDSA-AES256-GCM-SHA384]",
                _ -> {},
                _ -> {},
                false,
                true));
        changes.add(new Change("nothing", true, OPEN, OPEN, _ -> {}, _ -> {}, false, true));
        return changes.stream();
    }

    private static TestCertificates[] both(TestCertificates other) {
        return new TestCertificates[] {AUTHORITY, other};
    }

    private static TestCertificates[] only(TestCertificates one) {
        return new TestCertificates[] {one};
    }

    private static Stream<Object[]> everyWay() throws Exception {
        return changes().flatMap(change -> Stream.of("h2", "http/1.1").map(alpn -> new Object[] {change, alpn}));
    }

    private static String yaml(String tls, int generation) {
        return """
                apiVersion: networking.istio.io/v1
                kind: Gateway
                metadata: {name: edge}
                spec:
                  servers:
                  - port: {number: 443, name: https, protocol: HTTPS}
                    hosts: [a.example]
                    tls: {%s}
                ---
                apiVersion: networking.istio.io/v1
                kind: VirtualService
                metadata: {name: answers}
                spec:
                  hosts: ["*"]
                  gateways: [edge]
                  http: [{directResponse: {status: 200, body: {string: "%d"}}}]
                ---
                """.formatted(tls, generation);
    }

    private interface Client extends AutoCloseable {
        int get() throws IOException;

        @Override
        void close() throws IOException;
    }

    private static Client connect(int port, boolean certified, String alpn) throws IOException {
        SSLSocket socket = handshake(port, certified, alpn);
        return alpn.equals("h2") ? http2(new RawHttp2Client(socket)) : http1(new RawClient(socket));
    }

    private static SSLSocket handshake(int port, boolean certified, String alpn) throws IOException {
        SSLSocket socket = (SSLSocket) TlsClients.of(certified ? CLIENT : null, AUTHORITY)
                .getSocketFactory()
                .createSocket(new Socket(InetAddress.getLoopbackAddress(), port), null, port, true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setServerNames(List.of(new SNIHostName(HOST)));
        parameters.setApplicationProtocols(new String[] {alpn});
        socket.setSSLParameters(parameters);
        socket.setSoTimeout(10_000);
        socket.startHandshake();
        return socket;
    }

    private static Client http2(RawHttp2Client http) {
        return new Client() {
            @Override
            public int get() throws IOException {
                return Integer.parseInt(http.get("https", HOST, "/").status().toString());
            }

            @Override
            public void close() throws IOException {
                http.close();
            }
        };
    }

    private static Client http1(RawClient http) {
        return new Client() {
            @Override
            public int get() throws IOException {
                String response = http.send("GET / HTTP/1.1\r\nHost: " + HOST + "\r\n\r\n")
                        .readResponse();
                return Integer.parseInt(response.split(" ", 3)[1]);
            }

            @Override
            public void close() throws IOException {
                http.close();
            }
        };
    }

    @ParameterizedTest
    @MethodSource("everyWay")
    void whoIsTrustedNoMoreIsSentAwayAtOnce(Change change, String alpn) throws Exception {
        try (TestGateway gateway =
                TestGateway.builder().secret("server", SERVER).start(yaml(change.before, 1))) {
            change.prepare.accept(gateway);
            gateway.apply(yaml(change.before, 0));
            try (Client kept = connect(gateway.port(443), change.certified, alpn)) {
                assertThat(kept.get()).isEqualTo(200);
                change.secrets.accept(gateway);
                gateway.apply(yaml(change.after, 2));
                assertThat(kept.get()).isEqualTo(change.distrusts ? 421 : 200);
            }
            if (change.admits) {
                try (Client fresh = connect(gateway.port(443), change.certified, alpn)) {
                    assertThat(fresh.get()).isEqualTo(200);
                }
            } else {
                assertThatThrownBy(() -> connect(gateway.port(443), change.certified, alpn)
                                .get())
                        .isInstanceOf(IOException.class);
            }
        }
    }

    /// The proxy port's own TLS: requests and tunnels.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET http://up.internal/ HTTP/1.1\r\nHost: up.internal\r\n\r\n",
                "CONNECT up.internal:80 HTTP/1.1\r\nHost: up.internal:80\r\n\r\n"
            })
    void soIsAMeshClient(String request) throws Exception {
        try (RawUpstream upstream = RawUpstream.ok("hello");
                TestGateway gateway = TestGateway.builder()
                        .mesh(EgressMode.REGISTRY_ONLY)
                        .secret("server", SERVER)
                        .meshTls(new EgressOptions.MeshTls(
                                "server", ServerTlsSettings.Mode.MUTUAL, List.of(HOST), false))
                        .start(Yaml.service("up.internal", upstream.port()));
                RawClient kept = new RawClient(handshake(gateway.port(TestGateway.MESH_PORT), true, "http/1.1"))) {
            assertThat(kept.send("GET http://up.internal/ HTTP/1.1\r\nHost: up.internal\r\n\r\n")
                            .readResponse())
                    .startsWith("HTTP/1.1 200 ");
            write(gateway, OTHER);
            assertThat(gateway.reload().applied()).isTrue();
            assertThat(kept.send(request).readResponse()).startsWith("HTTP/1.1 421 ");
            assertThat(upstream.connectionCount()).isEqualTo(1);
        }
    }
}
