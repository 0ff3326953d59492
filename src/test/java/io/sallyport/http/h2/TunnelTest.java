package io.sallyport.http.h2;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sallyport.http.HeaderNames;
import io.sallyport.http.Headers;
import io.sallyport.http.HttpLimits;
import io.sallyport.http.ResponseHead;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// CONNECT over HTTP/2 (RFC 9113, 8.5), from its request to the end of its tunnel.
class TunnelTest {
    private static final Duration LONG = Duration.ofHours(2);

    private final RecordingReceiver receiver = new RecordingReceiver();

    private static ByteBuf connect(int stream) {
        return Frames.headers(stream, false, ":method", "CONNECT", ":authority", "a.example:443");
    }

    private static ByteBuf text(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
    }

    private TestPeer asked() {
        TestPeer peer = TestPeer.proxyClient(receiver, false, HttpLimits.DEFAULT);
        peer.send(connect(1));
        return peer;
    }

    private void accept(TestPeer peer) {
        receiver.only().stream.writeHead(new ResponseHead(200, new Headers()), false);
        receiver.only().stream.flush();
        peer.channel.runPendingTasks();
    }

    private TestPeer tunnel() {
        TestPeer peer = asked();
        accept(peer);
        assertThat(peer.sentText()).containsExactly("1 HEADERS :status=200");
        return peer;
    }

    @Test
    void dataGoBothWays() {
        try (TestPeer peer = tunnel()) {
            peer.send(Frames.data(1, "up", false));
            assertThat(receiver.only().body).hasToString("up");
            receiver.only().write("down", false);

            assertThat(peer.sentText()).containsExactly("1 DATA down");
        }
    }

    @Test
    void whatComesBeforeTheAnswerIsHeldForTheTunnel() {
        try (TestPeer peer = asked()) {
            peer.send(Frames.data(1, "ea", false), Frames.data(1, "rly", false));
            receiver.only().stream.resumeReading();
            assertThat(receiver.only().body).isEmpty();
            accept(peer);
            peer.send(Frames.data(1, " more", true));

            assertThat(receiver.only().body).hasToString("early more");
            assertThat(receiver.only().events).containsSubsequence("end", "read complete");
        }
    }

    @Test
    void anOwnerThatPausesIsNotGivenWhatWasHeld() {
        try (TestPeer peer = asked()) {
            peer.send(Frames.data(1, "early", false));
            receiver.only().stream.pauseReading();
            accept(peer);
            assertThat(receiver.only().body).isEmpty();
            receiver.only().stream.resumeReading();

            assertThat(receiver.only().body).hasToString("early");
        }
    }

    @Test
    void aClientThatSendsAheadIsBoundedByTheWindow() {
        try (TestPeer peer = asked()) {
            for (int i = 0; i < 4; i++) {
                peer.send(Frames.data(1, new byte[16_000], false));
            }
            assertThat(peer.sentText()).as("no window given back").isEmpty();
            accept(peer);

            assertThat(receiver.only().body).hasSize(64_000);
            assertThat(peer.sentText()).anyMatch(frame -> frame.startsWith("1 WINDOW_UPDATE"));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {302, 403, 503})
    void aRefusalDropsWhatWasHeld(int status) {
        try (TestPeer peer = asked()) {
            peer.send(Frames.data(1, "early", false));
            receiver.only().respond(status);
            peer.send(Frames.data(1, "late", false));

            assertThat(peer.sentText()).contains("1 HEADERS :status=" + status + " END", "1 RST_STREAM 0");
            assertThat(receiver.only().body).isEmpty();
        }
    }

    @Test
    void theClientsEndIsPassedOnAndTheOtherSideGoesOn() {
        try (TestPeer peer = tunnel()) {
            peer.send(Frames.data(1, "last", true));
            assertThat(receiver.only().events).contains("end");
            peer.elapse(LONG);
            receiver.only().stream.writeData(text("answer"), false);
            receiver.only().write("bye", true);

            assertThat(peer.sentText()).containsExactly("1 DATA answerbye END");
            assertThat(peer.serverConnection().activeStreams()).isZero();
        }
    }

    @Test
    void theEndpointsEndIsPassedOnAndTheClientGoesOn() {
        try (TestPeer peer = tunnel()) {
            receiver.only().write("bye", true);
            assertThat(peer.sentText()).containsExactly("1 DATA bye END");
            peer.elapse(LONG);
            peer.send(Frames.data(1, "still here", false), Frames.data(1, "", true));

            assertThat(receiver.only().body).hasToString("still here");
            assertThat(receiver.only().events).contains("end");
            assertThat(peer.sentText()).noneMatch(frame -> frame.contains("RST_STREAM"));
            assertThat(peer.serverConnection().activeStreams()).isZero();
        }
    }

    @Test
    void aClientThatEndsItsSideWithTheRequestStillGetsATunnel() {
        try (TestPeer peer = TestPeer.proxyClient(receiver, false, HttpLimits.DEFAULT)) {
            peer.send(Frames.headers(1, true, ":method", "CONNECT", ":authority", "a.example:443"));
            assertThat(receiver.only().end).isTrue();
            accept(peer);
            receiver.only().write("x", true);

            assertThat(peer.sentText()).containsExactly("1 HEADERS :status=200", "1 DATA x END");
        }
    }

    @Test
    void silenceIsTheOwnersConcern() {
        try (TestPeer peer = tunnel()) {
            peer.elapse(LONG);
            peer.send(Frames.data(1, "a", false));
            peer.elapse(LONG);

            assertThat(receiver.only().events).doesNotContain("TIMEOUT http2.body_timeout");
            assertThat(receiver.only().body).hasToString("a");
            assertThat(peer.sentText()).noneMatch(frame -> frame.contains("RST_STREAM"));
            assertThat(peer.isClosed()).isFalse();
        }
    }

    @Test
    void soIsTheTimeThatTheAnswerTakes() {
        try (TestPeer peer = asked()) {
            peer.elapse(Duration.ofMinutes(5));

            assertThat(receiver.only().events).containsExactly("read complete");
            assertThat(peer.sentText()).isEmpty();
        }
    }

    @Test
    void aTunnelHasNoLimitOfBodies() {
        HttpLimits ten = ServerConnectionTest.limits(10, 0);
        try (TestPeer peer = TestPeer.proxyClient(receiver, false, ten)) {
            peer.send(connect(1));
            accept(peer);
            peer.send(Frames.data(1, "more than ten bytes", false));

            assertThat(receiver.only().body).hasToString("more than ten bytes");
        }
    }

    @Test
    void theAnswerDeclaresNoLength() {
        try (TestPeer peer = asked()) {
            Headers fields = new Headers().add(HeaderNames.CONTENT_LENGTH, "5");
            receiver.only().stream.writeHead(new ResponseHead(200, fields), false);
            receiver.only().stream.flush();

            assertThat(peer.sentText()).containsExactly("1 HEADERS :status=200");
        }
    }

    @Test
    void fieldsInATunnelAreAnError() {
        try (TestPeer peer = tunnel()) {
            peer.send(Frames.headers(1, true, "a", "1"));

            assertThat(receiver.only().events).contains("PROTOCOL_ERROR http2.headers_in_tunnel");
            assertThat(peer.sentText()).containsExactly("1 RST_STREAM 1");
        }
    }

    @Test
    void drainingLeavesTheTunnelAlone() {
        try (TestPeer peer = tunnel()) {
            peer.serverConnection().drain();
            peer.send(Frames.pingAck(0x64726169_6e2e2e2eL));
            peer.elapse(Duration.ofMinutes(10));
            peer.send(Frames.data(1, "on", false));
            assertThat(receiver.only().body).hasToString("on");
            peer.sent();

            peer.send(Frames.data(1, "", true));
            receiver.only().write("", true);
            peer.elapse(Duration.ofSeconds(1));
            assertThat(peer.isClosed()).isTrue();
        }
    }

    @Test
    void aPausedTunnelGivesNoWindowBack() {
        try (TestPeer peer = tunnel()) {
            receiver.only().stream.pauseReading();
            for (int i = 0; i < 4; i++) {
                peer.send(Frames.data(1, new byte[16_000], false));
            }
            assertThat(peer.sentText()).noneMatch(frame -> frame.startsWith("1 WINDOW_UPDATE"));
            receiver.only().stream.resumeReading();

            assertThat(peer.sentText()).anyMatch(frame -> frame.startsWith("1 WINDOW_UPDATE"));
            assertThat(receiver.only().body).hasSize(64_000);
        }
    }

    @Test
    void aSlowClientIsSeenAndSoIsItsReturn() {
        try (TestPeer peer = tunnel()) {
            receiver.only().stream.writeData(Unpooled.wrappedBuffer(new byte[200_000]), false);
            receiver.only().stream.flush();
            assertThat(receiver.only().stream.isWritable()).isFalse();
            peer.send(Frames.windowUpdate(1, 400_000), Frames.windowUpdate(0, 400_000));

            assertThat(receiver.only().events).contains("writable");
        }
    }
}
