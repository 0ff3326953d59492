package io.sallyport.listener;

import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.StandardSocketOptions;

/// The two ways to the kernel: epoll, which costs a third less CPU per request, and the JDK's selector where the native
/// library is not to be had.
public enum Transport {
    EPOLL {
        @Override
        Class<? extends ServerChannel> serverChannel() {
            return EpollServerSocketChannel.class;
        }

        @Override
        ChannelOption<Boolean> reusePort() {
            return EpollChannelOption.SO_REUSEPORT;
        }
    },
    NIO {
        @Override
        Class<? extends ServerChannel> serverChannel() {
            return NioServerSocketChannel.class;
        }

        @Override
        ChannelOption<Boolean> reusePort() {
            return NioChannelOption.of(StandardSocketOptions.SO_REUSEPORT);
        }
    };

    private static final Logger LOG = System.getLogger(Transport.class.getName());

    /// The one of the event loop. On a Linux where it is not epoll, though it should, the log says so.
    public static Transport of(EventLoop loop) {
        if (loop.parent() instanceof EpollEventLoopGroup) {
            return EPOLL;
        }
        if (System.getProperty("os.name", "").equals("Linux")) {
            LOG.log(
                    Level.WARNING,
                    "Connections are the JDK''s, which take more CPU: epoll''s library cannot be unpacked and loaded in {0}",
                    System.getProperty("io.netty.native.workdir", System.getProperty("java.io.tmpdir")));
        }
        return NIO;
    }

    abstract Class<? extends ServerChannel> serverChannel();

    /// Lets every event loop accept on a socket of its own; the kernel spreads connections over them.
    abstract ChannelOption<Boolean> reusePort();
}
