package io.sallyport.http.h1;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The ways a connection ends.
public final class ChannelClosing {
    private static final long LOOK_SECONDS = 5;
    /// `TCP_CLOSE` in tcp_info's `tcpi_state` (tcp(7)).
    private static final int CLOSED = 7;
    /// `TCP_FIN_WAIT2`.
    private static final int FIN_WAIT_2 = 5;

    private ChannelClosing() {}

    /// Lets a peer that has nothing more to send still read what is sent to it.
    static void allowHalfClosure(Channel channel) {
        if (channel instanceof DuplexChannel) {
            channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        }
    }

    /// To be called for a client that has ended its side, on a connection that stays: closes it once the client
    /// has reset it. Epoll's channel overlooks a reset behind a FIN where nothing waits to be written, so that a
    /// tunnel or a WebSocket whose endpoint is silent would never end; this looks every few seconds. Endpoints are
    /// left alone, since clients may still be reading what these have sent.
    public static void closeOnceReset(Channel channel) {
        if (channel instanceof EpollSocketChannel socket && socket.isOpen()) {
            Future<?> looks = socket.eventLoop()
                    .scheduleAtFixedRate(() -> closeIfReset(socket), LOOK_SECONDS, LOOK_SECONDS, TimeUnit.SECONDS);
            socket.closeFuture().addListener(_ -> looks.cancel(false));
        }
    }

    private static void closeIfReset(EpollSocketChannel socket) {
        if (socket.isOpen() && socket.tcpInfo().state() == CLOSED) {
            socket.close();
        }
    }

    /// Whether the peer's system has acknowledged this side's FIN, and so has all that was sent before it. False where
    /// nobody knows.
    public static boolean isEndAcknowledged(@Nullable Channel channel) {
        return channel instanceof EpollSocketChannel socket
                && socket.isOpen()
                && socket.tcpInfo().state() == FIN_WAIT_2;
    }

    /// Whether a user event says that the peer has ended its side, by FIN or close_notify. A handler of TLS whose own
    /// side has ended may say so too early, and data still follow.
    public static boolean isEndOfInput(Channel channel, Object event) {
        if (event instanceof SslCloseCompletionEvent) {
            SslHandler tls = channel.pipeline().get(SslHandler.class);
            return tls == null || tls.engine().isInboundDone();
        }
        return event instanceof ChannelInputShutdownEvent;
    }

    /// Sends what was written, then closes.
    static void afterWrites(ChannelHandlerContext ctx) {
        ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }

    /// Sends what was written, then closes; a peer that does not read may delay that only for so long.
    public static void afterWrites(Channel channel, Duration longest) {
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        Future<?> forced = channel.eventLoop().schedule(() -> channel.close(), longest.toNanos(), TimeUnit.NANOSECONDS);
        channel.closeFuture().addListener(_ -> forced.cancel(false));
    }

    /// Whether the channel can end its output and go on reading.
    static boolean canEndOutput(Channel channel) {
        return channel instanceof DuplexChannel;
    }

    /// Sends what was written, then signals the end of output, if the transport can.
    ///
    /// @return done once it was sent
    static ChannelFuture output(ChannelHandlerContext ctx) {
        Channel channel = ctx.channel();
        SslHandler tls = ctx.pipeline().get(SslHandler.class);
        return ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(written -> {
            if (!written.isSuccess()) {
                ctx.close();
            } else if (tls != null) {
                tls.closeOutbound();
            } else if (channel instanceof DuplexChannel duplex) {
                duplex.shutdownOutput();
            }
        });
    }

    /// As [#output], and within TLS ends TCP's output as well, behind the close_notify. What arrives from then on is
    /// dropped, undecrypted; the end is the peer's FIN.
    static ChannelFuture outputForGood(ChannelHandlerContext ctx) {
        // Its own listener, which comes first, has TLS write the close_notify.
        ChannelFuture sent = output(ctx);
        SslHandler tls = ctx.pipeline().get(SslHandler.class);
        return tls == null ? sent : sent.addListener(_ -> endBelow(ctx.channel(), tls));
    }

    private static void endBelow(Channel channel, SslHandler tls) {
        ChannelHandlerContext below = channel.pipeline().context(tls);
        if (below != null && channel instanceof DuplexChannel duplex) {
            channel.pipeline().addFirst(new InputDrop());
            below.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(_ -> duplex.shutdownOutput());
        }
    }

    /// Input that nobody is to see, not even TLS.
    private static final class InputDrop extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ReferenceCountUtil.release(message);
        }
    }

    /// Breaks the connection so that the peer cannot mistake what it received for the whole: TCP RST, and no TLS
    /// close_notify.
    static void abruptly(ChannelHandlerContext ctx) {
        Channel channel = ctx.channel();
        if (!channel.isOpen()) {
            return;
        }
        if (channel instanceof DuplexChannel) {
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
        }
        channel.unsafe().close(ctx.voidPromise());
    }
}
