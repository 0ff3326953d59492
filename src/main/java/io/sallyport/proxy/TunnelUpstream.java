package io.sallyport.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import io.sallyport.http.ServerStream;
import io.sallyport.tunnel.RelayChannel;
import org.jspecify.annotations.Nullable;

/// The endpoint's side of a [TunnelExchange]: the last handler of its channel.
final class TunnelUpstream extends ChannelInboundHandlerAdapter {
    private final TunnelExchange exchange;
    private final Channel channel;
    private final TunnelGate gate;
    private final Deadline helloDeadline = new Deadline();
    private boolean inputOver;
    private boolean outputOver;
    private boolean broken;
    private boolean closed;

    TunnelUpstream(TunnelExchange exchange, Channel channel, TunnelGate gate, ProxySettings settings) {
        this.exchange = exchange;
        this.channel = channel;
        this.gate = gate;
        if (!gate.isOpen()) {
            helloDeadline.start(
                    channel.eventLoop(),
                    settings.tunnels().helloTimeout().toNanos(),
                    () -> forbid("tunnel_without_hello"));
        }
    }

    void start() {
        channel.config().setAutoRead(exchange.downstream.isWritable());
        if (channel.isActive()) {
            channel.flush();
        } else if (!closed) {
            exchange.onUpstreamGone(false);
        }
    }

    // What the client sends.

    void write(ByteBuf data) {
        if (outputOver) {
            data.release();
            return;
        }
        if (gate.isOpen()) {
            send(data);
            return;
        }
        String forbidden = gate.check(data);
        if (forbidden != null) {
            forbid(forbidden);
        } else if (gate.isOpen()) {
            helloDeadline.stop();
            gate.drainTo(this::send);
        }
    }

    private void send(ByteBuf data) {
        channel.write(data, channel.voidPromise());
        if (!takesMore()) {
            exchange.downstream.pauseReading();
        }
    }

    /// One large read fills the buffer, and the kernel mostly takes it at once: the other side is only to wait where it
    /// does not.
    private boolean takesMore() {
        if (!channel.isWritable()) {
            channel.flush();
        }
        return channel.isWritable();
    }

    private void forbid(String details) {
        gate.release();
        exchange.onForbidden(details);
    }

    void flush() {
        if (!outputOver) {
            channel.flush();
        }
    }

    /// After what was written before: within TLS by close_notify, else by FIN.
    void endOutput() {
        if (outputOver) {
            return;
        }
        if (!gate.isOpen()) {
            forbid("tunnel_without_hello");
            return;
        }
        outputOver = true;
        if (!RelayChannel.endOutput(channel, TunnelUpstream::finish)) {
            channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        }
    }

    /// Both sides have ended when the endpoint's has: its end then closes the channel, with nothing left to shut down.
    private static void finish(DuplexChannel duplex) {
        duplex.shutdownOutput();
        duplex.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, false);
    }

    void resumeReading() {
        if (!closed) {
            channel.config().setAutoRead(true);
        }
    }

    boolean isInputOver() {
        return inputOver;
    }

    // What the endpoint sends.

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (!(message instanceof ByteBuf data) || closed) {
            ReferenceCountUtil.release(message);
            return;
        }
        exchange.fromUpstream(data);
        ServerStream downstream = exchange.downstream;
        if (!downstream.isWritable()) {
            downstream.flush();
            channel.config().setAutoRead(downstream.isWritable());
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        if (!closed) {
            exchange.downstream.flush();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (channel.isWritable() && !closed) {
            exchange.onActivity();
            exchange.downstream.resumeReading();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        boolean end = event instanceof ChannelInputShutdownEvent || event instanceof SslCloseCompletionEvent;
        if (end && !inputOver && !closed) {
            inputOver = true;
            exchange.onUpstreamEnd();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, @Nullable Throwable cause) {
        broken = true;
        context.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        inputOver = true;
        if (!closed) {
            exchange.onUpstreamGone(broken);
        }
    }

    /// After what was written before, but not later than a peer that no longer reads may keep us waiting; or at once,
    /// so that the endpoint sees a reset.
    void close(boolean reset) {
        closed = true;
        outputOver = true;
        helloDeadline.stop();
        gate.release();
        if (reset) {
            RelayChannel.reset(channel);
        } else if (channel.isOpen()) {
            RelayChannel.closeWhenSent(channel);
        }
    }
}
