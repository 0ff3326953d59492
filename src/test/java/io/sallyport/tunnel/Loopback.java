package io.sallyport.tunnel;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
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
import io.netty.util.concurrent.Future;
import io.sallyport.outcome.RequestFacts;
import io.sallyport.outcome.ResponseFlag;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;

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

    /// Relays what the channel reads to that address, and back.
    ///
    /// @param upstream gets the connected channel, and completes when bytes may be relayed
    public void relay(
            Channel client,
            InetSocketAddress to,
            Duration idle,
            Function<Channel, Future<Channel>> upstream,
            Consumer<End> ended) {
        var facts = new RequestFacts();
        var relay = new Relay(
                facts,
                (flag, details) -> ended.accept(new End(facts.bytesReceived, facts.bytesSent, flag, details)),
                each -> end(each, client));
        new Bootstrap()
                .group(group)
                .channel(epoll ? EpollSocketChannel.class : NioSocketChannel.class)
                .option(ChannelOption.AUTO_READ, false)
                .handler(new ChannelInboundHandlerAdapter())
                .connect(to)
                .addListener((ChannelFuture connected) -> {
                    if (connected.isSuccess()) {
                        upstream.apply(connected.channel()).addListener(_ -> join(relay, connected.channel(), idle));
                    } else {
                        relay.client().close(null);
                        relay.end(ResponseFlag.UF, "upstream_connect_failed");
                    }
                });
    }

    /// As the other, over a plain channel.
    public void relay(Channel client, InetSocketAddress to, Duration idle, Consumer<End> ended) {
        relay(client, to, idle, channel -> channel.eventLoop().newSucceededFuture(channel), ended);
    }

    private static void join(Relay relay, Channel channel, Duration idle) {
        relay.limitIdleTime(channel.eventLoop(), idle, "tcp_idle_timeout");
        relay.join(end(relay, channel));
    }

    private static ChannelEnd end(Relay relay, Channel channel) {
        ChannelEnd end = new ChannelEnd(relay, channel);
        channel.pipeline().addLast(end);
        return end;
    }

    /// How a relay ended.
    ///
    /// @param received bytes from the client
    /// @param sent bytes to the client
    public record End(long received, long sent, ResponseFlag flag, String details) {}

    @Override
    public void close() {
        group.shutdownGracefully(0, 0, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
