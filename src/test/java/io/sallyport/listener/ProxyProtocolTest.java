package io.sallyport.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.haproxy.HAProxyCommand;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyMessageEncoder;
import io.netty.handler.codec.haproxy.HAProxyProtocolVersion;
import io.netty.handler.codec.haproxy.HAProxyProxiedProtocol;
import io.netty.handler.codec.haproxy.HAProxyTLV;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProxyProtocolTest {
    private static final InetSocketAddress SENDER = new InetSocketAddress("192.0.2.9", 4711);

    private static final InetSocketAddress OWN = new InetSocketAddress("192.0.2.1", 8443);

    private final List<SocketAddress> clients = new ArrayList<>();
    private final List<SocketAddress> destinations = new ArrayList<>();
    private final EmbeddedChannel channel = new EmbeddedChannel() {
        @Override
        protected SocketAddress remoteAddress0() {
            return SENDER;
        }

        @Override
        protected SocketAddress localAddress0() {
            return OWN;
        }
    };

    ProxyProtocolTest() {
        channel.pipeline().addLast(new ProxyProtocol(Duration.ofSeconds(10), (client, destination) -> {
            clients.add(client);
            destinations.add(destination);
        }));
    }

    @ParameterizedTest
    @CsvSource({
        "PROXY TCP4 198.51.100.7 203.0.113.1 51234 443, 198.51.100.7, 51234",
        "PROXY TCP6 2001:db8::7 2001:db8::1 51234 443, 2001:db8:0:0:0:0:0:7, 51234",
        "PROXY UNKNOWN, 192.0.2.9, 4711",
    })
    void readsVersion1AndLeavesWhatFollows(String header, String address, int port) {
        byte[] sent = (header + "\r\nGET / HTTP/1.1\r\n").getBytes(StandardCharsets.US_ASCII);
        for (byte octet : sent) {
            channel.writeInbound(Unpooled.wrappedBuffer(new byte[] {octet}));
        }
        assertClient(address, port);
        assertThat(rest()).isEqualTo("GET / HTTP/1.1\r\n");
        assertThat(channel.pipeline().names()).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({
        "PROXY, TCP4, 198.51.100.7, 203.0.113.1, 198.51.100.7, 51234",
        "PROXY, TCP6, 2001:db8::7, 2001:db8::1, 2001:db8:0:0:0:0:0:7, 51234",
        "LOCAL, TCP4, 198.51.100.7, 203.0.113.1, 192.0.2.9, 4711",
        "LOCAL, UNKNOWN, , , 192.0.2.9, 4711",
    })
    void readsVersion2AndLeavesWhatFollows(
            HAProxyCommand command, HAProxyProxiedProtocol protocol, String from, String to, String address, int port) {
        int ports = protocol == HAProxyProxiedProtocol.UNKNOWN ? 0 : 51234;
        List<HAProxyTLV> tlvs = protocol == HAProxyProxiedProtocol.UNKNOWN
                ? List.of()
                : List.of(new HAProxyTLV((byte) 0xea, Unpooled.copiedBuffer("vpce", StandardCharsets.US_ASCII)));
        channel.writeInbound(Unpooled.wrappedBuffer(
                encoded(new HAProxyMessage(
                        HAProxyProtocolVersion.V2, command, protocol, from, to, ports, ports == 0 ? 0 : 443, tlvs)),
                Unpooled.copiedBuffer("\u0016\u0003\u0001", StandardCharsets.US_ASCII)));
        assertClient(address, port);
        assertThat(rest()).isEqualTo("\u0016\u0003\u0001");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
                "\u0016\u0003\u0001\u0000\u0005\u0001\u0000\u0000\u0001\u0000\u0000\u0000\u0000\u0000",
                "PROXY TCP4 198.51.100.7 203.0.113.1 99999 443\r\n",
                "PROXY TCP4 198.51.100.700 203.0.113.1 1 443\r\n",
                "PROXY TCP4 010.1.1.1 203.0.113.1 1 443\r\nGET / HTTP/1.1\r\n",
                "PROXY TCP6 fd00::1%eth0 2001:db8::1 1 443\r\nGET / HTTP/1.1\r\n",
                "PROXY TCP4 evil.example 203.0.113.1 1 443\r\n",
                "PROXY TCP4 198.51.100.7 203.0.113.1 1\r\n",
                "PROXY SCTP4 198.51.100.7 203.0.113.1 1 443\r\n",
                "PROXY TCP4 198.51.100.7 203.0.113.1 1 443                                                                                \r\n",
                "\r\n\r\n\u0000\r\nQUIT\n\u0031\u0011\u0000\u000c\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000",
                "\r\n\r\n\u0000\r\nQUIT\n\u0021\u0012\u0000\u000c\u0001\u0002\u0003\u0004\u0001\u0002\u0003\u0004\u0001\u0001\u0001\u0001\n",
                "\r\n\r\n\u0000\r\nQUIT\n\u0021\u0011\u0000\u0004\u0000\u0000\u0000\u0000",
            })
    void whatIsNoHeaderIsClosedAndNothingOfItIsPassedOn(String bytes) {
        // A line that does not end is given up at the longest that version 1 allows, 107 bytes.
        String padded = bytes.endsWith("\n") ? bytes : bytes + "\0".repeat(108);
        channel.writeInbound(Unpooled.copiedBuffer(padded, StandardCharsets.ISO_8859_1));
        assertThat(channel.isOpen()).isFalse();
        assertThat(clients).isEmpty();
        assertThat((Object) channel.readInbound()).isNull();
    }

    @Test
    void typeLengthValuesMayBeAsLongAsTheHeaderCanSay() {
        byte[] value = new byte[65_535 - 12 - 3];
        channel.writeInbound(encoded(new HAProxyMessage(
                HAProxyProtocolVersion.V2,
                HAProxyCommand.PROXY,
                HAProxyProxiedProtocol.TCP4,
                "198.51.100.7",
                "203.0.113.1",
                51234,
                443,
                List.of(new HAProxyTLV((byte) 0xea, Unpooled.wrappedBuffer(value))))));
        assertClient("198.51.100.7", 51234);
    }

    @Test
    void aHeaderThatDoesNotEndIsCutOff() {
        channel.writeInbound(Unpooled.copiedBuffer("PROXY TCP4 198.51", StandardCharsets.US_ASCII));
        channel.advanceTimeBy(9, TimeUnit.SECONDS);
        channel.runScheduledPendingTasks();
        assertThat(channel.isOpen()).isTrue();
        channel.advanceTimeBy(1, TimeUnit.SECONDS);
        channel.runScheduledPendingTasks();
        assertThat(channel.isOpen()).isFalse();
    }

    private void assertClient(String address, int port) {
        assertThat(clients).singleElement().isInstanceOfSatisfying(InetSocketAddress.class, client -> {
            assertThat(client.getAddress().getHostAddress()).isEqualTo(address);
            assertThat(client.getPort()).isEqualTo(port);
            int served = client.equals(SENDER) ? OWN.getPort() : 443;
            assertThat(destinations)
                    .singleElement()
                    .isInstanceOfSatisfying(InetSocketAddress.class, destination -> assertThat(destination.getPort())
                            .isEqualTo(served));
        });
    }

    private String rest() {
        ByteBuf all = Unpooled.buffer();
        for (ByteBuf bytes = channel.readInbound(); bytes != null; bytes = channel.readInbound()) {
            all.writeBytes(bytes);
            bytes.release();
        }
        return new String(ByteBufUtil.getBytes(all), StandardCharsets.US_ASCII);
    }

    private static ByteBuf encoded(HAProxyMessage message) {
        EmbeddedChannel encoder = new EmbeddedChannel(HAProxyMessageEncoder.INSTANCE);
        encoder.writeOutbound(message);
        return encoder.readOutbound();
    }
}
