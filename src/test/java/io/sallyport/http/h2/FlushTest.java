package io.sallyport.http.h2;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.sallyport.http.Headers;
import io.sallyport.http.ResponseHead;
import io.sallyport.http.ServerStream;
import io.sallyport.http.StreamError;
import org.junit.jupiter.api.Test;

class FlushTest {
    private final RecordingReceiver receiver = new RecordingReceiver();
    private final Flushes flushes = new Flushes();

    @Test
    void responsesThatComeTogetherLeaveTogether() {
        try (TestPeer peer = peer()) {
            peer.channel.pipeline().addFirst(new OneRound());
            peer.channel.writeInbound((Runnable) () -> {
                receiver.exchanges.get(0).respond(200);
                receiver.exchanges.get(1).respond(200);
                assertThat(flushes.count).isZero();
            });

            assertThat(peer.sentText()).containsExactly("1 HEADERS :status=200 END", "3 HEADERS :status=200 END");
            assertThat(flushes.count).isEqualTo(1);
        }
    }

    @Test
    void aTlsRecordFullIsNotKeptWaiting() {
        try (TestPeer peer = peer()) {
            ServerStream stream = receiver.exchanges.get(0).stream;
            stream.writeHead(new ResponseHead(200, new Headers()), false);
            stream.writeData(Unpooled.wrappedBuffer(new byte[16 * 1024]), false);
            stream.flush();
            assertThat(flushes.count).isEqualTo(1);
            assertThat(peer.sent()).hasSize(2);
        }
    }

    @Test
    void aResponseThatWasFlushedIsSentBeforeItsStreamIsReset() {
        try (TestPeer peer = peer()) {
            receiver.exchanges.get(0).respond(200);
            receiver.exchanges.get(0).stream.reset(StreamError.CANCEL);
            assertThat(peer.sentText()).containsExactly("1 HEADERS :status=200 END");
        }
    }

    private TestPeer peer() {
        TestPeer peer = TestPeer.client(receiver);
        peer.send(Frames.get(1, "/a"), Frames.get(3, "/b"));
        peer.channel.pipeline().addFirst(flushes);
        return peer;
    }

    /// Does something in one round of the event loop; a write from elsewhere would be a round of its own.
    private static final class OneRound extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object action) {
            ((Runnable) action).run();
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {}
    }

    private static final class Flushes extends ChannelOutboundHandlerAdapter {
        int count;

        @Override
        public void flush(ChannelHandlerContext context) {
            count++;
            context.flush();
        }
    }
}
