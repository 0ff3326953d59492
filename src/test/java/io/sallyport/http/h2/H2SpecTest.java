package io.sallyport.http.h2;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.sallyport.http.ConnectionInfo;
import io.sallyport.http.HttpLimits;
import io.sallyport.testing.H2Spec;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// h2spec 2.2, the conformance suite for HTTP/2 servers, against a server that answers with the handler under test.
class H2SpecTest {
    @TempDir
    Path directory;

    private final EventLoopGroup loops = new NioEventLoopGroup(1);
    private Channel server;

    @BeforeEach
    void listen() throws Exception {
        server = new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        var info = new ConnectionInfo(1, channel.remoteAddress(), channel.localAddress(), null);
                        channel.pipeline()
                                .addLast(Http2ServerConnection.create(
                                        new EchoReceiver(), info, HttpLimits.DEFAULT, Http2Options.DEFAULT));
                    }
                })
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .sync()
                .channel();
    }

    @AfterEach
    void close() {
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    @Test
    void passesEveryCase() throws Exception {
        H2Spec.Result result = run();

        assertThat(result.failed()).as(result.output()).isZero();
        assertThat(result.tests()).isGreaterThanOrEqualTo(145);
        assertThat(result.passed()).as(result.output()).isEqualTo(result.tests());
    }

    @Test
    void passesEveryStrictCase() throws Exception {
        H2Spec.Result result = run("-S");

        assertThat(result.passed()).as(result.output()).isEqualTo(result.tests());
    }

    private H2Spec.Result run(String... options) throws Exception {
        return H2Spec.run(directory, ((InetSocketAddress) server.localAddress()).getPort(), options);
    }
}
