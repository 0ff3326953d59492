package io.sallyport.http.h2;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.sallyport.http.Headers;
import io.sallyport.http.ResponseHead;
import io.sallyport.http.h1.Http1Options;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// A client that has ended its sending side gets its answers, if they do not stand still, and then the connection ends.
class HalfClosedClientTest {
    private static final Duration MOMENT = Duration.ofMillis(100);
    private static final Duration WAIT = Duration.ofMillis(Http2ServerConnection.HALF_CLOSE_MILLIS);
    private static final String LOST = "CONNECTION_CLOSED http2.connection_closed";

    private final RecordingReceiver receiver = new RecordingReceiver();

    private static void endInput(TestPeer peer) {
        peer.channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        peer.channel.runPendingTasks();
    }

    @Test
    void itsWaitIsThatOfHttp1() {
        assertThat(WAIT).isEqualTo(Http1Options.DEFAULT.halfCloseTime());
    }

    @Test
    void whatWasAskedForIsAnsweredThenTheConnectionEnds() {
        try (TestPeer peer = TestPeer.client(receiver)) {
            peer.send(Frames.get(1, "/"), Frames.get(3, "/"));
            endInput(peer);
            receiver.exchanges.get(1).respond(200);
            assertThat(peer.sentText()).containsExactly("3 HEADERS :status=200 END");
            assertThat(peer.isClosed()).isFalse();
            peer.elapse(WAIT.minus(MOMENT));
            receiver.exchanges.get(0).respond(200);

            assertThat(peer.sentText()).containsExactly("1 HEADERS :status=200 END", "0 GOAWAY 3 0");
            assertThat(peer.isClosed()).isTrue();
        }
    }

    @Test
    void anIdleConnectionEndsAtOnce() {
        try (TestPeer peer = TestPeer.client(receiver)) {
            endInput(peer);

            assertThat(peer.sentText()).containsExactly("0 GOAWAY 0 0");
            assertThat(peer.isClosed()).isTrue();
        }
    }

    @Test
    void anAnswerIsNotWaitedForWithoutEnd() {
        try (TestPeer peer = TestPeer.client(receiver)) {
            peer.send(Frames.get(1, "/"));
            endInput(peer);
            peer.elapse(WAIT.minus(MOMENT));
            assertThat(receiver.only().events).doesNotContain(LOST);
            peer.elapse(MOMENT);

            assertThat(receiver.only().events).endsWith(LOST);
            assertThat(peer.sentText()).containsExactly("1 RST_STREAM 8", "0 GOAWAY 1 0");
            assertThat(peer.isClosed()).isTrue();
        }
    }

    @Test
    void oneThatGoesOnIsSentToItsEnd() {
        try (TestPeer peer = TestPeer.client(receiver)) {
            peer.send(Frames.get(1, "/"));
            endInput(peer);
            receiver.only().stream.writeHead(new ResponseHead(200, new Headers()), false);
            for (int i = 0; i < 5; i++) {
                receiver.only().write("x", false);
                peer.elapse(WAIT.minus(MOMENT));
            }
            receiver.only().write("y", true);

            assertThat(receiver.only().events).doesNotContain(LOST);
            assertThat(peer.sentText()).endsWith("1 DATA y END", "0 GOAWAY 1 0");
            assertThat(peer.isClosed()).isTrue();
        }
    }

    /// No update of the window will come.
    @Test
    void whatTheWindowDoesNotTakeIsGivenUp() {
        try (TestPeer peer = TestPeer.client(receiver)) {
            peer.send(Frames.get(1, "/"));
            endInput(peer);
            receiver.only().stream.writeHead(new ResponseHead(200, new Headers()), false);
            receiver.only().write("x".repeat(65_535) + "too much", true);
            peer.elapse(WAIT);

            assertThat(peer.sent().stream().filter(frame -> frame.type() == Frames.DATA))
                    .isNotEmpty()
                    .noneMatch(frame -> frame.flags() == Frames.END_STREAM);
            assertThat(peer.isClosed()).isTrue();
        }
    }

    @Test
    void aRequestThatIsIncompleteIsLostAtOnce() {
        try (TestPeer peer = TestPeer.client(receiver)) {
            peer.send(Frames.post(1, "/"), Frames.get(3, "/"));
            endInput(peer);
            assertThat(receiver.exchanges.get(0).events).endsWith(LOST);
            receiver.exchanges.get(1).respond(200);

            assertThat(peer.sentText()).containsExactly("1 RST_STREAM 8", "3 HEADERS :status=200 END", "0 GOAWAY 3 0");
            assertThat(peer.isClosed()).isTrue();
        }
    }

    /// As over a connection that is closed.
    @Test
    void soIsATunnel() {
        try (TestPeer peer = TestPeer.client(receiver)) {
            peer.send(Frames.headers(1, false, ":method", "CONNECT", ":authority", "a.example:443"));
            receiver.only().stream.writeHead(new ResponseHead(200, new Headers()), false);
            receiver.only().stream.flush();
            endInput(peer);

            assertThat(receiver.only().events).endsWith(LOST);
            assertThat(peer.isClosed()).isTrue();
        }
    }

    @Test
    void aBodyThatIsHeldBackIsDelivered() {
        try (TestPeer peer = TestPeer.client(receiver)) {
            receiver.pauseAtOnce = true;
            peer.send(Frames.post(1, "/"), Frames.data(1, "body", true));
            endInput(peer);
            receiver.only().stream.resumeReading();

            assertThat(receiver.only().body).hasToString("body");
            receiver.only().respond(200);
            assertThat(peer.sentText()).startsWith("1 HEADERS :status=200 END");
        }
    }
}
