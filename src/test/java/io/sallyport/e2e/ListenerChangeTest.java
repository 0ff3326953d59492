package io.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.Counter;
import io.sallyport.testing.Http2Frames;
import io.sallyport.testing.Issued;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;

/// Ports that a reload changes while clients are there, and what is counted of them.
class ListenerChangeTest {
    private static final String GET = "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n";

    private final TestCertificates authority = TestCertificates.authority("test root");
    private final Issued server = authority.leaf("a").dns("a.example").issue();

    private static String answered() {
        return Yaml.virtualService("a.example", "- directResponse: {status: 200}");
    }

    private static String tls(String mode) {
        return """
                apiVersion: networking.istio.io/v1
                kind: Gateway
                metadata: {name: edge}
                spec:
                  servers:
                  - port: {number: 443, name: https, protocol: HTTPS}
                    hosts: ["a.example"]
                    tls: {mode: %s, credentialName: a}
                ---
                """.formatted(mode) + answered();
    }

    private static String bound(String address) {
        return """
                apiVersion: networking.istio.io/v1
                kind: Gateway
                metadata: {name: edge}
                spec:
                  servers:
                  - port: {number: 80, name: http, protocol: HTTP}
                    bind: %s
                    hosts: ["*"]
                ---
                """.formatted(address) + answered();
    }

    @Test
    void aPortMovesToAnotherAddress() throws Exception {
        try (TestGateway gateway = TestGateway.serving(bound("0.0.0.0"))) {
            assertThat(gateway.apply(bound("127.0.0.1")).failure()).isNull();
            try (RawClient client = new RawClient(gateway.port(80))) {
                assertThat(client.send(GET).readResponse()).startsWith("HTTP/1.1 200");
            }
            assertThat(gateway.generation()).isEqualTo(2);
        }
    }

    @Test
    void whoWasLetInBeforeTheHelloMeetsTheDemandsOfNow() throws Exception {
        try (TestGateway gateway = TestGateway.builder().secret("a", server).start(tls("SIMPLE"));
                Socket early = new Socket(InetAddress.getLoopbackAddress(), gateway.port(443))) {
            await().until(() ->
                    gateway.dataPlane().listeners().status().getFirst().activeConnections() == 1);
            assertThat(gateway.apply(tls("MUTUAL")).applied()).isTrue();

            SSLSocket client = (SSLSocket) trusting().createSocket(early, "a.example", gateway.port(443), true);
            assertThat(ask(client)).isEmpty();
        }
    }

    private SSLSocketFactory trusting() throws Exception {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        store.setCertificateEntry("root", authority.certificate());
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context.getSocketFactory();
    }

    private static String ask(Socket socket) {
        try (RawClient client = new RawClient(socket)) {
            return client.send(GET).readToEnd();
        } catch (IOException refused) {
            return "";
        }
    }

    @Test
    void handshakesThatFailAreCountedByReason() throws Exception {
        try (TestGateway gateway = TestGateway.builder().secret("a", server).start(tls("SIMPLE"))) {
            RawClient.exchange(gateway.port(443), GET);

            await().until(() -> failures(gateway, "handshake_failed") == 1);
        }
    }

    private static double failures(TestGateway gateway, String reason) {
        Counter counter = gateway.metrics()
                .find("sallyport.downstream.tls.failures")
                .tag("reason", reason)
                .counter();
        return counter == null ? 0 : counter.count();
    }

    /// A preStop hook drains long before the signal, and load balancers go on sending connections meanwhile.
    @Test
    void connectionsThatComeDuringADrainEndAfterTheirFirstRequest() throws Exception {
        try (TestGateway gateway = TestGateway.builder().secret("a", server).start(tls("SIMPLE"))) {
            gateway.dataPlane().drain(Duration.ZERO, () -> false);

            for (int i = 0; i < 2; i++) {
                assertThat(ask(connected(gateway, "http/1.1")).toLowerCase(Locale.ROOT))
                        .startsWith("http/1.1 200 ")
                        .contains("connection: close");
            }
            byte[] request = Http2Frames.preface()
                    .headers(1, Http2Frames.END_STREAM, "GET", "a.example", "/")
                    .take();
            try (RawClient client = new RawClient(connected(gateway, "h2"))) {
                assertThat(frameTypes(client.send(request).readToEnd()))
                        .as("HEADERS and GOAWAY")
                        .contains(1, 7);
            }
        }
    }

    private SSLSocket connected(TestGateway gateway, String protocol) throws Exception {
        SSLSocket socket = (SSLSocket) trusting()
                .createSocket(
                        new Socket(InetAddress.getLoopbackAddress(), gateway.port(443)),
                        "a.example",
                        gateway.port(443),
                        true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {protocol});
        socket.setSSLParameters(parameters);
        return socket;
    }

    private static List<Integer> frameTypes(String bytes) {
        List<Integer> types = new ArrayList<>();
        for (int at = 0; at + 9 <= bytes.length(); ) {
            int length = bytes.charAt(at) << 16 | bytes.charAt(at + 1) << 8 | bytes.charAt(at + 2);
            types.add((int) bytes.charAt(at + 3));
            at += 9 + length;
        }
        return types;
    }

    @Test
    void nothingIsAppliedOnceTheEndHasBegun() throws Exception {
        try (RawUpstream upstream = RawUpstream.ok("ok");
                TestGateway gateway = TestGateway.serving(Yaml.httpGateway("*") + answered())) {
            assertThat(gateway.dataPlane().drain(Duration.ZERO, () -> false)).isZero();

            assertThat(gateway.apply(Yaml.httpGateway("*")
                                    + Yaml.service("a.internal", upstream.port())
                                    + Yaml.forwardAll("a.example", "a.internal"))
                            .applied())
                    .isFalse();
            assertThat(gateway.generation()).isEqualTo(1);
        }
    }
}
