package io.sallyport.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator.Handle;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.FastThreadLocal;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LoopBuffersTest {
    private static final ByteBufAllocator POOL = PooledByteBufAllocator.DEFAULT;

    private final LoopBuffers buffers = LoopBuffers.current();

    @AfterEach
    void forget() {
        FastThreadLocal.removeAll();
    }

    @Test
    void aReadThatIsDoneWithLeavesItsBufferToTheNext() {
        ByteBuf first = buffers.forRead(POOL).writeByte(1);
        first.release();
        ByteBuf second = buffers.forRead(POOL);

        assertThat(second).isSameAs(first);
        assertThat(second.isReadable()).isFalse();
        second.release();
    }

    @Test
    void whatSomebodyKeepsIsNotUsedAgain() {
        ByteBuf first = buffers.forRead(POOL).writeBytes(new byte[] {1, 2, 3});
        ByteBuf kept = first.readRetainedSlice(2);
        first.release();
        ByteBuf second = buffers.forRead(POOL).writeBytes(new byte[] {7, 8, 9});

        assertThat(second).isNotSameAs(first);
        assertThat(kept.getByte(0)).isEqualTo((byte) 1);
        kept.release();
        assertThat(first.refCnt()).isZero();
        second.release();
        assertThat(buffers.forRead(POOL).release()).isFalse();
    }

    @Test
    void aWriteThatWasSentLeavesItsBufferToTheNext() {
        ByteBuf first = buffers.forWrite(POOL).writeByte(1);
        ByteBuf second = buffers.forWrite(POOL);
        assertThat(second).isNotSameAs(first);
        buffers.giveBack(first);
        buffers.giveBack(second);

        assertThat(List.of(buffers.forWrite(POOL), buffers.forWrite(POOL)))
                .allMatch(each -> !each.isReadable() && each.release())
                .containsExactly(second, first);
    }

    @Test
    void whatIsStillToBeSentIsNotUsedAgain() {
        ByteBuf unsent = buffers.forWrite(POOL).writeByte(1);
        buffers.giveBack(unsent.retain());
        ByteBuf next = buffers.forWrite(POOL);

        assertThat(next).isNotSameAs(unsent);
        assertThat(unsent.release()).isTrue();
        next.release();
    }

    @Test
    void oneThatHasGrownIsNotKept() {
        ByteBuf grown = buffers.forWrite(POOL).writeZero(LoopBuffers.BYTES + 1);
        buffers.giveBack(grown);

        assertThat(grown.refCnt()).isZero();
    }

    @Test
    void buffersThatNoPoolKnowsAreOfTheirAllocator() {
        ByteBufAllocator other = UnpooledByteBufAllocator.DEFAULT;
        ByteBuf read = buffers.forRead(other);
        ByteBuf write = buffers.forWrite(other);
        buffers.giveBack(write);

        assertThat(write.refCnt()).isZero();
        assertThat(read.release()).isTrue();
    }

    @Test
    void aSocketWhoseReadsComeBackFullIsReadInLargerPieces() {
        Handle reads = new SocketReads().newHandle();
        reads.reset(new EmbeddedChannel().config());
        List<Integer> sizes = List.of(
                size(reads, 2_048), size(reads, 16_384), size(reads, 65_536), size(reads, 65_536), size(reads, 100));
        assertThat(sizes).containsExactly(2_048, 16_384, 65_536, 65_536, 65_536);

        for (int i = 0; i < 11; i++) {
            reads.reset(new EmbeddedChannel().config());
            size(reads, 100);
            reads.readComplete();
        }
        assertThat(size(reads, 100)).isEqualTo(2_048);
    }

    @Test
    void oneSmallReadDoesNotMakeTheNextSmall() {
        Handle reads = new SocketReads().newHandle();
        for (int i = 0; i < 10; i++) {
            reads.reset(new EmbeddedChannel().config());
            size(reads, 16_384);
            reads.readComplete();
            reads.reset(new EmbeddedChannel().config());
            size(reads, 10);
            reads.readComplete();
        }
        assertThat(size(reads, 10)).isGreaterThanOrEqualTo(16_384);
    }

    /// The capacity that is offered for a read which brings so many bytes, as far as they fit.
    private static int size(Handle reads, int available) {
        ByteBuf buffer = reads.allocate(POOL);
        int capacity = buffer.writableBytes();
        buffer.release();
        reads.attemptedBytesRead(capacity);
        reads.lastBytesRead(Math.min(capacity, available));
        return capacity;
    }
}
