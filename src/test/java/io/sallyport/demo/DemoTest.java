package io.sallyport.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.sallyport.runtime.GatewayProcess;
import io.sallyport.runtime.settings.SettingsLoader;
import io.sallyport.testing.FreePort;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.TestProcess;
import io.vertx.core.Vertx;
import java.io.FileInputStream;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.HashMap;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What the tour promises, against the gateway itself.
class DemoTest {
    private static final int MANY = 300;

    private static Vertx vertx;
    private static SampleServices services;
    private static DemoConfiguration demo;
    private static GatewayProcess gateway;
    private static int httpPort;
    private static int httpsPort;

    @BeforeAll
    static void start() throws Exception {
        vertx = Vertx.vertx();
        services = SampleServices.start(vertx, Duration.ofSeconds(3));
        httpPort = FreePort.number();
        httpsPort = FreePort.number();
        demo = DemoConfiguration.write(services, httpPort, httpsPort);
        var settings = new HashMap<>(demo.settings());
        settings.put("sallyport.event-loops", "1");
        gateway = new GatewayProcess(
                vertx, SettingsLoader.load(settings), TestProcess.telemetry(new SimpleMeterRegistry()));
        gateway.start();
    }

    @AfterAll
    static void stop() {
        Path directory = demo.directory();
        gateway.close();
        services.close();
        demo.close();
        vertx.close();
        assertThat(directory.getParent()).doesNotExist();
    }

    @Test
    void theCanaryGetsATenth() throws Exception {
        int canary = 0;
        try (var client = new RawClient(httpPort)) {
            for (int i = 0; i < MANY; i++) {
                String response = client.send("GET /payments HTTP/1.1\r\nHost: shop.localhost\r\n\r\n")
                        .readResponse();
                assertThat(response).startsWith("HTTP/1.1 200 ");
                canary += response.contains("\"v2\"") ? 1 : 0;
            }
        }

        // Ten standard deviations around 30, so that chance fails it never and a wrong weight always.
        assertThat(canary).isBetween(1, 82);
    }

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
        /payments | x-canary: always | 200 | "version":"v2"
        /pay/ | - | 308 | location: http://shop.localhost/payments
        /about | - | 200 | A gateway answered this, no service did.
        /echo/some/path?x=1 | - | 200 | "uri":"/some/path?x=1"
        /echo/ | - | 200 | "x-demo":"added by the gateway"
        /slow | - | 504 | -
        /nowhere | - | 404 | -
        """)
    void routesDoWhatTheTourSays(String path, String header, int status, String part) throws Exception {
        String response = get("shop.localhost", path, header == null ? "" : header + "\r\n");

        assertThat(response).startsWith("HTTP/1.1 " + status + " ").contains(part == null ? "" : part);
    }

    @Test
    void otherHostsAreDenied() throws Exception {
        assertThat(get("other.localhost", "/payments", "")).startsWith("HTTP/1.1 404 ");
    }

    @Test
    void webSocketMessagesComeBack() throws Exception {
        try (var client = new RawClient(httpPort)) {
            String head = client.send("GET /echo/ HTTP/1.1\r\nHost: shop.localhost\r\nConnection: Upgrade\r\n"
                            + "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
                    .readHead();
            assertThat(head).startsWith("HTTP/1.1 101 ");
            // A masked text frame, mask 0, and the same without a mask back (RFC 6455, section 5.2).
            client.send(new byte[] {(byte) 0x81, (byte) 0x82, 0, 0, 0, 0, 'h', 'i'});

            assertThat(client.readBytes(4)).isEqualTo("\u0081\u0002hi");
        }
    }

    @Test
    void theCertificateOfTheDirectoryIsServed() throws Exception {
        try (var socket =
                (SSLSocket) trusting(demo.certificate()).getSocketFactory().createSocket()) {
            socket.connect(new java.net.InetSocketAddress(InetAddress.getLoopbackAddress(), httpsPort), 5_000);
            var parameters = socket.getSSLParameters();
            parameters.setServerNames(java.util.List.of(new SNIHostName("shop.localhost")));
            socket.setSSLParameters(parameters);
            try (var client = new RawClient(socket)) {
                assertThat(client.send("GET /about HTTP/1.1\r\nHost: shop.localhost\r\n\r\n")
                                .readResponse())
                        .startsWith("HTTP/1.1 200 ");
            }
        }
    }

    @Test
    void theTourNamesTheseVeryPortsAndFiles() {
        assertThat(demo.tour(1111, 2222))
                .contains("http://shop.localhost:" + httpPort + "/payments")
                .contains("--cacert " + demo.certificate() + " https://shop.localhost:" + httpsPort)
                .contains(
                        "localhost:1111/explain",
                        "localhost:2222/metrics",
                        demo.directory().toString())
                .doesNotContain("{", "}");
    }

    private static String get(String host, String path, String headers) throws Exception {
        try (var client = new RawClient(httpPort)) {
            return client.send("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n" + headers + "\r\n")
                    .readResponse();
        }
    }

    private static SSLContext trusting(Path certificate) throws Exception {
        var store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        try (InputStream pem = new FileInputStream(certificate.toFile())) {
            store.setCertificateEntry(
                    "demo", CertificateFactory.getInstance("X.509").generateCertificate(pem));
        }
        var trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(store);
        var context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }
}
