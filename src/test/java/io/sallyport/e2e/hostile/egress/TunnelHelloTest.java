package io.sallyport.e2e.hostile.egress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sallyport.e2e.hostile.H2Client;
import io.sallyport.egress.EgressMode;
import io.sallyport.http.h2.Frames;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.tls.Hello;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a client may say first in a tunnel to a port of TLS: a ClientHello for the host that it asked for. Anything
/// else ends the tunnel, and not a byte of it arrives.
class TunnelHelloTest extends TunnelHelloFixture {
    private static final String ROUTED = """
            apiVersion: networking.istio.io/v1
            kind: ServiceEntry
            metadata: {name: any}
            spec:
              hosts: [any.example.com]
              resolution: STATIC
              ports: [{number: 9000, name: any, targetPort: %d}]
              endpoints: [{address: 127.0.0.2}]
            ---
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: any}
            spec:
              hosts: [any.example.com]
              http:
              - route: [{destination: {host: any.example.com}}]
            """;

    @Test
    void tlsForAnotherHost() throws Exception {
        isClosed(hello(Hello.serverName("other.example.com")), "tunnel_sni_differs");
    }

    @Test
    void tlsForNoHost() throws Exception {
        isClosed(hello(), "tunnel_without_sni");
    }

    @Test
    void tlsForTwoHosts() throws Exception {
        isClosed(
                hello(Hello.serverName("api.example.com"), Hello.serverName("other.example.com")),
                "tunnel_without_sni");
    }

    @Test
    void tlsForTwoHostsInOneExtension() throws Exception {
        ByteBuf list = Unpooled.buffer();
        for (String name : new String[] {"api.example.com", "other.example.com"}) {
            list.writeByte(0).writeShort(name.length()).writeBytes(name.getBytes(StandardCharsets.US_ASCII));
        }
        ByteBuf both = Unpooled.buffer().writeShort(list.readableBytes()).writeBytes(list);
        isClosed(hello(Hello.extension(0, both)), "tunnel_without_sni");
    }

    @Test
    void tlsForAHostThatIsHidden() throws Exception {
        ByteBuf hidden = Hello.extension(ECH, Unpooled.buffer().writeZero(40));
        isClosed(hello(Hello.serverName("api.example.com"), hidden), "tunnel_hello_encrypted");
    }

    @Test
    void oddNames() throws Exception {
        for (String odd : new String[] {
            "api.example.com\0.evil.example",
            "127.0.0.1",
            "*.example.com",
            "api.example.com.evil.example",
            "",
            "xapi.example.com",
            "api.example.co\u043c",
            "api.example.com:443"
        }) {
            try (RawClient client = tunnel()) {
                client.send(hello(Hello.serverName(odd)));
                assertThat(client.readToEnd()).as(odd).isEmpty();
            }
        }
        assertThat(arrived()).isEmpty();
    }

    @Test
    void whatIsNotTls() throws Exception {
        isClosed(
                "GET / HTTP/1.1\r\nHost: api.example.com\r\n\r\n".getBytes(StandardCharsets.US_ASCII),
                "tunnel_without_tls");
        isClosed("SSH-2.0-x\r\n".getBytes(StandardCharsets.US_ASCII), "tunnel_without_tls");
        isClosed(new byte[] {22, 3, 1, 0, 5, 2, 0, 0, 1, 0}, "tunnel_without_tls");
        // A ClientHello as SSL 2 had it, which some servers still understand.
        isClosed(new byte[] {(byte) 0x80, 0x2e, 1, 3, 1, 0, 21, 0, 0, 0, 16}, "tunnel_without_tls");
    }

    /// A ServiceEntry that does not say what the port speaks lets out any protocol, but the list holds for TLS.
    @Test
    void onAPortOfNoProtocolTlsMustNameTheHost() throws Exception {
        String entry = """
                apiVersion: networking.istio.io/v1
                kind: ServiceEntry
                metadata: {name: any}
                spec:
                  hosts: [any.example.com]
                  resolution: STATIC
                  ports: [{number: 9000, name: any, targetPort: %d}]
                  endpoints: [{address: 127.0.0.2}]
                """;
        try (RawUpstream any =
                        RawUpstream.start("127.0.0.2", 0, connection -> connection.write(connection.readLine()));
                Fortress open =
                        new Fortress(EgressMode.REGISTRY_ONLY, entry.formatted(any.port()), builder -> builder)) {
            ByteBuf hidden = Hello.extension(ECH, Unpooled.buffer().writeZero(40));
            for (byte[] bad : new byte[][] {
                hello(Hello.serverName("other.example.com")),
                hello(Hello.serverName("any.example.com"), Hello.serverName("other.example.com")),
                hello(Hello.serverName("any.example.com"), hidden),
                hello()
            }) {
                assertThat(connect(open, "any.example.com:9000", bad)).isEmpty();
            }
            assertThat(any.received()).isEmpty();
            assertThat(connect(open, "any.example.com:9000", new byte[] {'E', 'H', '\n'}))
                    .isEqualTo("EH\n");
        }
    }

    @Test
    void whereEverythingMayLeaveTlsForAnotherHostMayNot() throws Exception {
        try (Fortress open = new Fortress(EgressMode.ALLOW_ANY, "", builder -> builder.allowedCidrs("127.0.0.2"))) {
            open.dns.addresses("free.example", 60, "127.0.0.2");
            String authority = "free.example:" + open.outside.port();
            assertThat(connect(open, authority, hello(Hello.serverName("other.example.com"))))
                    .isEmpty();
            assertThat(open.outside.received()).isEmpty();
        }
    }

    /// Where requests within a tunnel have routes, a client is waited for before the endpoint is connected. Waiting
    /// must not be a way around the check of what it says at last.
    @Test
    void whatASilentClientSaysAtLastIsCheckedToo() throws Exception {
        try (RawUpstream any = RawUpstream.start("127.0.0.2", 0, connection -> {
                    connection.write("220 ready\n");
                    connection.write(connection.readLine());
                });
                Fortress open = new Fortress(
                        EgressMode.REGISTRY_ONLY, ROUTED.formatted(any.port()), TunnelHelloFixture::impatient)) {
            for (String line : new String[] {"", "EH\n"}) {
                byte[] said = line.isEmpty()
                        ? hello(Hello.serverName("other.example.com"))
                        : line.getBytes(StandardCharsets.US_ASCII);
                try (RawClient client = new RawClient(open.port())) {
                    client.send("CONNECT any.example.com:9000 HTTP/1.1\r\nHost: any.example.com:9000\r\n\r\n");
                    assertThat(client.readHead()).startsWith("HTTP/1.1 200 ");
                    assertThat(client.readBytes("220 ready\n".length())).isEqualTo("220 ready\n");
                    client.send(said);
                    assertThat(client.readToEnd()).isEqualTo(line);
                }
            }
            assertThat(any.received()).isEqualTo("EH\n");
        }
    }

    private static Fortress ruled(RawUpstream any) {
        String rules = ROUTED.replace("  http:\n", """
                  http:
                  - match: [{uri: {prefix: /admin}}]
                    directResponse: {status: 403}
                """);
        return new Fortress(EgressMode.REGISTRY_ONLY, rules.formatted(any.port()), TunnelHelloFixture::impatient);
    }

    private static RawUpstream answering() {
        return RawUpstream.start(
                "127.0.0.2", 0, RawUpstream.sending("HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nsecret"));
    }

    private static RawClient silent(Fortress open, RawUpstream any) throws Exception {
        int before = any.connectionCount();
        RawClient client = new RawClient(open.port());
        client.send("CONNECT any.example.com:9000 HTTP/1.1\r\nHost: any.example.com:9000\r\n\r\n");
        assertThat(client.readHead()).startsWith("HTTP/1.1 200 ");
        await().until(() -> any.connectionCount() > before);
        return client;
    }

    /// Rules for the host's requests hold for a client that waits before it asks, too.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /admin HTTP/1.1\r\nHost: any.example.com:9000\r\nConnection: close\r\n\r\n",
                "\r\nPURGE /admin HTTP/1.1\r\nHost: any.example.com:9000\r\nConnection: close\r\n\r\n"
            })
    void requestsOfASilentClientMeetTheirRoutes(String request) throws Exception {
        try (RawUpstream any = answering();
                Fortress open = ruled(any)) {
            for (int first : new int[] {request.length(), 2, 9}) {
                try (RawClient client = silent(open, any)) {
                    client.send(request.substring(0, first));
                    client.send(request.substring(first));
                    assertThat(client.readToEnd()).startsWith("HTTP/1.1 403 ");
                }
            }
            assertThat(any.connections())
                    .allMatch(connection -> connection.received().isEmpty());
            try (RawClient client = silent(open, any)) {
                client.send(request.replace("/admin", "/open"));
                assertThat(client.readToEnd()).startsWith("HTTP/1.1 200 ").endsWith("secret");
            }
        }
    }

    @Test
    void requestsOfASilentClientInHttp2MeetTheirRoutes() throws Exception {
        try (RawUpstream any = answering();
                Fortress open = ruled(any);
                H2Client client = new H2Client(open.port())) {
            client.send(Frames.headers(1, false, ":method", "CONNECT", ":authority", "any.example.com:9000"));
            assertThat(client.answer(1).fields()).startsWith(":status=200");
            await().until(() -> any.connectionCount() > 0);
            client.send(Frames.data(
                    1,
                    "GET /admin HTTP/1.1\r\nHost: any.example.com:9000\r\nConnection: close\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII),
                    false));
            assertThat(client.body(1)).startsWith("HTTP/1.1 403 ");
            assertThat(any.received()).isEmpty();
        }
    }

    /// What no server reads as a request goes on as bytes, at once; what one may read so does not.
    @Test
    void linesOfOtherProtocolsAreNoRequests() throws Exception {
        try (RawUpstream any =
                        RawUpstream.start("127.0.0.2", 0, connection -> connection.write(connection.readLine()));
                Fortress open = ruled(any)) {
            for (String line : new String[] {"EHLO client.example\r\n", "USER anonymous\r\n", "*1\r\n"}) {
                assertThat(connect(open, "any.example.com:9000", line.getBytes(StandardCharsets.US_ASCII)))
                        .startsWith(line.substring(0, line.indexOf('\r')));
            }
            int connections = any.connectionCount();
            for (String line : new String[] {"GET /admin\r\n", "GET\t/admin\tHTTP/1.1\r\n\r\n"}) {
                assertThat(connect(open, "any.example.com:9000", line.getBytes(StandardCharsets.US_ASCII)))
                        .startsWith("HTTP/1.1 400 ");
            }
            assertThat(any.connectionCount()).isEqualTo(connections);
        }
    }

    @Test
    void aRequestAfterBytesOfTheServerEndsTheTunnel() throws Exception {
        try (RawUpstream any = RawUpstream.start("127.0.0.2", 0, connection -> {
                    connection.write("220 ready\n");
                    connection.write(connection.readLine());
                });
                Fortress open = ruled(any);
                RawClient client = silent(open, any)) {
            assertThat(client.readBytes("220 ready\n".length())).isEqualTo("220 ready\n");
            client.send("GET /admin HTTP/1.1\r\nHost: any.example.com:9000\r\n\r\n");
            assertThat(client.readToEnd()).isEmpty();
            await().until(() -> !open.gateway.facts().isEmpty());
            assertThat(open.gateway.facts().getLast().details).isEqualTo("tunnel_way_differs");
            assertThat(any.received()).isEmpty();
        }
    }

    @Test
    void lineEndsWithoutEndAreNotWaitedOut() throws Exception {
        try (RawUpstream any = RawUpstream.ok("secret");
                Fortress open =
                        new Fortress(EgressMode.REGISTRY_ONLY, ROUTED.formatted(any.port()), builder -> builder)) {
            assertThat(connect(open, "any.example.com:9000", "\r\n".repeat(1000).getBytes(StandardCharsets.US_ASCII)))
                    .isEmpty();
            assertThat(any.connectionCount()).isZero();
        }
    }
}
