package io.sallyport.tunnel;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.local.LocalChannel;
import io.netty.channel.local.LocalServerChannel;
import io.sallyport.http.ConnectionInfo;
import io.sallyport.http.HttpLimits;
import io.sallyport.http.RequestReceiver;
import io.sallyport.http.h1.Http1Options;
import io.sallyport.http.h1.Http1ServerConnection;
import io.sallyport.http.h2.Http2Options;
import io.sallyport.http.h2.Http2ServerConnection;
import io.sallyport.http.h2.PrefaceDetector;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The far end of a tunnel to a port of plain HTTP: a connection within the process that is read like any client's, so
/// that requests in the tunnel are routed like those sent without one.
final class InnerHttp {
    private static final AtomicLong TUNNELS = new AtomicLong();

    private InnerHttp() {}

    /// @param client whose requests they are
    /// @param onConnected gets the near end, which does not read by itself; null where there is none. Called later,
    ///     on the event loop
    static void open(
            EventLoop loop,
            RequestReceiver receiver,
            ConnectionInfo client,
            HttpLimits limits,
            Consumer<@Nullable Channel> onConnected) {
        LocalWindow[] windows = LocalWindow.pair();
        LocalAddress address = new LocalAddress("tunnel-" + TUNNELS.incrementAndGet());
        ChannelFuture listening = new ServerBootstrap()
                .group(loop)
                .channelFactory(LocalServerChannel::new)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(windows[1], handler(receiver, client, limits));
                    }
                })
                .bind(address);
        ChannelFuture connecting = new Bootstrap()
                .group(loop)
                .channelFactory(LocalChannel::new)
                .option(ChannelOption.AUTO_READ, false)
                .handler(windows[0])
                .connect(address);
        connecting.addListener((ChannelFuture done) -> {
            listening.channel().close();
            onConnected.accept(done.isSuccess() ? done.channel() : null);
        });
    }

    private static PrefaceDetector handler(RequestReceiver receiver, ConnectionInfo client, HttpLimits limits) {
        return new PrefaceDetector(
                limits.headTimeout(),
                left -> new Http1ServerConnection(receiver, client, limits, Http1Options.DEFAULT.withUnderscores(true))
                        .awaitingFirstHead(left),
                () -> Http2ServerConnection.create(
                        receiver, client, limits, Http2Options.DEFAULT.withUnderscores(true)));
    }
}
