package io.sallyport.vertx;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.Epoll;
import io.vertx.core.Context;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.impl.ContextInternal;
import io.vertx.core.impl.VertxBuilder;
import io.vertx.core.impl.transports.EpollTransport;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.core.spi.VertxServiceProvider;

/// What the gateway needs of Vert.x that its API does not offer: the only class that names `io.vertx.core.impl`.
///
/// As a service provider it gives every Vert.x of the process epoll, where its native library loads. Quarkus by itself
/// does so on the JVM only, and only where it is configured: its native images have `VertxBuilder.nativeTransport`
/// replaced.
public final class VertxInternals implements VertxServiceProvider {
    @Override
    public void init(VertxBuilder builder) {
        if (Epoll.isAvailable()) {
            builder.findTransport(new EpollTransport());
        }
    }

    /// The event loop that the context's code runs on.
    public static EventLoop eventLoop(Context context) {
        return ((ContextInternal) context).nettyEventLoop();
    }

    /// Where the handler of an HTTP connection stands in its channel's pipeline.
    public static ChannelHandlerContext handler(HttpConnection connection) {
        return ((ConnectionBase) connection).channelHandlerContext();
    }
}
