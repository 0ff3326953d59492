package io.sallyport.upstream;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.sallyport.cluster.ClusterSpec;
import io.sallyport.cluster.DescriptorLimit;
import io.sallyport.cluster.TcpKeepalive;
import io.sallyport.http.SocketReads;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.function.BooleanSupplier;
import jdk.net.ExtendedSocketOptions;

/// How channels to endpoints are set up: the one place that knows transports and socket options.
final class UpstreamBootstrap {
    /// Above the high mark a channel says that it is not writable, and the proxy stops reading the other side.
    private static final WriteBufferWaterMark WATER_MARKS = new WriteBufferWaterMark(32 * 1024, 64 * 1024);

    private static final RecvByteBufAllocator READS = new SocketReads();

    /// For a relay of bytes: most of what a byte costs there are the calls that carry it, so a connection whose reads
    /// come back full gets up to 256 KiB at a time instead of 64. In return its turn is over after 4 reads,
    /// not 16.
    private static final RecvByteBufAllocator LARGE_READS = new SocketReads(256 * 1024, 4);

    private final EventLoop loop;
    private final boolean epoll;
    private final BooleanSupplier yieldIdle;
    private final DescriptorLimit descriptors = DescriptorLimit.ofProcess();

    UpstreamBootstrap(EventLoop loop) {
        this(loop, () -> false);
    }

    /// @param yieldIdle closes a connection that carries nothing, and says whether there was one
    UpstreamBootstrap(EventLoop loop, BooleanSupplier yieldIdle) {
        this.loop = loop;
        this.yieldIdle = yieldIdle;
        epoll = loop.parent() instanceof EpollEventLoopGroup;
    }

    EventLoop loop() {
        return loop;
    }

    DescriptorLimit descriptors() {
        return descriptors;
    }

    boolean yieldIdle() {
        return yieldIdle.getAsBoolean();
    }

    /// Begins to connect; the deadline is the caller's.
    ///
    /// A channel whose peer ends its side is closed. A caller that can go on in one direction alone has to allow
    /// that once the connection is ready.
    ///
    /// @param bytes true for a relay of bytes: nothing is read without a call of [io.netty.channel.Channel#read()]
    ChannelFuture connect(SocketAddress address, ClusterSpec spec, boolean bytes, ChannelHandler handler) {
        Bootstrap bootstrap = new Bootstrap()
                .group(loop)
                .handler(handler)
                .option(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .option(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARKS)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 0)
                .option(ChannelOption.AUTO_READ, !bytes)
                .option(ChannelOption.ALLOW_HALF_CLOSURE, false)
                .option(ChannelOption.RCVBUF_ALLOCATOR, bytes ? LARGE_READS : READS);
        if (address instanceof DomainSocketAddress unix) {
            return epoll
                    ? bootstrap.channelFactory(EpollDomainSocketChannel::new).connect(unix)
                    : bootstrap
                            // Which it does not know; it closes in any case.
                            .option(ChannelOption.ALLOW_HALF_CLOSURE, null)
                            .channelFactory(NioDomainSocketChannel::new)
                            .connect(UnixDomainSocketAddress.of(unix.path()));
        }
        bootstrap.option(ChannelOption.TCP_NODELAY, true);
        TcpKeepalive keepalive = spec.keepalive();
        if (keepalive != null) {
            keepAlive(bootstrap, keepalive);
        }
        if (epoll) {
            bootstrap.channelFactory(EpollSocketChannel::new);
        } else {
            bootstrap.channelFactory(NioSocketChannel::new);
        }
        return bootstrap.connect(address);
    }

    private void keepAlive(Bootstrap bootstrap, TcpKeepalive keepalive) {
        bootstrap.option(ChannelOption.SO_KEEPALIVE, true);
        set(bootstrap, epoll ? EpollChannelOption.TCP_KEEPCNT : NioOptions.COUNT, keepalive.probes());
        set(bootstrap, epoll ? EpollChannelOption.TCP_KEEPIDLE : NioOptions.IDLE, keepalive.timeSeconds());
        set(bootstrap, epoll ? EpollChannelOption.TCP_KEEPINTVL : NioOptions.INTERVAL, keepalive.intervalSeconds());
    }

    private static void set(Bootstrap bootstrap, ChannelOption<Integer> option, int value) {
        if (value > 0) {
            bootstrap.option(option, value);
        }
    }

    private static final class NioOptions {
        static final ChannelOption<Integer> COUNT = NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPCOUNT);
        static final ChannelOption<Integer> IDLE = NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPIDLE);
        static final ChannelOption<Integer> INTERVAL = NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPINTERVAL);
    }
}
