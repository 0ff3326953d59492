package io.sallyport.http.h2;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.sallyport.http.Headers;
import io.sallyport.http.HttpLimits;
import io.sallyport.http.ResponseHead;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// What happens when a client does not go on, on a clock that the test moves.
class TimeoutTest {
    private final RecordingReceiver receiver = new RecordingReceiver();

    private static Duration before(Duration time) {
        return time.minusMillis(1);
    }

    private static final Duration MOMENT = Duration.ofMillis(2);

    @Test
    void silentClientIsClosed() {
        try (TestPeer peer = TestPeer.silentClient(receiver, HttpLimits.DEFAULT)) {
            peer.elapse(before(HttpLimits.DEFAULT.headTimeout()));
            assertThat(peer.isClosed()).isFalse();

            peer.elapse(MOMENT);
            assertThat(peer.isClosed()).isTrue();
        }
    }

    @Test
    void clientThatDribblesItsPrefaceIsClosed() {
        try (TestPeer peer = TestPeer.silentClient(receiver, HttpLimits.DEFAULT)) {
            ByteBuf preface = Frames.preface();
            for (int i = 0; i < 20 && !peer.isClosed(); i++) {
                peer.send(preface.readRetainedSlice(1));
                peer.elapse(Duration.ofSeconds(1));
            }

            assertThat(peer.isClosed()).isTrue();
        }
    }

    @Test
    void headThatDoesNotEndClosesTheConnection() {
        try (TestPeer peer = TestPeer.client(receiver)) {
            peer.send(Frames.frame(Frames.HEADERS, 0, 1, Frames.block(Frames.request("GET", "/"))));
            for (int i = 0; i < 9; i++) {
                peer.elapse(Duration.ofSeconds(1));
                peer.send(Frames.frame(Frames.CONTINUATION, 0, 1, Frames.block("x" + i, "y")));
                assertThat(peer.isClosed()).isFalse();
            }
            peer.elapse(Duration.ofSeconds(1));

            assertThat(peer.isClosed()).isTrue();
            assertThat(peer.sentText()).last().isEqualTo("0 GOAWAY 0 11");
        }
    }

    @Test
    void frameThatIsDribbledClosesTheConnection() {
        try (TestPeer peer = TestPeer.client(receiver)) {
            ByteBuf frame = Frames.get(1, "/");
            for (int i = 0; i < 20 && !peer.isClosed(); i++) {
                peer.send(frame.readRetainedSlice(1));
                peer.elapse(Duration.ofSeconds(1));
            }

            assertThat(peer.isClosed()).isTrue();
        }
    }

    @Test
    void headInPartsIsReadInTime() {
        try (TestPeer peer = TestPeer.client(receiver)) {
            for (int stream = 1; stream < 40; stream += 2) {
                ByteBuf frame = Frames.get(stream, "/");
                peer.send(frame.readRetainedSlice(20));
                peer.elapse(Duration.ofSeconds(9));
                peer.send(frame);
                receiver.exchanges.getLast().respond(200);
            }

            assertThat(peer.isClosed()).isFalse();
            assertThat(receiver.exchanges).hasSize(20);
        }
    }

    @Test
    void bodyThatStallsIsAnswered408() {
        try (TestPeer peer = TestPeer.client(receiver)) {
            peer.send(Frames.post(1, "/"));
            peer.elapse(Duration.ofSeconds(50));
            peer.send(Frames.data(1, "x", false));
            peer.elapse(before(HttpLimits.DEFAULT.bodyTimeout()));
            assertThat(peer.sentText()).isEmpty();

            peer.elapse(MOMENT);
            assertThat(receiver.only().events).last().isEqualTo("TIMEOUT http2.body_timeout");
            assertThat(peer.sentText()).containsExactly("1 HEADERS :status=408 END", "1 RST_STREAM 0");
            assertThat(peer.isClosed()).isFalse();
        }
    }

    @Test
    void bodyThatStallsWithAResponseUnderWayIsReset() {
        try (TestPeer peer = TestPeer.client(receiver)) {
            peer.send(Frames.post(1, "/"));
            receiver.only().stream.writeHead(new ResponseHead(200, new Headers()), false);
            receiver.only().stream.flush();
            peer.sent();
            peer.elapse(HttpLimits.DEFAULT.bodyTimeout());

            assertThat(receiver.only().events).last().isEqualTo("TIMEOUT http2.body_timeout");
            assertThat(peer.sentText()).containsExactly("1 RST_STREAM 8");
        }
    }

    @Test
    void bodyThatTheGatewayPausedDoesNotStall() {
        try (TestPeer peer = TestPeer.client(receiver)) {
            peer.send(Frames.post(1, "/"));
            receiver.only().stream.pauseReading();
            peer.elapse(Duration.ofSeconds(600));
            assertThat(receiver.only().events).containsExactly("read complete");

            receiver.only().stream.resumeReading();
            peer.elapse(before(HttpLimits.DEFAULT.bodyTimeout()));
            assertThat(receiver.only().events).containsExactly("read complete");
            peer.elapse(MOMENT);
            assertThat(receiver.only().events).last().isEqualTo("TIMEOUT http2.body_timeout");
        }
    }

    @Test
    void requestWithoutBodyMayWaitForItsResponse() {
        try (TestPeer peer = TestPeer.client(receiver)) {
            peer.send(Frames.get(1, "/"));
            peer.elapse(Duration.ofHours(3));

            assertThat(receiver.only().events).containsExactly("read complete");
            assertThat(peer.sentText()).isEmpty();
        }
    }

    @Test
    void windowThatStaysShutResetsTheStream() {
        try (TestPeer peer = TestPeer.client(receiver)) {
            peer.send(Frames.settings(4, 10), Frames.get(1, "/"));
            RecordingReceiver.Exchange exchange = receiver.only();
            exchange.stream.writeHead(new ResponseHead(200, new Headers()), false);
            exchange.stream.writeData(Unpooled.wrappedBuffer(new byte[100]), false);
            exchange.stream.flush();
            peer.elapse(Duration.ofSeconds(200));
            peer.send(Frames.windowUpdate(1, 10));
            peer.sent();
            peer.elapse(before(HttpLimits.DEFAULT.writeTimeout()));
            assertThat(peer.sentText()).isEmpty();

            peer.elapse(MOMENT);
            assertThat(exchange.events).last().isEqualTo("TIMEOUT http2.write_timeout");
            assertThat(peer.sentText()).containsExactly("1 RST_STREAM 8");
        }
    }

    @Test
    void responseThatEndedIsResetWithoutAWord() {
        try (TestPeer peer = TestPeer.client(receiver)) {
            peer.send(Frames.settings(4, 10), Frames.get(1, "/"));
            RecordingReceiver.Exchange exchange = receiver.only();
            exchange.stream.writeHead(new ResponseHead(200, new Headers()), false);
            exchange.stream.writeData(Unpooled.wrappedBuffer(new byte[100]), true);
            exchange.stream.flush();
            peer.elapse(HttpLimits.DEFAULT.writeTimeout());

            assertThat(exchange.events).containsExactly("read complete");
            assertThat(peer.sentText()).last().isEqualTo("1 RST_STREAM 8");
            assertThat(peer.held()).isZero();
        }
    }

    @Test
    void socketThatIsNeverReadIsClosed() {
        try (TestPeer peer = TestPeer.client(receiver)) {
            peer.channel.pipeline().addFirst(new ChannelOutboundHandlerAdapter() {
                @Override
                public void flush(ChannelHandlerContext ctx) {
                    // The peer's receive window is full.
                }
            });
            peer.send(Frames.settings(4, Integer.MAX_VALUE), Frames.windowUpdate(0, 1_000_000_000), Frames.get(1, "/"));
            RecordingReceiver.Exchange exchange = receiver.only();
            exchange.stream.writeHead(new ResponseHead(200, new Headers()), false);
            for (int i = 0; i < 100 && exchange.stream.isWritable(); i++) {
                exchange.stream.writeData(Unpooled.wrappedBuffer(new byte[10_000]), false);
                exchange.stream.flush();
            }
            assertThat(exchange.stream.isWritable()).isFalse();
            peer.elapse(HttpLimits.DEFAULT.writeTimeout());
            peer.elapse(HttpLimits.DEFAULT.writeTimeout());

            assertThat(peer.isClosed()).isTrue();
            assertThat(exchange.events).last().isEqualTo("CONNECTION_CLOSED http2.connection_closed");
        }
    }

    @Test
    void idleConnectionIsDrained() {
        try (TestPeer peer = TestPeer.client(receiver)) {
            peer.send(Frames.get(1, "/"));
            peer.elapse(Duration.ofMinutes(50));
            receiver.only().respond(200);
            peer.sent();
            peer.elapse(before(HttpLimits.DEFAULT.idleTimeout()));
            assertThat(peer.sentText()).isEmpty();

            peer.elapse(MOMENT);
            assertThat(peer.sentText()).containsExactly("0 GOAWAY 2147483647 0", "0 PING");
            peer.elapse(Duration.ofSeconds(5));
            assertThat(peer.sentText()).containsExactly("0 GOAWAY 1 0");
            peer.elapse(Duration.ofSeconds(1));
            assertThat(peer.isClosed()).isTrue();
        }
    }

    @Test
    void stalledUploadOfOneStreamLeavesTheOthersAlone() {
        try (TestPeer peer = TestPeer.client(receiver)) {
            peer.send(Frames.post(1, "/stalls"), Frames.post(3, "/goes-on"));
            for (int i = 0; i < 10; i++) {
                peer.elapse(Duration.ofSeconds(10));
                peer.send(Frames.data(3, "x", false));
            }

            assertThat(receiver.exchanges.get(0).events).last().isEqualTo("TIMEOUT http2.body_timeout");
            assertThat(receiver.exchanges.get(1).body).hasToString("x".repeat(10));
        }
    }
}
