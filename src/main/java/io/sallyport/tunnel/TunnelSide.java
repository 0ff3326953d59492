package io.sallyport.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/// One end of a [TcpTunnel]: what it reads, it writes to the other end.
final class TunnelSide extends ChannelInboundHandlerAdapter {
    /// What is read ahead while the other end is being connected to.
    private static final int MAX_HELD = 64 * 1024;

    private final TcpTunnel tunnel;
    private final Channel channel;
    private final ArrayDeque<ByteBuf> held = new ArrayDeque<>();
    private int heldBytes;
    private @Nullable TunnelSide other;
    private long bytesRead;
    private boolean inputOver;
    private boolean outputOver;
    private boolean broken;

    TunnelSide(TcpTunnel tunnel, Channel channel) {
        this.tunnel = tunnel;
        this.channel = channel;
    }

    long bytesRead() {
        return bytesRead;
    }

    boolean isInputOver() {
        return inputOver;
    }

    /// From now on there is another end: it gets what was held back, and what comes.
    void joinTo(TunnelSide end) {
        other = end;
        for (ByteBuf bytes = held.poll(); bytes != null; bytes = held.poll()) {
            end.channel.write(bytes, end.channel.voidPromise());
        }
        end.channel.flush();
        if (inputOver) {
            end.shutdownOutput();
        }
        channel.config().setAutoRead(end.channel.isWritable());
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (!(message instanceof ByteBuf bytes) || outputIsGone()) {
            ReferenceCountUtil.release(message);
            return;
        }
        bytesRead += bytes.readableBytes();
        tunnel.onBytes();
        if (other != null) {
            forward(bytes, other.channel);
            return;
        }
        held.add(bytes);
        heldBytes += bytes.readableBytes();
        if (heldBytes >= MAX_HELD) {
            channel.config().setAutoRead(false);
        }
    }

    /// One large read fills the other end's buffer, and the kernel mostly takes it at once: this end is only to wait
    /// where it does not.
    private void forward(ByteBuf bytes, Channel to) {
        to.write(bytes, to.voidPromise());
        if (!to.isWritable()) {
            to.flush();
            channel.config().setAutoRead(to.isWritable());
        }
    }

    private boolean outputIsGone() {
        return other != null && other.outputOver;
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        if (other != null) {
            other.channel.flush();
        }
    }

    /// This end takes bytes again, so the other is read again.
    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (other != null && channel.isWritable()) {
            other.channel.config().setAutoRead(true);
        }
        tunnel.onBytes();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof ChannelInputShutdownEvent || event instanceof SslCloseCompletionEvent) {
            onEndOfInput();
        }
    }

    private void onEndOfInput() {
        if (inputOver) {
            return;
        }
        inputOver = true;
        if (other != null) {
            other.shutdownOutput();
            tunnel.onEndOfStream();
        }
    }

    /// After what was written before: within TLS by close_notify, else by FIN.
    private void shutdownOutput() {
        if (outputOver) {
            return;
        }
        outputOver = true;
        RelayChannel.endOutput(channel, DuplexChannel::shutdownOutput);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        broken = true;
        tunnel.onGone(this, true);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        inputOver = true;
        tunnel.onGone(this, broken);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        held.forEach(ReferenceCountUtil::release);
        held.clear();
    }

    void reset() {
        RelayChannel.reset(channel);
    }

    void close() {
        outputOver = true;
        if (channel.isActive()) {
            RelayChannel.closeWhenSent(channel);
        }
    }
}
