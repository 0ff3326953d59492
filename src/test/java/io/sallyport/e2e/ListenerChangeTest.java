package io.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.Counter;
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
import javax.net.ssl.SSLContext;
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

    @Test
    void nothingIsAppliedOnceTheEndHasBegun() throws Exception {
        try (RawUpstream upstream = RawUpstream.ok("ok");
                TestGateway gateway = TestGateway.serving(Yaml.httpGateway("*") + answered())) {
            assertThat(gateway.dataPlane().drain(Duration.ZERO)).isZero();

            assertThat(gateway.apply(Yaml.httpGateway("*")
                                    + Yaml.service("a.internal", upstream.port())
                                    + Yaml.forwardAll("a.example", "a.internal"))
                            .applied())
                    .isFalse();
            assertThat(gateway.generation()).isEqualTo(1);
        }
    }
}
