package io.sallyport.e2e.hostile.egress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sallyport.testing.RawClient;
import io.sallyport.tls.Hello;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// ClientHellos that come in pieces, too early, or never.
class TunnelHelloPiecesTest extends TunnelHelloFixture {
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
                await().untilAsserted(() -> assertThat(fortress.outside.connections())
                        .last()
                        .satisfies(
                                connection -> assertThat(connection.received()).isEqualTo(sent)));
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
}
