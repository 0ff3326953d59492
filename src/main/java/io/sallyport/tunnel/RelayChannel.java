package io.sallyport.tunnel;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import io.sallyport.http.h1.ProxyTunnel;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// How a channel that relays bytes is ended, whichever side of a relay it is.
public final class RelayChannel {
    private static final int LAST_FLUSH_SECONDS = 30;

    private RelayChannel() {}

    /// Ends the sending direction after what was written before: in a tunnel through a further proxy by its framing,
    /// within TLS by close_notify, else as the caller does once all is sent.
    ///
    /// @return false where the channel has no way to end one direction alone
    public static boolean endOutput(Channel channel, Consumer<DuplexChannel> whenSent) {
        if (ProxyTunnel.endOutput(channel)) {
            return true;
        }
        SslHandler tls = channel.pipeline().get(SslHandler.class);
        if (tls != null) {
            channel.flush();
            tls.closeOutbound();
            return true;
        }
        if (channel instanceof DuplexChannel duplex) {
            channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(_ -> whenSent.accept(duplex));
            return true;
        }
        return false;
    }

    /// The kernel sends RST instead of FIN when a socket without linger is closed.
    public static void reset(Channel channel) {
        if (channel.isOpen()) {
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
            channel.close();
        }
    }

    /// Closes after what was written before, but not later than a peer that no longer reads may keep us waiting.
    public static void closeWhenSent(Channel channel) {
        channel.config().setAutoRead(false);
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        Future<?> forced = channel.eventLoop().schedule(() -> channel.close(), LAST_FLUSH_SECONDS, TimeUnit.SECONDS);
        channel.closeFuture().addListener(_ -> forced.cancel(false));
    }
}
