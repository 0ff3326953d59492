package io.sallyport.e2e.hostile.egress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.sallyport.e2e.hostile.H2Client;
import io.sallyport.e2e.hostile.LogWatch;
import io.sallyport.http.HttpLimits;
import io.sallyport.http.h2.Frames;
import io.sallyport.http.h2.SentFrame;
import io.sallyport.http.tls.Hello;
import io.sallyport.policy.EgressMode;
import io.sallyport.proxy.ProxySettings;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What a client may say first in a tunnel to a port of TLS: a ClientHello for the host that it asked for. Anything
/// else ends the tunnel, and not a byte of it arrives.
class TunnelHelloTest {
    private static final Duration HELLO_TIMEOUT = Duration.ofMillis(700);
    private static final int ECH = 0xfe0d;

    @RegisterExtension
    final LogWatch log = new LogWatch();

    private final Fortress fortress = new Fortress(
            EgressMode.REGISTRY_ONLY,
            Fortress.listed("other.example.com", 1),
            builder -> builder.proxy(new ProxySettings(
                    0,
                    ProxySettings.DEFAULT.paths(),
                    null,
                    null,
                    null,
                    new ProxySettings.Tunnels(Duration.ofHours(1), HELLO_TIMEOUT, HttpLimits.DEFAULT),
                    ProxySettings.DEFAULT.retryBodyBytes())));

    @AfterEach
    void close() {
        fortress.close();
    }

    private RawClient tunnel() throws IOException {
        RawClient client = new RawClient(fortress.port());
        client.send("CONNECT api.example.com:443 HTTP/1.1\r\nHost: api.example.com:443\r\n\r\n");
        assertThat(client.readHead()).startsWith("HTTP/1.1 200 ");
        return client;
    }

    private static byte[] bytes(ByteBuf buffer) {
        return ByteBufUtil.getBytes(buffer);
    }

    private static byte[] hello(ByteBuf... extensions) {
        return bytes(Hello.record(Hello.body(extensions)));
    }

    private static byte[] good() {
        return hello(Hello.serverName("api.example.com"));
    }

    private String arrived() {
        return fortress.outside.received();
    }

    private void isClosed(byte[] first, String details) throws Exception {
        int before = fortress.gateway.facts().size();
        try (RawClient client = tunnel()) {
            client.send(first);
            assertThat(client.readToEnd()).isEmpty();
        }
        await().until(() -> fortress.gateway.facts().size() > before);
        assertThat(fortress.gateway.facts().getLast().details).isEqualTo(details);
        assertThat(fortress.gateway.facts().getLast().flag).hasToString("RBAC");
        nothingArrived();
        isClosedOverHttp2(first, details);
    }

    private void isClosedOverHttp2(byte[] first, String details) throws Exception {
        int before = fortress.gateway.facts().size();
        try (H2Client client = new H2Client(fortress.port())) {
            client.send(Frames.headers(1, false, ":method", "CONNECT", ":authority", "api.example.com:443"));
            assertThat(client.answer(1)).asString().contains(":status=200");
            client.send(Frames.data(1, first, false));
            SentFrame end = client.answer(1);
            assertThat(end.type()).isEqualTo(Frames.RST_STREAM);
            // The other streams of the connection live on.
            client.send(Frames.headers(3, true, H2Client.request("GET", "/", ":authority", "api.example.com")));
            assertThat(client.answer(3)).asString().contains(":status=200");
        }
        await().until(() -> fortress.gateway.facts().size() > before);
        assertThat(fortress.gateway.facts()).anyMatch(facts -> details.equals(facts.details));
        nothingArrived();
    }

    /// But for the requests that [#isClosedOverHttp2] makes.
    private void nothingArrived() {
        assertThat(fortress.outside.connections())
                .filteredOn(connection -> !connection.received().isEmpty())
                .allMatch(connection ->
                        connection.received().startsWith("GET / HTTP/1.1\r\nhost: api.example.com\r\nx-request-id"));
    }

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

    @Test
    void aHelloThatIsTooLong() throws Exception {
        ByteBuf records = Unpooled.buffer();
        for (int i = 0; i < 5; i++) {
            records.writeByte(22).writeShort(0x301).writeShort(16_000);
            records.writeBytes(i == 0 ? new byte[] {1, 0, (byte) 0xff, (byte) 0xf0} : new byte[4])
                    .writeZero(15_996);
        }
        try (RawClient client = tunnel()) {
            client.send(bytes(records));
            assertThat(client.readToEnd()).isEmpty();
        }
        assertThat(arrived()).isEmpty();
        await().until(() -> !fortress.gateway.facts().isEmpty());
        assertThat(fortress.gateway.firstFacts().details).isEqualTo("tunnel_hello_too_large");
    }

    @Test
    void aHelloThatNeverComes() throws Exception {
        for (byte[] part : new byte[][] {{}, {22}, {22, 3, 1, 2}, java.util.Arrays.copyOf(good(), 50)}) {
            long start = System.nanoTime();
            try (RawClient client = tunnel()) {
                client.send(part);
                assertThat(client.readToEnd()).isEmpty();
            }
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isBetween(HELLO_TIMEOUT.minusMillis(100), HELLO_TIMEOUT.plusSeconds(3));
        }
        assertThat(arrived()).isEmpty();
        await().untilAsserted(() -> assertThat(fortress.gateway.facts())
                .hasSize(4)
                .allMatch(facts -> facts.details.equals("tunnel_without_hello")));
    }

    /// Each byte must not put the deadline off.
    @Test
    void aHelloThatDrips() throws Exception {
        byte[] hello = good();
        long start = System.nanoTime();
        try (RawClient client = tunnel()) {
            client.socket().setSoTimeout(20);
            int sent = 0;
            boolean open = true;
            while (open && sent < hello.length - 1) {
                try {
                    client.send(new byte[] {hello[sent++]});
                    open = client.socket().getInputStream().read() >= 0;
                } catch (java.net.SocketTimeoutException stillOpen) {
                    open = true;
                } catch (IOException reset) {
                    open = false;
                }
            }
            assertThat(open).isFalse();
        }
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(HELLO_TIMEOUT.plusSeconds(3));
        assertThat(arrived()).isEmpty();
    }

    @Test
    void aClientThatEndsBeforeItsHello() throws Exception {
        try (RawClient client = tunnel()) {
            client.send(new byte[] {22, 3, 1});
            client.endOutput();
            assertThat(client.readToEnd()).isEmpty();
        }
        assertThat(arrived()).isEmpty();
    }

    /// In segments of one byte, in records of one byte, and in both: it arrives as it was sent.
    @Test
    void piecesOfAGoodHello() throws Exception {
        ByteBuf message = Hello.message(Hello.body(Hello.serverName("API.Example.com")));
        ByteBuf records = Unpooled.buffer();
        while (message.isReadable()) {
            records.writeByte(22).writeShort(0x301).writeShort(1).writeByte(message.readByte());
        }
        byte[] cut = bytes(records);
        for (byte[] hello : new byte[][] {good(), cut}) {
            try (RawClient client = tunnel()) {
                for (byte b : hello) {
                    client.send(new byte[] {b});
                }
                client.send("more");
                String sent = new String(hello, StandardCharsets.ISO_8859_1) + "more";
                await().untilAsserted(() -> assertThat(
                                fortress.outside.connections().getLast().received())
                        .isEqualTo(sent));
            }
        }
    }

    /// Bytes may come with the CONNECT, before the answer; they are judged all the same.
    @Test
    void aHelloBeforeTheAnswer() throws Exception {
        byte[] connect = "CONNECT api.example.com:443 HTTP/1.1\r\nHost: api.example.com:443\r\n\r\n"
                .getBytes(StandardCharsets.US_ASCII);
        try (RawClient client = new RawClient(fortress.port())) {
            client.send(bytes(Unpooled.wrappedBuffer(connect, hello(Hello.serverName("other.example.com")))));
            assertThat(client.readToEnd()).doesNotContain("hello");
        }
        assertThat(arrived()).isEmpty();
        try (RawClient client = new RawClient(fortress.port())) {
            client.send(bytes(Unpooled.wrappedBuffer(connect, good())));
            assertThat(client.readHead()).startsWith("HTTP/1.1 200 ");
            await().until(() -> arrived().length() == good().length);
        }
    }

    private static String connect(Fortress open, String authority, byte[] first) throws IOException {
        try (RawClient client = new RawClient(open.port())) {
            client.send("CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority + "\r\n\r\n");
            assertThat(client.readHead()).startsWith("HTTP/1.1 200 ");
            client.send(first);
            return client.readToEnd();
        }
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
}
