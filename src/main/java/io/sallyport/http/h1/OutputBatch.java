package io.sallyport.http.h1;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.sallyport.http.LoopBuffers;
import io.sallyport.http.RoundEnd;
import org.jspecify.annotations.Nullable;

/// What a connection is about to send: heads, chunk framing and small pieces of content share one buffer, so that
/// a small message costs one write; large pieces pass through uncopied.
final class OutputBatch implements Runnable {
    /// Up to this size copying is cheaper than another entry in the channel's queue.
    private static final int COPIED_BYTES = 2048;
    private static final int FULL_BYTES = 16 * 1024;

    private final ChannelHandlerContext ctx;
    private final RoundEnd round;
    private final LoopBuffers buffers;
    private @Nullable ByteBuf buffer;
    /// The buffer that was handed to the channel last, to be used again once that has sent it.
    private @Nullable ByteBuf written;
    /// Handed to the channel, and not flushed.
    private long unflushed;
    private boolean deferred;
    private int flushes;

    /// To be called on the connection's event loop.
    OutputBatch(ChannelHandlerContext ctx) {
        this.ctx = ctx;
        this.round = RoundEnd.of(ctx.executor());
        this.buffers = LoopBuffers.current();
    }

    /// The shared buffer, to append at most `size` bytes to. Not to be kept.
    ByteBuf room(int size) {
        ByteBuf current = buffer;
        if (current != null && current.readableBytes() + size > FULL_BYTES) {
            emit();
            current = null;
        }
        if (current == null) {
            current = size <= LoopBuffers.BYTES
                    ? buffers.forWrite(ctx.alloc())
                    : ctx.alloc().ioBuffer(size);
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
        unflushed += size;
        ctx.write(data, ctx.voidPromise());
    }

    /// Sends it all at the end of the event loop's round. Much at once is sent at once: it counts against the
    /// socket's limit only then.
    void flushSoon() {
        if (unflushed >= FULL_BYTES) {
            flush();
        } else if (!deferred && (buffer != null || unflushed > 0)) {
            deferred = true;
            round.add(this);
        }
    }

    /// Does what [#flushSoon()] has deferred.
    @Override
    public void run() {
        if (deferred) {
            flush();
        }
    }

    /// Sends it all on its way.
    void flush() {
        deferred = false;
        emit();
        if (unflushed > 0) {
            unflushed = 0;
            flushes++;
            ctx.flush();
            returnWritten();
        }
    }

    /// How often something was sent. Once this has changed, what was written before has left.
    int flushes() {
        return flushes;
    }

    void release() {
        if (buffer != null) {
            buffer.release();
            buffer = null;
        }
        unflushed = 0;
        returnWritten();
    }

    private void emit() {
        ByteBuf current = buffer;
        if (current != null) {
            buffer = null;
            unflushed += current.readableBytes();
            if (written == null) {
                written = current.retain();
            }
            ctx.write(current, ctx.voidPromise());
        }
    }

    private void returnWritten() {
        ByteBuf free = written;
        if (free != null) {
            written = null;
            buffers.giveBack(free);
        }
    }
}
