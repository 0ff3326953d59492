package io.sallyport.e2e.egress;

import static io.sallyport.testing.TestGateway.MESH_PORT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sallyport.e2e.hostile.H2Client;
import io.sallyport.egress.EgressMode;
import io.sallyport.http.h2.Frames;
import io.sallyport.testing.ClosedPort;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestGateway;
import java.io.IOException;
import java.net.SocketException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// CONNECT over HTTP/1.1: what opens a tunnel, and what goes through it.
class ConnectTest {
    private static TestGateway gateway(String yaml) {
        return TestGateway.builder().mesh(EgressMode.REGISTRY_ONLY).start(yaml);
    }

    private static RawClient connect(TestGateway gateway, String authority) throws IOException {
        return new RawClient(gateway.port(MESH_PORT))
                .send("CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority + "\r\n\r\n");
    }

    /// Sends back what it is sent, and its own end after the client's.
    private static RawUpstream echo() {
        return RawUpstream.start(connection -> {
            for (int b = connection.read(); b >= 0; b = connection.read()) {
                connection.write(new byte[] {(byte) b});
            }
        });
    }

    @Test
    void bytesGoThroughToAListedTcpPortBothWays() throws Exception {
        try (RawUpstream db = echo();
                TestGateway gateway = gateway(Listed.host("db.example.com", 5432, "TCP", db.port()));
                RawClient client = connect(gateway, "db.example.com:5432")) {
            assertThat(client.readHead()).startsWith("HTTP/1.1 200 ").doesNotContain("content-length");
            client.send("select 1");
            assertThat(client.readBytes(8)).isEqualTo("select 1");
            client.endOutput();
            assertThat(client.readToEnd()).isEmpty();
            await().untilAsserted(() -> assertThat(gateway.facts()).hasSize(1));
            assertThat(gateway.firstFacts().status).isEqualTo(200);
            assertThat(gateway.firstFacts().bytesReceived).isEqualTo(8);
            assertThat(gateway.firstFacts().egress.permit()).isEqualTo("ServiceEntry default/db.example.com-5432");
        }
    }

    @Test
    void bytesThatComeBeforeTheAnswerGoThroughTheTunnelAndAreNeverARequest() throws Exception {
        try (RawUpstream db = echo();
                TestGateway gateway = gateway(Listed.host("db.example.com", 5432, "TCP", db.port()));
                RawClient client = connect(gateway, "db.example.com:5432")) {
            client.send("GET http://db.example.com/ HTTP/1.1\r\n\r\n");
            assertThat(client.readHead()).startsWith("HTTP/1.1 200 ");
            assertThat(client.readHead()).isEqualTo("GET http://db.example.com/ HTTP/1.1\r\n\r\n");
        }
    }

    @Test
    void aRefusedTunnelEndsTheConnection() throws Exception {
        try (TestGateway gateway = gateway(Listed.host("db.example.com", 5432, "TCP", 1));
                RawClient client = connect(gateway, "evil.example.com:5432")) {
            client.send("GET http://db.example.com/ HTTP/1.1\r\nHost: db.example.com\r\n\r\n");
            String answer = client.readToEnd();
            assertThat(answer).startsWith("HTTP/1.1 403 ").contains("evil.example.com:5432");
            assertThat(answer.split("HTTP/1.1 ")).hasSize(2);
        }
    }

    private static String[] tunnel(String authority) {
        return new String[] {":method", "CONNECT", ":authority", authority};
    }

    /// Of HTTP/2 it ends its stream alone.
    @Test
    void aRefusedTunnelLeavesAnHttp2ConnectionAsItIs() throws Exception {
        try (RawUpstream db = echo();
                TestGateway gateway = gateway(Listed.host("db.example.com", 5432, "TCP", db.port()));
                H2Client client = new H2Client(gateway.port(MESH_PORT))) {
            client.send(Frames.headers(1, false, tunnel("db.example.com:5432")), Frames.data(1, "one", false));
            assertThat(client.answer(1).fields()).startsWith(":status=200");
            for (int stream = 3; stream < 9; stream += 2) {
                client.send(
                        Frames.headers(stream, false, tunnel("evil.example.com:5432")),
                        Frames.data(stream, "GET / HTTP/1.1\r\n\r\n", false));
                assertThat(client.answer(stream).fields()).startsWith(":status=403");
            }

            client.send(Frames.headers(9, false, tunnel("db.example.com:5432")), Frames.data(9, "nine", true));
            assertThat(client.answer(9).fields()).startsWith(":status=200");
            assertThat(client.body(9)).isEqualTo("nine");
            client.send(Frames.data(1, "two", true));
            assertThat(client.body(1)).endsWith("two");
        }
    }

    @Test
    void aListedHostOnAnotherPortIsDenied() throws Exception {
        try (TestGateway gateway = gateway(Listed.host("db.example.com", 5432, "TCP", 1));
                RawClient client = connect(gateway, "db.example.com:22")) {
            assertThat(client.readToEnd()).startsWith("HTTP/1.1 403 ");
        }
    }

    /// A proxy that has decided is asked once; one that cannot is asked as often as an endpoint is connected to.
    @ParameterizedTest
    @CsvSource({"403, 1", "407, 1", "429, 1", "502, 3", "503, 3"})
    void theNextProxyIsAskedAgainWhereThatMayHelp(int status, int times) throws Exception {
        try (RawUpstream proxy = RawUpstream.start(connection -> {
                    connection.readHead();
                    connection.write("HTTP/1.1 " + status + " No\r\ncontent-length: 0\r\n\r\n");
                });
                TestGateway gateway = gateway(Listed.host("db.example.com", 5432, "TCP", proxy.port()) + """
                        ---
                        apiVersion: networking.istio.io/v1
                        kind: DestinationRule
                        metadata: {name: db}
                        spec:
                          host: db.example.com
                          trafficPolicy: {tunnel: {targetHost: db.example.com, targetPort: 5432}}
                        """);
                RawClient client = connect(gateway, "db.example.com:5432")) {
            assertThat(client.readToEnd()).startsWith("HTTP/1.1 503 ");
            assertThat(gateway.firstFacts().details).isEqualTo("tunnel_refused_with_" + status);
            assertThat(proxy.connectionCount()).isEqualTo(times);
        }
    }

    @Test
    void anEndpointThatCannotBeConnectedIsAnsweredBeforeTheTunnelOpens() throws Exception {
        int closed = ClosedPort.number();
        try (TestGateway gateway = gateway(Listed.host("db.example.com", 5432, "TCP", closed));
                RawClient client = connect(gateway, "db.example.com:5432")) {
            assertThat(client.readToEnd()).startsWith("HTTP/1.1 503 ");
            assertThat(gateway.firstFacts().flag).hasToString("UF");
        }
    }

    @Test
    void requestsInATunnelToAnHttpPortAreRoutedAndHeldToItsHost() throws Exception {
        try (RawUpstream api = RawUpstream.ok("hello");
                TestGateway gateway = gateway(Listed.host("api.example.com", 80, "HTTP", api.port())
                        + Listed.host("other.example.com", 80, "HTTP", api.port()));
                RawClient client = connect(gateway, "api.example.com:80")) {
            assertThat(client.readHead()).startsWith("HTTP/1.1 200 ");
            client.send("GET /v1 HTTP/1.1\r\nHost: api.example.com\r\n\r\n");
            assertThat(client.readResponse()).startsWith("HTTP/1.1 200 ").endsWith("hello");
            assertThat(api.received()).startsWith("GET /v1 HTTP/1.1\r\n");
            client.send("GET /v1 HTTP/1.1\r\nHost: other.example.com\r\n\r\n");
            assertThat(client.readResponse()).startsWith("HTTP/1.1 403 ");
            assertThat(api.received()).doesNotContain("other.example.com");
        }
    }

    @Test
    void aResetOfTheEndpointReachesTheClient() throws Exception {
        try (RawUpstream rude = RawUpstream.start(connection -> {
                    connection.read();
                    connection.reset();
                });
                TestGateway gateway = gateway(Listed.host("db.example.com", 5432, "TCP", rude.port()));
                RawClient client = connect(gateway, "db.example.com:5432")) {
            assertThat(client.readHead()).startsWith("HTTP/1.1 200 ");
            client.send("x");
            assertThatThrownBy(() -> client.socket().getInputStream().read()).isInstanceOf(SocketException.class);
            assertThat(gateway.firstFacts().flag).hasToString("UC");
        }
    }
}
