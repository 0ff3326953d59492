package io.sallyport.http.h1;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import org.jspecify.annotations.Nullable;

/// What a connection is about to send: heads, chunk framing and small pieces of content share one buffer, so that a
/// small message costs one write; large pieces pass through uncopied.
final class OutputBatch {
    private static final int START_BYTES = 1024;
    /// Up to this size copying is cheaper than another entry in the channel's queue.
    private static final int COPIED_BYTES = 2048;
    private static final int FULL_BYTES = 16 * 1024;

    private final ChannelHandlerContext ctx;
    private @Nullable ByteBuf buffer;
    private boolean unflushed;

    OutputBatch(ChannelHandlerContext ctx) {
        this.ctx = ctx;
    }

    /// The shared buffer, to append at most `size` bytes to. Not to be kept.
    ByteBuf room(int size) {
        ByteBuf current = buffer;
        if (current != null && current.readableBytes() + size > FULL_BYTES) {
            emit();
            current = null;
        }
        if (current == null) {
            current = ctx.alloc().ioBuffer(Math.max(size, START_BYTES));
            buffer = current;
        }
        return current;
    }

    void head(HeadWriter head) {
        head.writeTo(room(head.length()));
    }

    /// Takes over the buffer.
    void data(ByteBuf data) {
        int size = data.readableBytes();
        if (size <= COPIED_BYTES) {
            if (size > 0) {
                room(size).writeBytes(data);
            }
            data.release();
            return;
        }
        emit();
        unflushed = true;
        ctx.write(data, ctx.voidPromise());
    }

    /// Sends it all on its way.
    void flush() {
        emit();
        if (unflushed) {
            unflushed = false;
            ctx.flush();
        }
    }

    void release() {
        if (buffer != null) {
            buffer.release();
            buffer = null;
        }
    }

    private void emit() {
        ByteBuf current = buffer;
        if (current != null) {
            buffer = null;
            unflushed = true;
            ctx.write(current, ctx.voidPromise());
        }
    }
}
