package io.sallyport.http.h2;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.sallyport.http.ClientConnection;
import io.sallyport.http.ConnectionInfo;
import io.sallyport.http.HttpLimits;
import io.sallyport.http.RequestReceiver;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/// Servers and connections on the loopback interface, all on one event loop.
final class TestNetwork implements AutoCloseable {
    final EventLoopGroup loop = new NioEventLoopGroup(1);
    private final AtomicLong ids = new AtomicLong();

    SocketAddress serve(RequestReceiver receiver, HttpLimits limits) throws Exception {
        return listen(channel -> Http2ServerConnection.create(
                receiver,
                new ConnectionInfo(ids.incrementAndGet(), channel.remoteAddress(), channel.localAddress(), null),
                limits,
                Http2Options.DEFAULT));
    }

    interface HandlerFactory {
        ChannelHandler create(Channel channel);
    }

    SocketAddress listen(HandlerFactory handlers) throws Exception {
        return new ServerBootstrap()
                .group(loop)
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(handlers.create(channel));
                    }
                })
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .sync()
                .channel()
                .localAddress();
    }

    Http2ClientConnection connect(SocketAddress address, ClientConnection.Owner owner) throws Exception {
        Http2ClientConnection connection = Http2ClientConnection.create(owner, HttpLimits.DEFAULT, null);
        new Bootstrap()
                .group(loop)
                .channel(NioSocketChannel.class)
                .handler(connection)
                .connect(address)
                .sync();
        return connection;
    }

    <T> T onLoop(Supplier<T> action) throws Exception {
        return loop.next().submit(action::get).get(10, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
