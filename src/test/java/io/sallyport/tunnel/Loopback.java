package io.sallyport.tunnel;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.sallyport.outcome.ProxyException;
import io.sallyport.outcome.ResponseFlag;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// One event loop that accepts on loopback ports and connects from there.
public final class Loopback implements AutoCloseable {
    private final boolean epoll;
    private final EventLoopGroup group;

    public Loopback(boolean epoll) {
        this.epoll = epoll;
        group = epoll ? new EpollEventLoopGroup(1) : new NioEventLoopGroup(1);
    }

    EventLoop loop() {
        return group.next();
    }

    /// @param accepted gives each connection its handlers
    public InetSocketAddress listen(Consumer<Channel> accepted) {
        return (InetSocketAddress) new ServerBootstrap()
                .group(group)
                .channel(epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        accepted.accept(channel);
                    }
                })
                .bind(InetAddress.getLoopbackAddress(), 0)
                .syncUninterruptibly()
                .channel()
                .localAddress();
    }

    /// A connector to that address, as the upstream package makes one.
    public TunnelConnector connector(InetSocketAddress to, TunnelConnector.Completion completion) {
        return callback -> {
            var attempt = new Bootstrap()
                    .group(group)
                    .channel(epoll ? EpollSocketChannel.class : NioSocketChannel.class)
                    .option(ChannelOption.AUTO_READ, false)
                    .handler(new ChannelInboundHandlerAdapter())
                    .connect(to);
            attempt.addListener(_ -> {
                if (attempt.isSuccess()) {
                    callback.onConnected(attempt.channel(), completion);
                } else if (!attempt.isCancelled()) {
                    callback.onRefused(ProxyException.upstream(ResponseFlag.UF, "upstream_connect_failed", true));
                }
            });
            return () -> attempt.cancel(true);
        };
    }

    @Override
    public void close() {
        group.shutdownGracefully(0, 0, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
