package io.sallyport.http.h1;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;

/// The ways a connection ends.
public final class ChannelClosing {
    private ChannelClosing() {}

    /// Lets a peer that has nothing more to send still read what is sent to it.
    static void allowHalfClosure(Channel channel) {
        if (channel instanceof DuplexChannel) {
            channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        }
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
