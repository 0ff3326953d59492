package io.sallyport.e2e.hostile.egress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.sallyport.e2e.hostile.H2Client;
import io.sallyport.e2e.hostile.LogWatch;
import io.sallyport.egress.EgressMode;
import io.sallyport.http.HttpLimits;
import io.sallyport.http.h2.Frames;
import io.sallyport.http.h2.SentFrame;
import io.sallyport.proxy.ProxySettings;
import io.sallyport.testing.GatewayBuilder;
import io.sallyport.testing.RawClient;
import io.sallyport.tls.Hello;
import io.sallyport.tunnel.TunnelSettings;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Tunnels to a port of TLS, and what a client says first in them.
abstract class TunnelHelloFixture {
    static final Duration HELLO_TIMEOUT = Duration.ofMillis(700);
    static final int ECH = 0xfe0d;

    @RegisterExtension
    final LogWatch log = new LogWatch();

    final Fortress fortress = new Fortress(
            EgressMode.REGISTRY_ONLY, Fortress.listed("other.example.com", 1), TunnelHelloFixture::impatient);

    static GatewayBuilder impatient(GatewayBuilder builder) {
        return builder.proxy(new ProxySettings(
                0,
                ProxySettings.DEFAULT.paths(),
                null,
                null,
                null,
                new TunnelSettings(HELLO_TIMEOUT, HttpLimits.DEFAULT),
                ProxySettings.DEFAULT.retryBodyBytes()));
    }

    @AfterEach
    void close() {
        fortress.close();
    }

    RawClient tunnel() throws IOException {
        RawClient client = new RawClient(fortress.port());
        client.send("CONNECT api.example.com:443 HTTP/1.1\r\nHost: api.example.com:443\r\n\r\n");
        assertThat(client.readHead()).startsWith("HTTP/1.1 200 ");
        return client;
    }

    static byte[] bytes(ByteBuf buffer) {
        return ByteBufUtil.getBytes(buffer);
    }

    static byte[] hello(ByteBuf... extensions) {
        return bytes(Hello.record(Hello.body(extensions)));
    }

    static byte[] good() {
        return hello(Hello.serverName("api.example.com"));
    }

    String arrived() {
        return fortress.outside.received();
    }

    void isClosed(byte[] first, String details) throws Exception {
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

    void isClosedOverHttp2(byte[] first, String details) throws Exception {
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
    void nothingArrived() {
        assertThat(fortress.outside.connections())
                .filteredOn(connection -> !connection.received().isEmpty())
                .allMatch(connection ->
                        connection.received().startsWith("GET / HTTP/1.1\r\nhost: api.example.com\r\nx-request-id"));
    }

    static String connect(Fortress open, String authority, byte[] first) throws IOException {
        try (RawClient client = new RawClient(open.port())) {
            client.send("CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority + "\r\n\r\n");
            assertThat(client.readHead()).startsWith("HTTP/1.1 200 ");
            client.send(first);
            return client.readToEnd();
        }
    }
}
