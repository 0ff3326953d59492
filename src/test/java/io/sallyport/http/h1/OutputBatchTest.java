package io.sallyport.http.h1;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.FastThreadLocal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Buffers that are used again: what they hold must have left, and nobody else may have them.
class OutputBatchTest {
    private boolean stuck;
    private final List<ByteBuf> sent = new ArrayList<>();
    private final EmbeddedChannel channel = new EmbeddedChannel(new ChannelInboundHandlerAdapter()) {
        @Override
        protected void doWrite(ChannelOutboundBuffer in) throws Exception {
            if (!stuck) {
                super.doWrite(in);
            }
        }
    };
    private final OutputBatch output = batch();

    private OutputBatch batch() {
        channel.config().setAllocator(PooledByteBufAllocator.DEFAULT);
        ChannelHandlerContext ctx = channel.pipeline().firstContext();
        return new OutputBatch(ctx);
    }

    @AfterEach
    void close() {
        output.release();
        channel.close();
        FastThreadLocal.removeAll();
        assertThat(sent).allMatch(each -> each.refCnt() == 0);
    }

    private void write(String text) {
        output.room(text.length()).writeCharSequence(text, StandardCharsets.US_ASCII);
    }

    /// What the socket got; its buffers go back.
    private String taken() {
        StringBuilder text = new StringBuilder();
        for (ByteBuf part = channel.readOutbound(); part != null; part = channel.readOutbound()) {
            text.append(part.toString(StandardCharsets.US_ASCII));
            part.release();
            if (!sent.contains(part)) {
                sent.add(part);
            }
        }
        return text.toString();
    }

    @Test
    void aBufferWhoseBytesHaveNotLeftIsNotOverwritten() {
        stuck = true;
        write("first");
        output.flush();
        write("second");
        output.flush();
        stuck = false;
        channel.flush();

        assertThat(taken()).isEqualTo("firstsecond");
    }

    @Test
    void moreThanOneBufferFitsAFlush() {
        String much = "m".repeat(1_500);
        for (int i = 0; i < 20; i++) {
            write(much);
        }
        write("end");
        output.flush();

        assertThat(taken()).hasSize(20 * much.length() + 3).endsWith("mend");
    }

    @Test
    void whatWasNeverSentIsReleased() {
        stuck = true;
        write("lost");
        output.flush();
        write("too");
        ByteBuf unsent = output.room(1);
        output.release();
        channel.close();

        assertThat(unsent.refCnt()).isZero();
        assertThat(taken()).isEmpty();
    }

    @Test
    void nothingWrittenIsNothingToSend() {
        output.flushSoon();
        output.run();
        channel.runPendingTasks();

        assertThat(output.flushes()).isZero();
    }
}
