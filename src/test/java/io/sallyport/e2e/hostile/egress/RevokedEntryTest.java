package io.sallyport.e2e.hostile.egress;

import static io.sallyport.testing.TestGateway.MESH_PORT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBufUtil;
import io.sallyport.e2e.hostile.H2Client;
import io.sallyport.e2e.hostile.LogWatch;
import io.sallyport.egress.EgressMode;
import io.sallyport.http.h2.Frames;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestDns;
import io.sallyport.testing.TestGateway;
import io.sallyport.tls.Hello;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// An entry is taken off the list while it is used: what goes on without asking again is ended, at once; the rest meets
/// the new list with its next request.
class RevokedEntryTest {
    private static final String GONE = "egress_no_longer_listed";

    @RegisterExtension
    final LogWatch log = new LogWatch();

    /// Sends back what it gets.
    private final RawUpstream upstream = RawUpstream.start("127.0.0.2", 0, connection -> {
        for (int b = connection.read(); b >= 0; b = connection.read()) {
            connection.write(new byte[] {(byte) b});
        }
    });

    private final String kept = Fortress.listed("kept.example.com", upstream.port());
    private final TestGateway gateway = TestGateway.builder()
            .eventLoops(2)
            .mesh(EgressMode.REGISTRY_ONLY)
            .start(kept + Fortress.listed("api.example.com", upstream.port()));

    @AfterEach
    void close() {
        gateway.close();
        upstream.close();
    }

    private RawClient connect(String authority) throws IOException {
        RawClient client = new RawClient(gateway.port(MESH_PORT));
        client.send("CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority + "\r\n\r\n");
        assertThat(client.readHead()).startsWith("HTTP/1.1 200 ");
        return client;
    }

    private static void echoes(RawClient client) throws IOException {
        assertThat(client.send("ping").readBytes(4)).isEqualTo("ping");
    }

    private void isRevoked(int index) {
        await().until(() -> gateway.facts().size() > index);
        assertThat(gateway.facts().get(index).details).isEqualTo(GONE);
        assertThat(gateway.facts().get(index).flag).hasToString("RBAC");
    }

    @Test
    void tunnelsEnd() throws Exception {
        try (RawClient revoked = connect("api.example.com:5432");
                RawClient stays = connect("kept.example.com:5432")) {
            echoes(revoked);
            echoes(stays);
            gateway.apply(kept);
            assertThat(revoked.readToEnd()).isEmpty();
            isRevoked(0);
            echoes(stays);
            assertThat(gateway.facts()).hasSize(1);
            await().until(() -> upstream.openConnections() == 1);
        }
    }

    @Test
    void tunnelsEndWhosePortHasAnotherProtocolNow() throws Exception {
        try (RawClient tcp = connect("api.example.com:5432")) {
            echoes(tcp);
            gateway.apply(kept
                    + Fortress.listed("api.example.com", upstream.port())
                            .replace("5432, name: tcp, protocol: TCP", "5432, name: tcp, protocol: TLS"));
            assertThat(tcp.readToEnd()).isEmpty();
            isRevoked(0);
        }
    }

    @Test
    void tunnelsStayWhoseEntryIsWrittenAnew() throws Exception {
        try (RawClient tcp = connect("api.example.com:5432")) {
            echoes(tcp);
            gateway.apply(Fortress.listed("*.example.com", upstream.port()));
            gateway.apply(Fortress.listed("api.example.com", upstream.port()) + "\n# again\n");
            echoes(tcp);
            assertThat(gateway.facts()).isEmpty();
        }
    }

    @Test
    void tunnelsByServerNameEnd() throws Exception {
        byte[] hello = ByteBufUtil.getBytes(Hello.record(Hello.body(Hello.serverName("api.example.com"))));
        byte[] other = ByteBufUtil.getBytes(Hello.record(Hello.body(Hello.serverName("kept.example.com"))));
        try (RawClient revoked = new RawClient(gateway.port(MESH_PORT));
                RawClient stays = new RawClient(gateway.port(MESH_PORT))) {
            assertThat(revoked.send(hello).readBytes(hello.length)).hasSize(hello.length);
            assertThat(stays.send(other).readBytes(other.length)).hasSize(other.length);
            gateway.apply(kept);
            assertThat(revoked.readToEnd()).isEmpty();
            isRevoked(0);
            echoes(stays);
        }
    }

    @Test
    void streamsEndAndTheirConnectionDoesNot() throws Exception {
        try (H2Client client = new H2Client(gateway.port(MESH_PORT))) {
            client.send(Frames.headers(1, false, ":method", "CONNECT", ":authority", "api.example.com:5432"));
            assertThat(client.answer(1)).asString().contains(":status=200");
            client.send(Frames.headers(3, false, ":method", "CONNECT", ":authority", "kept.example.com:5432"));
            assertThat(client.answer(3)).asString().contains(":status=200");
            gateway.apply(kept);
            assertThat(client.answer(1).type()).isEqualTo(Frames.RST_STREAM);
            isRevoked(0);
            client.send(Frames.data(3, "ping", false));
            assertThat(client.await(frame -> frame.stream() == 3 && frame.type() == Frames.DATA))
                    .isNotNull();
        }
    }

    @Test
    void tunnelsThatAreReadAsHttpEnd() throws Exception {
        try (RawClient revoked = connect("api.example.com:80")) {
            gateway.apply(kept);
            assertThat(revoked.readToEnd()).isEmpty();
            isRevoked(0);
        }
    }

    @Test
    void webSocketsEnd() throws Exception {
        try (RawUpstream socket = RawUpstream.start("127.0.0.2", 0, connection -> {
                    connection.readHead();
                    connection.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                            + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
                    while (connection.read() >= 0) {
                        continue;
                    }
                });
                RawClient client = new RawClient(gateway.port(MESH_PORT))) {
            gateway.apply(kept + Fortress.listed("ws.example.com", socket.port()));
            client.send("GET http://ws.example.com/ HTTP/1.1\r\nHost: ws.example.com\r\nUpgrade: websocket\r\n"
                    + "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                    + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
            assertThat(client.readHead()).startsWith("HTTP/1.1 101 ");
            gateway.apply(kept);
            assertThat(client.readToEnd()).isEmpty();
            isRevoked(0);
            await().until(() -> socket.openConnections() == 0);
        }
    }

    @Test
    void theNextRequestOfAConnectionMeetsTheNewList() throws Exception {
        try (RawUpstream api = RawUpstream.ok("hello");
                RawClient client = new RawClient(gateway.port(MESH_PORT))) {
            gateway.apply(Fortress.listed("api.example.com", api.port()).replace("127.0.0.2", "127.0.0.1"));
            String request = "GET http://api.example.com/ HTTP/1.1\r\nHost: api.example.com\r\n\r\n";
            assertThat(client.send(request).readResponse()).endsWith("hello");
            gateway.apply(kept);
            assertThat(client.send(request).readResponse()).startsWith("HTTP/1.1 403 ");
            assertThat(api.received().split("GET ")).hasSize(2);
        }
    }

    /// The list changes between the admission and the connection.
    @Test
    void aTunnelThatIsStillBeingOpenedIsRefused() throws Exception {
        String slow = """
                apiVersion: networking.istio.io/v1
                kind: ServiceEntry
                metadata: {name: slow}
                spec:
                  hosts: ["*.slow.example"]
                  resolution: DYNAMIC_DNS
                  ports: [{number: 443, name: tls, protocol: TLS, targetPort: %d}]
                ---
                """.formatted(upstream.port());
        try (TestDns dns = new TestDns();
                TestGateway slowly = TestGateway.builder()
                        .mesh(EgressMode.REGISTRY_ONLY)
                        .dns(dns)
                        .start(kept + slow);
                RawClient client = new RawClient(slowly.port(MESH_PORT))) {
            dns.silent("a.slow.example");
            client.send("CONNECT a.slow.example:443 HTTP/1.1\r\nHost: a.slow.example:443\r\n\r\n");
            await().until(() -> dns.wasAsked("a.slow.example"));
            slowly.apply(kept);
            dns.addresses("a.slow.example", 60, "127.0.0.2");
            assertThat(client.readToEnd()).matches("(?s)HTTP/1.1 (403|503) .*");
            assertThat(upstream.received()).isEmpty();
        }
    }
}
