package io.sallyport.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import io.sallyport.http.h1.ChannelClosing;
import io.sallyport.http.h1.ProxyTunnel;
import io.sallyport.outcome.ResponseFlag;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// An end of a [Relay] that is a channel: the last handler of its pipeline.
final class ChannelEnd extends ChannelInboundHandlerAdapter implements Relay.End {
    private static final Duration LAST_FLUSH = Duration.ofSeconds(30);

    private final Relay relay;
    private final Channel channel;
    private boolean outputOver;
    private boolean broken;
    private boolean closed;

    ChannelEnd(Relay relay, Channel channel) {
        this.relay = relay;
        this.channel = channel;
        channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    }

    @Override
    public EventLoop eventLoop() {
        return channel.eventLoop();
    }

    @Override
    public void write(ByteBuf data) {
        if (outputOver) {
            data.release();
        } else {
            channel.write(data, channel.voidPromise());
        }
    }

    @Override
    public void flush() {
        if (!outputOver) {
            channel.flush();
        }
    }

    @Override
    public boolean isWritable() {
        return outputOver || channel.isWritable();
    }

    @Override
    public void setReading(boolean reading) {
        if (!closed) {
            channel.config().setAutoRead(reading);
        }
    }

    @Override
    public @Nullable EpollSocketChannel bareSocket() {
        // Whatever stands before this handler may look at the bytes, or change them.
        return channel.pipeline().first() == this && channel instanceof EpollSocketChannel socket ? socket : null;
    }

    @Override
    public boolean sendNow() {
        flush();
        return !outputOver;
    }

    /// In a tunnel through a further proxy by its framing, within TLS by close_notify, else by FIN. A channel that
    /// cannot end one direction alone is closed.
    @Override
    public void endOutput() {
        if (outputOver) {
            return;
        }
        outputOver = true;
        if (ProxyTunnel.endOutput(channel)) {
            return;
        }
        SslHandler tls = channel.pipeline().get(SslHandler.class);
        if (tls != null) {
            channel.flush();
            tls.closeOutbound();
        } else if (channel instanceof DuplexChannel duplex) {
            channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(_ -> duplex.shutdownOutput());
        } else {
            channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        }
    }

    @Override
    public void close(@Nullable ResponseFlag flag) {
        if (closed) {
            return;
        }
        closed = true;
        outputOver = true;
        if (!channel.isOpen()) {
            return;
        }
        if (flag == null || flag == ResponseFlag.SI || broken) {
            channel.config().setAutoRead(false);
            ChannelClosing.afterWrites(channel, LAST_FLUSH);
        } else {
            // The kernel sends RST instead of FIN when a socket without linger is closed.
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
            channel.close();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof ByteBuf data && !closed) {
            relay.onData(this, data);
        } else {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        if (!closed) {
            relay.onReadComplete(this);
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (channel.isWritable() && !closed) {
            relay.onWritable(this);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (!closed && ChannelClosing.isEndOfInput(channel, event)) {
            relay.onEndOfInput(this);
        }
        if (event instanceof ChannelInputShutdownEvent && relay.isClient(this)) {
            ChannelClosing.closeOnceReset(channel);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        onGone(true);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        onGone(false);
    }

    private void onGone(boolean reset) {
        broken |= reset;
        outputOver = true;
        if (!closed) {
            relay.onGone(this, broken);
        }
    }
}
