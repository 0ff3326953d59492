package io.sallyport.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.sallyport.identity.TlsRejection;
import io.sallyport.testing.Issued;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TlsSpecs;
import io.sallyport.tls.ClientHello;
import io.sallyport.tls.DownstreamTlsContext;
import io.sallyport.tls.Hello;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClientHelloRouterTest {
    private static final Issued SERVER =
            TestCertificates.authority("ca").leaf("api").dns("api.example.com").issue();

    private final List<ClientHello> asked = new ArrayList<>();
    private final List<String> failures = new ArrayList<>();
    private final ByteBuf tunnelled = Unpooled.buffer();
    private FilterChainTarget target;
    private EmbeddedChannel channel = open();

    private EmbeddedChannel open() {
        Function<ClientHello, FilterChainTarget> chooser = hello -> {
            asked.add(hello);
            return target;
        };
        HandshakeObserver observer = new HandshakeObserver() {
            @Override
            public void onUnknownName(ClientHello hello) {
                failures.add("unknown " + hello.serverName());
            }

            @Override
            public void onFailed(ClientHello hello, TlsRejection reason, Throwable cause) {
                failures.add((hello == null ? "no hello " : hello.serverName() + " ") + reason);
            }
        };
        return new EmbeddedChannel(new ClientHelloRouter(chooser, Duration.ofSeconds(10), observer));
    }

    private FilterChainTarget passthrough() {
        return new FilterChainTarget.Passthrough(it -> it.pipeline().addLast(new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext context, Object message) {
                tunnelled.writeBytes((ByteBuf) message);
                ((ByteBuf) message).release();
            }
        }));
    }

    @AfterEach
    void nothingIsLeftOver() {
        channel.finishAndReleaseAll();
    }

    @Test
    void aTunnelGetsTheHelloFromItsFirstByteInHoweverManyPiecesItCame() {
        ByteBuf hello = Hello.record(Hello.body(Hello.serverName("DB.example.com"), Hello.alpn("h2")));
        byte[] sent = ByteBufUtil.getBytes(
                Unpooled.wrappedBuffer(hello, Unpooled.copiedBuffer("more", StandardCharsets.US_ASCII)));
        for (int piece : new int[] {1, 7, 64, sent.length}) {
            channel = open();
            target = passthrough();
            tunnelled.clear();
            asked.clear();
            for (int at = 0; at < sent.length; at += piece) {
                channel.writeInbound(Unpooled.copiedBuffer(sent, at, Math.min(piece, sent.length - at)));
            }
            assertThat(ByteBufUtil.getBytes(tunnelled)).isEqualTo(sent);
            assertThat(asked)
                    .usingRecursiveFieldByFieldElementComparatorIgnoringFields("keys")
                    .containsExactly(new ClientHello("db.example.com", List.of("h2"), false));
        }
    }

    @Test
    void aHelloSpreadOverSeveralRecordsIsOne() {
        byte[] message = ByteBufUtil.getBytes(Hello.message(Hello.body(Hello.serverName("db.example.com"))));
        target = passthrough();
        for (int at = 0; at < message.length; at += 30) {
            int length = Math.min(30, message.length - at);
            channel.writeInbound(Unpooled.buffer()
                    .writeByte(22)
                    .writeShort(0x0301)
                    .writeShort(length)
                    .writeBytes(message, at, length));
        }
        assertThat(asked).extracting(ClientHello::serverName).containsExactly("db.example.com");
        assertThat(tunnelled.readableBytes()).isEqualTo(message.length + 5 * ((message.length + 29) / 30));
    }

    @Test
    void aNameThatNobodyServesGetsItsAlert() {
        channel.writeInbound(Hello.record(Hello.body(Hello.serverName("other.example.com"))));
        ByteBuf alert = channel.readOutbound();
        assertThat(ByteBufUtil.hexDump(alert)).isEqualTo("15030300020270");
        alert.release();
        assertThat(channel.isOpen()).isFalse();
        assertThat(failures).containsExactly("unknown other.example.com");
    }

    @Test
    void aChooserThatFailsLetsNobodyIn() {
        channel = new EmbeddedChannel(new ClientHelloRouter(
                _ -> {
                    throw new IllegalStateException("broken");
                },
                Duration.ofSeconds(10),
                HandshakeObserver.NONE));
        channel.writeInbound(Hello.record(Hello.body(Hello.serverName("api.example.com"))));
        assertThat(channel.isOpen()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
                "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
                "\u0016\u0002\u0000\u0000\u0000\u0000\u0000\u0000",
                "\u0017\u0003\u0003\u0000\u0001aaaa",
                "\u0015\u0003\u0003\u0000\u0002\u0001\u0000",
                "\u0080\u0020\u0001\u0003\u0001aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
            })
    void whatIsNoClientHelloIsClosedWithoutAnswer(String bytes) {
        target = passthrough();
        channel.writeInbound(Unpooled.copiedBuffer(bytes, StandardCharsets.ISO_8859_1));
        channel.runPendingTasks();
        assertThat(channel.isOpen()).isFalse();
        assertThat(asked).isEmpty();
        assertThat(tunnelled.isReadable()).isFalse();
        assertThat((Object) channel.readOutbound()).isNull();
    }

    @Test
    void aHelloWithoutEndIsBounded() {
        target = passthrough();
        ByteBuf start = Unpooled.buffer()
                .writeByte(22)
                .writeShort(0x0301)
                .writeShort(16_000)
                .writeByte(1)
                .writeMedium(0xffffff);
        channel.writeInbound(start.writeZero(16_000 - 4));
        for (int i = 0; i < 8 && channel.isOpen(); i++) {
            channel.writeInbound(Unpooled.buffer()
                    .writeByte(22)
                    .writeShort(0x0301)
                    .writeShort(16_000)
                    .writeZero(16_000));
        }
        channel.runPendingTasks();
        assertThat(channel.isOpen()).isFalse();
        assertThat(asked).isEmpty();
    }

    @Test
    void aDribbledHelloIsCutOffAtTheDeadline() {
        byte[] hello = ByteBufUtil.getBytes(Hello.record(Hello.body(Hello.serverName("api.example.com"))));
        for (int second = 0; second < 9; second++) {
            channel.writeInbound(Unpooled.copiedBuffer(hello, second, 1));
            channel.advanceTimeBy(1, TimeUnit.SECONDS);
            channel.runScheduledPendingTasks();
        }
        assertThat(channel.isOpen()).isTrue();
        channel.advanceTimeBy(1, TimeUnit.SECONDS);
        channel.runScheduledPendingTasks();
        assertThat(channel.isOpen()).isFalse();
        assertThat(failures).containsExactly("no hello TIMEOUT");
    }

    @Test
    void aHandshakeThatStallsAfterTheHelloIsCutOffToo() throws Exception {
        DownstreamTlsContext context = DownstreamTlsContext.of(TlsSpecs.downstream(SERVER.credential(), List.of()));
        target = new FilterChainTarget.Terminate(context, (_, _) -> failures.add("secured"));
        SSLEngine client = SSLContext.getDefault().createSSLEngine();
        client.setUseClientMode(true);
        ByteBuffer hello = ByteBuffer.allocate(client.getSession().getPacketBufferSize());
        client.wrap(ByteBuffer.allocate(0), hello);
        channel.writeInbound(Unpooled.wrappedBuffer(hello.flip()));
        assertThat(channel.isOpen()).isTrue();
        channel.advanceTimeBy(10, TimeUnit.SECONDS);
        channel.runScheduledPendingTasks();
        assertThat(channel.isOpen()).isFalse();
        assertThat(failures).containsExactly("null TIMEOUT");
    }
}
