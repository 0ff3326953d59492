package io.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.e2e.hostile.LogWatch;
import io.sallyport.outcome.RequestFacts;
import io.sallyport.testing.Issued;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TestGateway;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// `DestinationRule.trafficPolicy.tunnel`: bytes reach their host through a further proxy.
class ProxyTunnelTest {
    private static final String CONNECT = "CONNECT db.example.com:5432 HTTP/1.1\r\nhost: db.example.com:5432\r\n\r\n";
    private static final String POST =
            "POST / HTTP/1.1\r\nhost: db.example.com:5432\r\ntransfer-encoding: chunked\r\n\r\n";
    private static final String OK = "HTTP/1.1 200 OK\r\n\r\n";
    private static final String OK_CHUNKED = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";

    @RegisterExtension
    final LogWatch log = new LogWatch();

    private static TestGateway gateway(String method, int proxyPort) {
        return TestGateway.serving(yaml(method, proxyPort, ""));
    }

    private static String yaml(String method, int proxyPort, String policy) {
        return """
                apiVersion: networking.istio.io/v1
                kind: Gateway
                metadata: {name: edge}
                spec:
                  servers:
                  - port: {number: 31400, name: tcp, protocol: TCP}
                    hosts: ["*"]
                ---
                apiVersion: networking.istio.io/v1
                kind: ServiceEntry
                metadata: {name: proxy}
                spec:
                  hosts: [proxy.example.com]
                  resolution: STATIC
                  ports: [{number: 3128, name: tcp, protocol: TCP, targetPort: %d}]
                  endpoints: [{address: 127.0.0.1}]
                ---
                apiVersion: networking.istio.io/v1
                kind: DestinationRule
                metadata: {name: proxy}
                spec:
                  host: proxy.example.com
                  trafficPolicy:
                    tunnel: {protocol: %s, targetHost: db.example.com, targetPort: 5432}
                    %s
                ---
                apiVersion: networking.istio.io/v1
                kind: VirtualService
                metadata: {name: tcp}
                spec:
                  hosts: ["*"]
                  gateways: [edge]
                  tcp:
                  - route: [{destination: {host: proxy.example.com}}]
                """.formatted(proxyPort, method, policy);
    }

    private static RawUpstream.Script echoAfter(String answer) {
        return connection -> {
            connection.readHead();
            connection.write(answer);
            for (int b = connection.read(); b >= 0; b = connection.read()) {
                connection.write(new byte[] {(byte) b});
            }
            connection.write("!");
        };
    }

    private static void echoes(TestGateway gateway) throws Exception {
        try (RawClient client = new RawClient(gateway.port(31400))) {
            client.send("hello");
            assertThat(client.readBytes(5)).isEqualTo("hello");
            client.endOutput();
            assertThat(client.readToEnd()).isEqualTo("!");
        }
        RequestFacts facts = gateway.firstFacts();
        assertThat(facts.flag).isNull();
        assertThat(facts.bytesReceived).isEqualTo(5);
        assertThat(facts.bytesSent).isEqualTo(6);
    }

    @Test
    void bytesGoBothWaysAndEachDirectionEndsByItself() throws Exception {
        try (RawUpstream proxy = RawUpstream.start(echoAfter(OK));
                TestGateway gateway = gateway("CONNECT", proxy.port())) {
            echoes(gateway);
            assertThat(proxy.received()).isEqualTo(CONNECT + "hello");
        }
    }

    /// Nothing of it is a body (RFC 9110, 9.3.6), and interim responses are none.
    @Test
    void lengthsAndInterimResponsesMeanNothingInAnswerToConnect() throws Exception {
        try (RawUpstream proxy = RawUpstream.start(echoAfter("HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n"
                        + "HTTP/1.1 201 Made\r\ncontent-length: 3\r\n\r\n"));
                TestGateway gateway = gateway("\"\"", proxy.port())) {
            echoes(gateway);
        }
    }

    @Test
    void theProxyItselfMayBeBehindTls() throws Exception {
        TestCertificates authority = TestCertificates.authority("ca");
        Issued identity = authority.leaf("proxy").dns("proxy.example.com").issue();
        try (RawUpstream proxy = RawUpstream.startTls(identity, connection -> {
                    connection.readHead();
                    connection.write(OK + "hi");
                    connection.write(connection.readBytes(5));
                });
                TestGateway gateway = TestGateway.builder()
                        .secret("proxy", identity)
                        .start(yaml("CONNECT", proxy.port(), "tls: {mode: SIMPLE, credentialName: proxy}"));
                RawClient client = new RawClient(gateway.port(31400))) {
            client.send("hello");
            assertThat(client.readToEnd())
                    .as(() -> gateway.firstFacts().details)
                    .isEqualTo("hihello");
            assertThat(proxy.received()).isEqualTo(CONNECT + "hello");
        }
    }

    @Test
    void bytesThatComeWithTheHeadAreTheTunnels() throws Exception {
        try (RawUpstream proxy = RawUpstream.start(connection -> {
                    connection.readHead();
                    connection.write(OK + "banner");
                    connection.read();
                });
                TestGateway gateway = gateway("CONNECT", proxy.port());
                RawClient client = new RawClient(gateway.port(31400))) {
            assertThat(client.readBytes(6)).isEqualTo("banner");
        }
    }

    @Test
    void aHeadByteByByteIsAHead() throws Exception {
        try (RawUpstream proxy = RawUpstream.start(connection -> {
                    connection.readHead();
                    for (char c : (OK + "x").toCharArray()) {
                        connection.write(String.valueOf(c));
                    }
                    connection.read();
                });
                TestGateway gateway = gateway("CONNECT", proxy.port());
                RawClient client = new RawClient(gateway.port(31400))) {
            assertThat(client.readBytes(1)).isEqualTo("x");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "HTTP/1.1 403 Forbidden\\r\\n\\r\\n, tunnel_refused_with_403",
        "HTTP/1.1 407 Proxy Authentication Required\\r\\ncontent-length: 2\\r\\n\\r\\nno, tunnel_refused_with_407",
        "HTTP/1.1 101 Switching\\r\\nupgrade: x\\r\\nconnection: upgrade\\r\\n\\r\\n, tunnel_refused_with_101",
        "SSH-2.0-OpenSSH\\r\\n, tunnel_response_malformed",
        "HTTP/1.1 200 OK\\nx: y\\n\\n, tunnel_response_malformed",
        "HTTP/1.1 200 OK\\r\\nx, tunnel_closed_before_response",
        "'', tunnel_closed_before_response"
    })
    void whatIsNoAgreementClosesTheClientsConnection(String answer, String details) throws Exception {
        for (String method : new String[] {"CONNECT", "POST"}) {
            try (RawUpstream proxy = RawUpstream.start(connection -> {
                        connection.readHead();
                        connection.write(answer.translateEscapes());
                    });
                    TestGateway gateway = gateway(method, proxy.port());
                    RawClient client = new RawClient(gateway.port(31400))) {
                client.send("secret");
                assertThat(client.readToEnd()).isEmpty();
                assertThat(gateway.firstFacts().flag).hasToString("UF");
                assertThat(gateway.firstFacts().details).isEqualTo(details);
                assertThat(proxy.received()).isEqualTo(method.equals("POST") ? POST : CONNECT);
            }
        }
    }

    @Test
    void aHeadWithoutEndIsBounded() throws Exception {
        try (RawUpstream proxy = RawUpstream.start(connection -> {
                    connection.readHead();
                    connection.write("HTTP/1.1 200 OK\r\n");
                    for (int i = 0; i < 20; i++) {
                        connection.write("x: " + "y".repeat(1000) + "\r\n");
                    }
                    connection.read();
                });
                TestGateway gateway = gateway("CONNECT", proxy.port());
                RawClient client = new RawClient(gateway.port(31400))) {
            assertThat(client.readToEnd()).isEmpty();
            assertThat(gateway.firstFacts().details).isEqualTo("tunnel_response_too_large");
        }
    }

    @Test
    void aProxyThatSaysNothingIsGivenTheConnectTimeout() throws Exception {
        try (RawUpstream proxy = RawUpstream.start(connection -> {
                    connection.readHead();
                    connection.write("HTTP/1.1 2");
                    connection.read();
                });
                TestGateway gateway = TestGateway.serving(
                        yaml("CONNECT", proxy.port(), "connectionPool: {tcp: {connectTimeout: 500ms}}"))) {
            long start = System.nanoTime();
            assertThat(RawClient.exchange(gateway.port(31400), "x")).isEmpty();

            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isBetween(Duration.ofMillis(400), Duration.ofSeconds(3));
            assertThat(gateway.firstFacts().details).isEqualTo("upstream_connect_timeout");
        }
    }

    @Test
    void aPostHasTheTwoDirectionsAsItsBodies() throws Exception {
        try (RawUpstream proxy = RawUpstream.start(connection -> {
                    connection.readHead();
                    connection.write(OK_CHUNKED + "2\r\nhi\r\n");
                    // To the last chunk: the connection stays open.
                    while (!connection.readLine().equals("0\r\n")) {}
                    connection.readLine();
                    connection.write("3;x=y\r\nbye\r\n0\r\n\r\nsurplus");
                    connection.read();
                });
                TestGateway gateway = gateway("POST", proxy.port());
                RawClient client = new RawClient(gateway.port(31400))) {
            assertThat(client.readBytes(2)).isEqualTo("hi");
            client.send("hello");
            client.endOutput();
            assertThat(client.readToEnd()).isEqualTo("bye");
            assertThat(proxy.received()).isEqualTo(POST + "5\r\nhello\r\n0\r\n\r\n");
            assertThat(gateway.firstFacts().flag).isNull();
        }
    }

    @Test
    void aPostWhoseResponseIsCutIsNoOrderlyEnd() throws Exception {
        try (RawUpstream proxy = RawUpstream.start(connection -> {
                    connection.readHead();
                    connection.write(OK_CHUNKED + "5\r\nhel");
                });
                TestGateway gateway = gateway("POST", proxy.port())) {
            assertThat(RawClient.exchange(gateway.port(31400), "")).isIn("hel", "");
            assertThat(gateway.firstFacts().flag).hasToString("UC");
        }
    }

    @Test
    void aPostWithoutFramingOfTheResponseEndsWithTheConnection() throws Exception {
        try (RawUpstream proxy = RawUpstream.start(connection -> {
                    connection.readHead();
                    connection.write("HTTP/1.1 200 OK\r\n\r\nall");
                });
                TestGateway gateway = gateway("POST", proxy.port());
                RawClient client = new RawClient(gateway.port(31400))) {
            assertThat(client.readBytes(3)).isEqualTo("all");
            client.endOutput();
            assertThat(client.readToEnd()).isEmpty();
        }
    }
}
