package io.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.sallyport.e2e.hostile.H2Client;
import io.sallyport.http.h2.Frames;
import io.sallyport.http.h2.SentFrame;
import io.sallyport.testing.Issued;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A client's HTTP/2 requests that come with its end are answered, then the connection ends.
@Timeout(60)
class Http2HalfCloseTest {
    private static final String SERVER = TlsForwardingTest.tlsServer("shop.example", "shop", 443);

    private final TestCertificates authority = TestCertificates.authority("test root");
    private final Issued issued = authority.leaf("shop").dns("shop.example").issue();

    private static ByteBuf requests(String scheme) {
        return Unpooled.wrappedBuffer(
                Frames.preface(),
                Frames.settings(),
                Frames.headers(1, true, H2Client.request("GET", "/a", ":scheme", scheme)),
                Frames.headers(3, true, H2Client.request("GET", "/b", ":scheme", scheme)));
    }

    private static List<String> texts(byte[] received) {
        return new SentFrame.Parser()
                .parse(Unpooled.wrappedBuffer(received)).stream()
                        .map(SentFrame::toString)
                        .toList();
    }

    private static void assertAnswered(byte[] received) {
        assertThat(texts(received))
                .contains("1 DATA late END", "3 DATA late END")
                .last()
                .asString()
                .startsWith("0 GOAWAY 3 0");
    }

    /// Answers once all of the client has arrived.
    private static RawUpstream late(CountDownLatch answer) {
        return RawUpstream.start(connection -> {
            while (connection.readRequest() != null) {
                try {
                    assertThat(answer.await(10, TimeUnit.SECONDS)).isTrue();
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
                connection.write("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nlate");
            }
        });
    }

    @Test
    void overTcp() throws Exception {
        CountDownLatch answer = new CountDownLatch(1);
        try (RawUpstream upstream = late(answer);
                TestGateway gateway = TestGateway.builder()
                        .start(Yaml.httpGateway("shop.example")
                                + Yaml.service("up.internal", upstream.port())
                                + Yaml.forwardAll("shop.example", "up.internal"));
                Socket client = new Socket(InetAddress.getLoopbackAddress(), gateway.port(80))) {
            client.getOutputStream().write(ByteBufUtil.getBytes(requests("http")));
            client.shutdownOutput();
            answer.countDown();

            assertAnswered(client.getInputStream().readAllBytes());
        }
    }

    /// The gateway's own answers are written before the read that brought the requests has ended.
    @ParameterizedTest
    @CsvSource({"TLSv1.2", "TLSv1.3"})
    void answersOfTheGatewayOverTls(String protocol) throws Exception {
        try (TestGateway gateway = TestGateway.builder()
                .secret("shop", issued)
                .start(TlsForwardingTest.gateway(SERVER)
                        + Yaml.virtualService(
                                "shop.example", "- directResponse: {status: 200, body: {string: own}}"))) {
            assertThat(texts(ask(gateway, protocol, () -> {}))).contains("1 DATA own END", "3 DATA own END");
        }
    }

    /// The JDK's engine ends both directions at once over TLS 1.2.
    @ParameterizedTest
    @CsvSource({"TLSv1.2, false", "TLSv1.3, false", "TLSv1.3, true"})
    void overTls(String protocol, boolean jdk) throws Exception {
        CountDownLatch answer = new CountDownLatch(1);
        try (RawUpstream upstream = late(answer);
                TestGateway gateway =
                        jdk ? EveryTlsEngine.withoutBoringSsl(() -> overTls(upstream)) : overTls(upstream)) {
            assertAnswered(ask(gateway, protocol, answer::countDown));
        }
    }

    private TestGateway overTls(RawUpstream upstream) {
        return TestGateway.builder()
                .secret("shop", issued)
                .start(TlsForwardingTest.gateway(SERVER)
                        + Yaml.service("up.internal", upstream.port())
                        + Yaml.forwardAll("shop.example", "up.internal"));
    }

    /// Sends the requests and close_notify in one piece, then reads to the end.
    @SuppressWarnings("deprecation") // the group of Netty 4.1
    private byte[] ask(TestGateway gateway, String protocol, Runnable afterwards) throws Exception {
        EventLoopGroup group = new NioEventLoopGroup(1);
        try {
            Received received = new Received();
            Cork cork = new Cork();
            SslHandler tls = client(protocol).newHandler(Unpooled.EMPTY_BUFFER.alloc(), "shop.example", 443);
            Channel client = new Bootstrap()
                    .group(group)
                    .channel(NioSocketChannel.class)
                    .handler(new ChannelInitializer<>() {
                        @Override
                        protected void initChannel(Channel channel) {
                            channel.pipeline().addLast(cork, tls, received);
                        }
                    })
                    .connect(InetAddress.getLoopbackAddress(), gateway.port(443))
                    .sync()
                    .channel();
            tls.handshakeFuture().sync();
            client.eventLoop().execute(() -> {
                cork.corked = true;
                client.writeAndFlush(requests("https"));
                tls.closeOutbound();
                cork.corked = false;
                client.flush();
            });
            afterwards.run();
            assertThat(client.closeFuture().await(20, TimeUnit.SECONDS)).isTrue();
            return received.bytes.toByteArray();
        } finally {
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
    }

    /// One whose close_notify cannot be anything else between frames: the JDK's padding makes it as long as some.
    private SslContext client(String protocol) throws IOException {
        return SslContextBuilder.forClient()
                .sslProvider(SslProvider.OPENSSL)
                .protocols(protocol)
                .trustManager(authority.certificate())
                .applicationProtocolConfig(new ApplicationProtocolConfig(
                        ApplicationProtocolConfig.Protocol.ALPN,
                        ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                        ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                        "h2"))
                .build();
    }

    /// Sends in one piece what is written in the meantime.
    private static final class Cork extends ChannelOutboundHandlerAdapter {
        private boolean corked;

        @Override
        public void flush(ChannelHandlerContext context) {
            if (!corked) {
                context.flush();
            }
        }
    }

    private static final class Received extends SimpleChannelInboundHandler<ByteBuf> {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        @Override
        protected void channelRead0(ChannelHandlerContext context, ByteBuf data) throws IOException {
            data.readBytes(bytes, data.readableBytes());
        }
    }
}
