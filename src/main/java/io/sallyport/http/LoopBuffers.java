package io.sallyport.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.concurrent.FastThreadLocal;
import org.jspecify.annotations.Nullable;

/// Buffers of one event loop for small reads and writes. Most are free again before the next is wanted: to use the
/// same ones costs a fraction of giving them back to the allocator, and their bytes are in the processor's cache.
///
/// A buffer is used again only where nobody else holds it: whoever keeps one of them, or a slice, keeps it for
/// good.
public final class LoopBuffers {
    /// Bytes that a buffer holds.
    public static final int BYTES = 2048;

    private static final int MOST_KEPT = 64;
    private static final FastThreadLocal<LoopBuffers> CURRENT = new FastThreadLocal<>() {
        @Override
        protected LoopBuffers initialValue() {
            return new LoopBuffers();
        }

        @Override
        protected void onRemoval(LoopBuffers buffers) {
            buffers.release();
        }
    };

    private final ByteBuf[] free = new ByteBuf[MOST_KEPT];
    private int count;
    private @Nullable ByteBuf read;

    private LoopBuffers() {}

    /// Those of the calling thread.
    public static LoopBuffers current() {
        return CURRENT.get();
    }

    /// An empty buffer for one read of a socket, to be released as any other.
    public ByteBuf forRead(ByteBufAllocator allocator) {
        if (!allocator.isDirectBufferPooled()) {
            return allocator.ioBuffer(BYTES);
        }
        ByteBuf current = read;
        if (current == null || current.refCnt() > 1) {
            if (current != null) {
                current.release();
            }
            current = allocator.ioBuffer(BYTES);
            read = current;
        }
        return current.clear().retain();
    }

    /// An empty buffer for what is to be sent; [#giveBack] takes it back.
    public ByteBuf forWrite(ByteBufAllocator allocator) {
        return count > 0 && allocator.isDirectBufferPooled() ? free[--count].clear() : allocator.ioBuffer(BYTES);
    }

    /// Takes over a reference to a buffer for writes that its owner uses no more, though others may.
    public void giveBack(ByteBuf buffer) {
        if (count < MOST_KEPT
                && buffer.refCnt() == 1
                && buffer.capacity() == BYTES
                && buffer.alloc().isDirectBufferPooled()) {
            free[count++] = buffer;
        } else {
            buffer.release();
        }
    }

    private void release() {
        while (count > 0) {
            free[--count].release();
        }
        if (read != null) {
            read.release();
            read = null;
        }
    }
}
