package io.sallyport.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelConfig;
import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;
import org.jspecify.annotations.Nullable;

/// How much of a socket is read at a time: little, into the loop's own buffer ([LoopBuffers]), until a read fills
/// it. Then more, up to a limit, as long as reads come back full, and less again once two in a row have not. A channel
/// that gets another of these later has its limits from then on, though no more turns than before.
public final class SocketReads extends DefaultMaxMessagesRecvByteBufAllocator {
    private static final int MOST_BYTES = 64 * 1024;
    private static final int GROWTH = 8;
    /// Reads of a socket before others have their turn, which is Netty's default.
    private static final int TURNS = 16;

    private final int most;

    public SocketReads() {
        this(MOST_BYTES, TURNS);
    }

    /// @param most bytes of one read
    /// @param turns reads of a socket before others have their turn
    public SocketReads(int most, int turns) {
        super(turns);
        this.most = most;
    }

    @Override
    @SuppressWarnings("deprecation") // the interface's method is, in favour of the type that this handle has
    public Handle newHandle() {
        return new Size();
    }

    /// Of one socket.
    private final class Size extends MaxMessageHandle {
        private int bytes = LoopBuffers.BYTES;
        private int limit = most;
        private int turnsLeft;
        /// The last turn brought less than half of what there was room for.
        private boolean wasLarge;

        private @Nullable LoopBuffers buffers;

        @Override
        public void reset(ChannelConfig config) {
            super.reset(config);
            SocketReads current =
                    config.getRecvByteBufAllocator() instanceof SocketReads reads ? reads : SocketReads.this;
            turnsLeft = current.maxMessagesPerRead();
            limit = current.most;
            bytes = Math.min(limit, bytes);
        }

        @Override
        public boolean continueReading(UncheckedBooleanSupplier more) {
            turnsLeft--;
            return turnsLeft > 0 && super.continueReading(more);
        }

        @Override
        public int guess() {
            return bytes;
        }

        @Override
        public ByteBuf allocate(ByteBufAllocator allocator) {
            if (bytes > LoopBuffers.BYTES) {
                return allocator.ioBuffer(bytes);
            }
            LoopBuffers own = buffers;
            if (own == null) {
                own = LoopBuffers.current();
                buffers = own;
            }
            return own.forRead(allocator);
        }

        @Override
        public void lastBytesRead(int read) {
            if (read == attemptedBytesRead()) {
                bytes = Math.min(limit, GROWTH * bytes);
            }
            super.lastBytesRead(read);
        }

        @Override
        public void readComplete() {
            boolean large = bytes > LoopBuffers.BYTES && totalBytesRead() < bytes / 2;
            if (large && wasLarge) {
                bytes /= 2;
            }
            wasLarge = large;
        }
    }
}
