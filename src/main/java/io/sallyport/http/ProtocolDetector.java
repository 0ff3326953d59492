package io.sallyport.http;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Stands at the end of the pipeline of a port that takes several protocols until the first bytes tell which one it is.
public abstract class ProtocolDetector extends ByteToMessageDecoder {
    private final Duration timeout;
    private @Nullable Future<?> deadline;

    /// @param timeout after which a connection that has not shown what it speaks is closed
    protected ProtocolDetector(Duration timeout) {
        this.timeout = timeout;
    }

    /// Puts the handler in this one's place, and hands it the bytes.
    protected final void install(ChannelHandlerContext context, ChannelHandler handler) {
        context.pipeline().replace(this, null, handler);
    }

    @Override
    public final void handlerAdded(ChannelHandlerContext context) {
        deadline = context.executor().schedule(() -> context.close(), timeout.toNanos(), TimeUnit.NANOSECONDS);
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
