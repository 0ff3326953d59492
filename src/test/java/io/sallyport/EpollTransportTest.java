package io.sallyport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.epoll.EpollServerSocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/// Guards the pins in the pom: the native transport is of an older Netty than the modules around it.
@EnabledOnOs(OS.LINUX)
class EpollTransportTest {
    private static final int TIMEOUT_MILLIS = 5_000;

    @Test
    void theNativeTransportLoads() {
        assertThat(Epoll.unavailabilityCause()).isNull();
    }

    @Test
    void bytesComeBackOverEpollWithSharedPorts() throws Exception {
        EventLoopGroup loops = new EpollEventLoopGroup(1);
        try {
            Channel listening = new ServerBootstrap()
                    .group(loops)
                    .channel(EpollServerSocketChannel.class)
                    .option(EpollChannelOption.SO_REUSEPORT, true)
                    .childHandler(echo())
                    .bind(InetAddress.getLoopbackAddress(), 0)
                    .sync()
                    .channel();
            byte[] sent = "through the gate".getBytes(StandardCharsets.US_ASCII);

            byte[] received = exchange((InetSocketAddress) listening.localAddress(), sent);

            assertThat(received).isEqualTo(sent);
        } finally {
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
        }
    }

    private static byte[] exchange(InetSocketAddress address, byte[] sent) throws Exception {
        try (var socket = new Socket(address.getAddress(), address.getPort())) {
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.getOutputStream().write(sent);
            return socket.getInputStream().readNBytes(sent.length);
        }
    }

    private static ChannelInitializer<Channel> echo() {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                channel.pipeline().addLast(new ChannelInboundHandlerAdapter() {
                    @Override
                    public void channelRead(ChannelHandlerContext context, Object message) {
                        context.writeAndFlush(message);
                    }
                });
            }
        };
    }
}
