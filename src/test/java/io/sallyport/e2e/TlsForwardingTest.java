package io.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.testing.Issued;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.KeyStore;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;

/// TLS at the edge: which certificate, which chain, which protocol.
class TlsForwardingTest {
    private final TestCertificates authority = TestCertificates.authority("test root");
    private final Issued a = authority.leaf("a").dns("a.example", "localhost").issue();
    private final Issued b = authority.leaf("b").dns("b.example").issue();

    static String tlsServer(String host, String secret, int port) {
        return """
                  - port: {number: %d, name: https-%s, protocol: HTTPS}
                    hosts: ["%s"]
                    tls: {mode: SIMPLE, credentialName: %s}
                """.formatted(port, secret, host, secret);
    }

    static String gateway(String servers) {
        return """
                apiVersion: networking.istio.io/v1
                kind: Gateway
                metadata: {name: edge}
                spec:
                  servers:
                %s---
                """.formatted(servers);
    }

    private TestGateway start(RawUpstream upstream) {
        return TestGateway.builder()
                .secret("a", a)
                .secret("b", b)
                .start(gateway(tlsServer("a.example", "a", 443) + tlsServer("b.example", "b", 443))
                        + Yaml.service("up.internal", upstream.port())
                        + Yaml.forwardAll("a.example", "up.internal")
                        + Yaml.forwardAll("b.example", "up.internal"));
    }

    private SSLSocket connect(int port, String sni) throws Exception {
        return connect(port, sni, "TLSv1.2", "TLSv1.3");
    }

    private SSLSocket connect(int port, String sni, String... versions) throws Exception {
        SSLSocket socket = (SSLSocket) clientContext()
                .getSocketFactory()
                .createSocket(new Socket(InetAddress.getLoopbackAddress(), port), sni, port, true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setServerNames(sni == null ? List.of() : List.of(new SNIHostName(sni)));
        parameters.setProtocols(versions);
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return socket;
    }

    private SSLContext clientContext() throws Exception {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        store.setCertificateEntry("root", authority.certificate());
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    @Test
    void theServerNameChoosesTheCertificate() throws Exception {
        try (RawUpstream upstream = RawUpstream.ok("hello");
                TestGateway gateway = start(upstream)) {
            for (Issued expected : List.of(a, b)) {
                String host = expected == a ? "a.example" : "b.example";
                try (SSLSocket socket = connect(gateway.port(443), host);
                        RawClient client = new RawClient(socket)) {
                    assertThat(socket.getSession().getPeerCertificates()[0]).isEqualTo(expected.certificate());
                    assertThat(client.send("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n")
                                    .readResponse())
                            .endsWith("hello");
                }
            }
            assertThat(upstream.received()).contains("x-forwarded-proto: https\r\n");
        }
    }

    @Test
    void anUnknownServerNameIsRefusedByAlert() throws Exception {
        try (RawUpstream upstream = RawUpstream.ok("hello");
                TestGateway gateway = start(upstream)) {
            assertThatThrownBy(() -> connect(gateway.port(443), "c.example"))
                    .isInstanceOf(SSLHandshakeException.class)
                    .hasMessageContaining("unrecognized_name");
        }
    }

    @Test
    void aHostOfAnotherChainIsMisdirected() throws Exception {
        try (RawUpstream upstream = RawUpstream.ok("hello");
                TestGateway gateway = start(upstream);
                RawClient client = new RawClient(connect(gateway.port(443), "a.example"))) {
            assertThat(client.send("GET / HTTP/1.1\r\nHost: b.example\r\n\r\n").readResponse())
                    .startsWith("HTTP/1.1 421 Misdirected Request\r\n");
            assertThat(client.send("GET / HTTP/1.1\r\nHost: c.example\r\n\r\n").readResponse())
                    .startsWith("HTTP/1.1 404 ");
        }
    }

    @Test
    void http2IsAgreedOnAndForwarded() throws Exception {
        try (RawUpstream upstream = RawUpstream.ok("hello");
                TestGateway gateway = TestGateway.builder()
                        .secret("a", a)
                        .start(gateway(tlsServer("*", "a", 443))
                                + Yaml.service("up.internal", upstream.port())
                                + Yaml.forwardAll("*", "up.internal"));
                HttpClient client = HttpClient.newBuilder()
                        .sslContext(clientContext())
                        .version(HttpClient.Version.HTTP_2)
                        .build()) {
            HttpResponse<String> response = client.send(
                    HttpRequest.newBuilder(URI.create("https://localhost:" + gateway.port(443) + "/x"))
                            .POST(HttpRequest.BodyPublishers.ofString("some body"))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());

            assertThat(response.version()).isEqualTo(HttpClient.Version.HTTP_2);
            assertThat(response.statusCode()).isEqualTo(200);
            assertThat(response.body()).isEqualTo("hello");
            assertThat(upstream.received())
                    .startsWith("POST /x HTTP/1.1\r\nhost: localhost:")
                    .endsWith("some body");
        }
    }

    private String withSuites(RawUpstream upstream, String suites) {
        return gateway("""
                  - port: {number: 443, name: https-a, protocol: HTTPS}
                    hosts: [a.example]
                    tls: {mode: SIMPLE, credentialName: a, cipherSuites: [%s]}
                  - port: {number: 443, name: https-b, protocol: HTTPS}
                    hosts: [b.example]
                    tls: {mode: SIMPLE, credentialNames: [b, rsa], cipherSuites: [%s]}
                """.formatted(suites, suites))
                + Yaml.service("up.internal", upstream.port())
                + Yaml.forwardAll("a.example", "up.internal")
                + Yaml.forwardAll("b.example", "up.internal");
    }

    /// `b.example` has certificates of two kinds.
    @Test
    void cipherSuitesThatCannotBeOfferedAreSkippedAndNoneLeftIsRefused() throws Exception {
        try (RawUpstream upstream = RawUpstream.ok("hello");
                TestGateway gateway = TestGateway.builder()
                        .secret("a", a)
                        .secret("b", b)
                        .secret(
                                "rsa",
                                authority.leaf("b").dns("b.example").rsa().issue())
                        .start(withSuites(upstream, "AES128-SHA, NONE-SUCH, ECDHE-ECDSA-AES256-GCM-SHA384"))) {
            for (String host : List.of("a.example", "b.example")) {
                for (String version : List.of("TLSv1.2", "TLSv1.3")) {
                    try (SSLSocket socket = connect(gateway.port(443), host, version)) {
                        assertThat(socket.getSession().getCipherSuite())
                                .isIn(
                                        "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
                                        "TLS_AES_256_GCM_SHA384",
                                        "TLS_AES_128_GCM_SHA256");
                    }
                }
            }
            assertThat(gateway.apply(withSuites(upstream, "AES128-SHA, NONE-SUCH"))
                            .refused())
                    .isTrue();
        }
    }

    @Test
    void passthroughAndTerminationShareAPort() throws Exception {
        try (RawUpstream upstream = RawUpstream.ok("hello");
                TestGateway behind = TestGateway.builder()
                        .secret("b", b)
                        .start(gateway(tlsServer("b.example", "b", 443))
                                + Yaml.service("up.internal", upstream.port())
                                + Yaml.forwardAll("b.example", "up.internal"));
                TestGateway gateway = TestGateway.builder()
                        .secret("a", a)
                        .start(gateway(tlsServer("a.example", "a", 443) + """
                                  - port: {number: 443, name: tls-b, protocol: TLS}
                                    hosts: ["b.example"]
                                    tls: {mode: PASSTHROUGH}
                                """)
                                + Yaml.service("up.internal", upstream.port())
                                + Yaml.forwardAll("a.example", "up.internal")
                                + """
                                apiVersion: networking.istio.io/v1
                                kind: ServiceEntry
                                metadata: {name: behind}
                                spec:
                                  hosts: [behind.internal]
                                  resolution: STATIC
                                  ports: [{number: 443, name: tls, protocol: TLS}]
                                  endpoints: [{address: 127.0.0.1, ports: {tls: %d}}]
                                ---
                                apiVersion: networking.istio.io/v1
                                kind: VirtualService
                                metadata: {name: b}
                                spec:
                                  hosts: [b.example]
                                  gateways: [edge]
                                  tls:
                                  - match: [{port: 443, sniHosts: [b.example]}]
                                    route: [{destination: {host: behind.internal, port: {number: 443}}}]
                                """.formatted(behind.port(443)))) {
            try (SSLSocket socket = connect(gateway.port(443), "b.example");
                    RawClient client = new RawClient(socket)) {
                assertThat(socket.getSession().getPeerCertificates()[0]).isEqualTo(b.certificate());
                assertThat(client.send("GET / HTTP/1.1\r\nHost: b.example\r\n\r\n")
                                .readResponse())
                        .endsWith("hello");
            }
            try (RawClient client = new RawClient(connect(gateway.port(443), "a.example"))) {
                assertThat(client.send("GET / HTTP/1.1\r\nHost: a.example\r\n\r\n")
                                .readResponse())
                        .endsWith("hello");
            }
        }
    }
}
