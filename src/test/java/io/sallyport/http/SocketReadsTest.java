package io.sallyport.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// A socket that always has more to be read.
class SocketReadsTest {
    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final SocketReads reads = new SocketReads();
    private final RecvByteBufAllocator.ExtendedHandle handle = (RecvByteBufAllocator.ExtendedHandle) reads.newHandle();

    SocketReadsTest() {
        channel.config().setRecvByteBufAllocator(reads);
    }

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
    }

    /// @return bytes of each read
    private List<Integer> turn() {
        List<Integer> sizes = new ArrayList<>();
        handle.reset(channel.config());
        do {
            ByteBuf buffer = handle.allocate(PooledByteBufAllocator.DEFAULT);
            int bytes = buffer.writableBytes();
            handle.attemptedBytesRead(bytes);
            handle.lastBytesRead(bytes);
            handle.incMessagesRead(1);
            sizes.add(bytes);
            buffer.release();
        } while (handle.continueReading(() -> true));
        handle.readComplete();
        return sizes;
    }

    @Test
    void fullReadsGrow() {
        assertThat(turn()).hasSize(16).startsWith(2048, 16 * 1024, 64 * 1024).endsWith(64 * 1024);
    }

    @Test
    void aChannelThatGetsOthersHasTheirLimits() {
        turn();
        channel.config().setRecvByteBufAllocator(new SocketReads(16 * 1024, 4));

        assertThat(turn()).containsExactly(16 * 1024, 16 * 1024, 16 * 1024, 16 * 1024);
    }
}
