package io.sallyport.http.h2;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.AsciiString;
import io.sallyport.http.Headers;
import io.sallyport.http.HttpLimits;
import io.sallyport.http.ResponseHead;
import io.sallyport.http.StreamError;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Windows and back-pressure, both ways.
class FlowControlTest {
    private static final byte[] FRAME = "d".repeat(16_384).getBytes(StandardCharsets.US_ASCII);

    private final RecordingReceiver receiver = new RecordingReceiver();

    private RecordingReceiver.Exchange upload(TestPeer peer, String... fields) {
        peer.send(Frames.post(1, "/", fields));
        return receiver.only();
    }

    private RecordingReceiver.Exchange download(TestPeer peer) {
        peer.send(Frames.get(1, "/"));
        RecordingReceiver.Exchange exchange = receiver.only();
        exchange.stream.writeHead(new ResponseHead(200, new Headers()), false);
        exchange.stream.flush();
        peer.sent();
        return exchange;
    }

    private static ByteBuf bytes(int count) {
        return Unpooled.wrappedBuffer(new byte[count]);
    }

    @Test
    void windowsAreOpenedAtTheStart() {
        try (TestPeer peer = TestPeer.silentClient(receiver, HttpLimits.DEFAULT)) {
            List<SentFrame> frames = peer.sent();

            ByteBuf settings = Unpooled.wrappedBuffer(frames.get(0).payload());
            List<String> values = new ArrayList<>();
            while (settings.isReadable()) {
                values.add(settings.readUnsignedShort() + "=" + settings.readInt());
            }
            assertThat(values).containsExactlyInAnyOrder("3=100", "4=65536", "6=72832", "8=1");
            assertThat(frames.get(1)).hasToString("0 WINDOW_UPDATE " + (1024 * 1024 - 65_535));
        }
    }

    @Test
    void windowIsRefilledAsTheBodyIsTaken() {
        try (TestPeer peer = TestPeer.client(receiver)) {
            upload(peer);
            peer.send(Frames.data(1, FRAME, false));
            assertThat(peer.sentText()).isEmpty();
            peer.send(Frames.data(1, FRAME, false));

            assertThat(peer.sentText()).containsExactly("1 WINDOW_UPDATE 32768");
        }
    }

    @Test
    void windowIsNotRefilledWhilePaused() {
        try (TestPeer peer = TestPeer.client(receiver)) {
            RecordingReceiver.Exchange exchange = upload(peer);
            exchange.stream.pauseReading();
            for (int i = 0; i < 4; i++) {
                peer.send(Frames.data(1, FRAME, false));
            }
            assertThat(peer.sentText()).isEmpty();
            assertThat(exchange.body).isEmpty();

            exchange.stream.resumeReading();
            assertThat(exchange.body).hasSize(65_536);
            assertThat(exchange.parts).isEqualTo(1);
            assertThat(exchange.events).last().isEqualTo("read complete");
            assertThat(peer.sentText()).containsExactly("1 WINDOW_UPDATE 65536");
        }
    }

    @Test
    void clientThatIgnoresTheWindowIsReset() {
        try (TestPeer peer = TestPeer.client(receiver)) {
            RecordingReceiver.Exchange exchange = upload(peer);
            exchange.stream.pauseReading();
            for (int i = 0; i < 5; i++) {
                peer.send(Frames.data(1, FRAME, false));
            }

            assertThat(peer.sentText()).last().isEqualTo("1 RST_STREAM 3");
            assertThat(peer.isClosed()).isFalse();
            assertThat(exchange.events).last().isEqualTo("PROTOCOL_ERROR http2.flow_control_error");
            assertThat(peer.held()).isZero();
        }
    }

    /// Each frame of one byte would otherwise hold on to the buffer that it came in.
    @Test
    void framesOfOneByteAreHeldAsBytes() {
        try (TestPeer peer = TestPeer.client(receiver)) {
            RecordingReceiver.Exchange exchange = upload(peer);
            exchange.stream.pauseReading();
            for (int i = 0; i < 10_000; i++) {
                peer.send(Frames.data(1, "x", false));
            }
            assertThat(peer.held()).isLessThan(40_000);

            exchange.stream.resumeReading();
            assertThat(exchange.body).hasToString("x".repeat(10_000));
        }
    }

    @Test
    void endComesAfterWhatWasHeld() {
        try (TestPeer peer = TestPeer.client(receiver)) {
            RecordingReceiver.Exchange exchange = upload(peer);
            exchange.stream.pauseReading();
            peer.send(Frames.data(1, "a", false), Frames.data(1, "b", true));
            assertThat(exchange.events).doesNotContain("end");

            exchange.stream.resumeReading();
            assertThat(exchange.body).hasToString("ab");
            assertThat(exchange.events).containsSubsequence("end", "read complete");
        }
    }

    @Test
    void trailersComeAfterWhatWasHeld() {
        try (TestPeer peer = TestPeer.client(receiver)) {
            RecordingReceiver.Exchange exchange = upload(peer);
            exchange.stream.pauseReading();
            peer.send(Frames.data(1, "a", false), Frames.headers(1, true, "x", "y"));

            exchange.stream.resumeReading();
            assertThat(exchange.body).hasToString("a");
            assertThat(exchange.events).containsSubsequence("trailers x: y;", "read complete");
        }
    }

    @Test
    void receiverMayPauseAgainWhileItResumes() {
        try (TestPeer peer = TestPeer.client(receiver)) {
            RecordingReceiver.Exchange exchange = upload(peer);
            exchange.stream.pauseReading();
            exchange.stream.resumeReading();
            exchange.stream.pauseReading();
            peer.send(Frames.data(1, "a", true));
            exchange.stream.pauseReading();
            assertThat(exchange.body).isEmpty();

            exchange.stream.resumeReading();
            exchange.stream.resumeReading();
            assertThat(exchange.body).hasToString("a");
            assertThat(exchange.parts).isEqualTo(1);
        }
    }

    /// One client's paused uploads hold at most the window of its connection.
    @Test
    void connectionWindowBoundsAllPausedStreams() {
        receiver.pauseAtOnce = true;
        try (TestPeer peer = TestPeer.client(receiver)) {
            for (int stream = 1; stream < 200 && !peer.isClosed(); stream += 2) {
                peer.send(Frames.post(stream, "/"));
                for (int i = 0; i < 4 && !peer.isClosed(); i++) {
                    peer.send(Frames.data(stream, FRAME, false));
                    assertThat(peer.held()).isLessThan(3 * 1024 * 1024);
                }
            }

            assertThat(peer.isClosed()).isTrue();
            assertThat(peer.sent().getLast().errorCode()).isEqualTo(3);
        }
    }

    @Test
    void resetGivesTheConnectionWindowBack() {
        receiver.pauseAtOnce = true;
        try (TestPeer peer = TestPeer.client(receiver)) {
            for (int stream = 1; stream < 400; stream += 2) {
                peer.send(Frames.post(stream, "/"));
                for (int i = 0; i < 4; i++) {
                    peer.send(Frames.data(stream, FRAME, false));
                }
                receiver.exchanges.getLast().stream.reset(StreamError.CANCEL);
                peer.sent();
            }

            assertThat(peer.isClosed()).isFalse();
            assertThat(peer.held()).isZero();
        }
    }

    @Test
    void writesWaitForTheFlush() {
        try (TestPeer peer = TestPeer.client(receiver)) {
            RecordingReceiver.Exchange exchange = download(peer);
            exchange.stream.writeData(Unpooled.copiedBuffer("a", StandardCharsets.US_ASCII), false);
            exchange.stream.writeData(Unpooled.copiedBuffer("b", StandardCharsets.US_ASCII), true);
            assertThat(peer.sentText()).isEmpty();

            exchange.stream.flush();
            assertThat(peer.sentText()).containsExactly("1 DATA ab END");
        }
    }

    @Test
    void streamIsWritableAsFarAsTheWindowGoes() {
        try (TestPeer peer = TestPeer.client(receiver)) {
            RecordingReceiver.Exchange exchange = download(peer);
            assertThat(exchange.stream.isWritable()).isTrue();
            exchange.stream.writeData(bytes(70_000), false);
            exchange.stream.flush();
            assertThat(exchange.stream.isWritable()).isFalse();
            assertThat(peer.sent(1).stream().mapToInt(frame -> frame.payload().length))
                    .containsExactly(16_384, 16_384, 16_384, 16_383);
            assertThat(exchange.events).doesNotContain("writable");

            peer.send(Frames.windowUpdate(0, 100_000));
            assertThat(exchange.events).doesNotContain("writable");
            peer.send(Frames.windowUpdate(1, 4_465));
            assertThat(exchange.stream.isWritable()).isFalse();
            assertThat(peer.sent(1).stream().mapToInt(frame -> frame.payload().length))
                    .containsExactly(4_465);
            peer.send(Frames.windowUpdate(1, 1));
            assertThat(exchange.events).containsOnlyOnce("writable");
        }
    }

    @Test
    void framesAreAsLargeAsTheClientTakes() {
        try (TestPeer peer = TestPeer.client(receiver)) {
            peer.send(Frames.settings(5, 20_000));
            RecordingReceiver.Exchange exchange = download(peer);
            exchange.stream.writeData(bytes(50_000), true);
            exchange.stream.flush();

            assertThat(peer.sent(1).stream().mapToInt(frame -> frame.payload().length))
                    .containsExactly(20_000, 20_000, 10_000);
        }
    }

    @Test
    void trailersWaitBehindTheBody() {
        try (TestPeer peer = TestPeer.client(receiver)) {
            peer.send(Frames.settings(4, 10));
            RecordingReceiver.Exchange exchange = download(peer);
            exchange.stream.writeData(Unpooled.copiedBuffer("0123456789abc", StandardCharsets.US_ASCII), false);
            exchange.stream.writeTrailers(new Headers().add(AsciiString.of("x"), "y"));
            exchange.stream.flush();
            assertThat(peer.sentText()).containsExactly("1 DATA 0123456789");

            peer.send(Frames.windowUpdate(1, 10));
            assertThat(peer.sentText()).containsExactly("1 DATA abc", "1 HEADERS x=y END");
        }
    }

    /// Small parts that wait for the window are put together: neither objects nor frames by the thousand.
    @Test
    void smallPartsThatWaitBecomeFewFrames() {
        try (TestPeer peer = TestPeer.client(receiver)) {
            peer.send(Frames.settings(4, 0));
            RecordingReceiver.Exchange exchange = download(peer);
            for (int i = 0; i < 10_000; i++) {
                exchange.stream.writeData(Unpooled.wrappedBuffer(new byte[] {'x'}), false);
            }
            exchange.stream.flush();
            peer.send(Frames.windowUpdate(1, 10_000));

            List<SentFrame> frames = peer.sent(1);
            assertThat(frames).hasSizeLessThan(10);
            assertThat(frames.stream().mapToInt(frame -> frame.payload().length).sum())
                    .isEqualTo(10_000);
        }
    }

    @Test
    void initialWindowMayShrinkBelowZero() {
        try (TestPeer peer = TestPeer.client(receiver)) {
            RecordingReceiver.Exchange exchange = download(peer);
            exchange.stream.writeData(bytes(1_000), false);
            exchange.stream.flush();
            peer.sent();
            peer.send(Frames.settings(4, 500));
            exchange.stream.writeData(bytes(100), true);
            exchange.stream.flush();
            assertThat(peer.sent(1)).isEmpty();

            peer.send(Frames.settings(4, 1_100));
            assertThat(peer.sent(1)).singleElement().satisfies(frame -> assertThat(frame.payload())
                    .hasSize(100));
        }
    }
}
