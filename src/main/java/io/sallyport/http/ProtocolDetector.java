package io.sallyport.http;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Stands at the end of the pipeline of a port that takes several protocols until the first bytes show which one it is.
public abstract class ProtocolDetector extends ByteToMessageDecoder {
    private final Duration timeout;
    private @Nullable ScheduledFuture<?> deadline;
    private @Nullable ChannelHandlerContext context;

    /// @param timeout after which a connection that has not shown what it speaks is closed
    protected ProtocolDetector(Duration timeout) {
        this.timeout = timeout;
    }

    /// Puts the handler in this one's place, and hands it the bytes.
    protected final void install(ChannelHandlerContext context, ChannelHandler handler) {
        context.pipeline().replace(this, null, handler);
    }

    /// What is left of the time in which the connection has to show what it speaks; at least a nanosecond.
    protected final Duration left() {
        return Duration.ofNanos(deadline == null ? 1 : Math.max(1, deadline.getDelay(TimeUnit.NANOSECONDS)));
    }

    /// The time is over, and what arrived so far does not show the protocol.
    protected void undecided(ChannelHandlerContext undecided) {
        undecided.close();
    }

    /// Ends a connection that shows nothing within this time either. To be called on the event loop.
    public final void drain(Duration idleTime) {
        ChannelHandlerContext current = context;
        if (current != null && deadline != null && actualReadableBytes() == 0 && left().compareTo(idleTime) > 0) {
            stop();
            await(current, idleTime);
        }
    }

    private void await(ChannelHandlerContext current, Duration time) {
        deadline = current.executor().schedule(() -> undecided(current), time.toNanos(), TimeUnit.NANOSECONDS);
    }

    @Override
    public final void handlerAdded(ChannelHandlerContext added) {
        context = added;
        await(added, timeout);
    }

    @Override
    protected final void handlerRemoved0(ChannelHandlerContext context) {
        stop();
    }

    @Override
    public final void channelInactive(ChannelHandlerContext context) throws Exception {
        stop();
        super.channelInactive(context);
    }

    private void stop() {
        if (deadline != null) {
            deadline.cancel(false);
            deadline = null;
        }
    }
}
