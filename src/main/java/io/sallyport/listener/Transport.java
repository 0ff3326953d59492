package io.sallyport.listener;

import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.StandardSocketOptions;

/// The two ways to the kernel: epoll, which costs a third less CPU per request, and the JDK's selector where the native
/// library is not to be had.
public enum Transport {
    EPOLL {
        @Override
        public EventLoopGroup newGroup(int loops) {
            return new EpollEventLoopGroup(loops, new DefaultThreadFactory(THREADS));
        }

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
        public EventLoopGroup newGroup(int loops) {
            return new NioEventLoopGroup(loops, new DefaultThreadFactory(THREADS));
        }

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
    private static final String THREADS = "data-plane";

    /// Epoll where its native library loads; where it should but does not, the log says so.
    public static Transport best() {
        if (Epoll.isAvailable()) {
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

    public abstract EventLoopGroup newGroup(int loops);

    abstract Class<? extends ServerChannel> serverChannel();

    /// Lets every event loop accept on a socket of its own; the kernel spreads connections over them.
    abstract ChannelOption<Boolean> reusePort();
}
