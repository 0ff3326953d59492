package io.sallyport.http.h2;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sallyport.http.HeaderNames;
import io.sallyport.http.Headers;
import io.sallyport.http.HttpLimits;
import io.sallyport.http.RequestHead;
import io.sallyport.http.ResponseHead;
import io.sallyport.http.StreamError;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A client's extended CONNECT (RFC 8441), from its request to the end of what it opened.
class ExtendedConnectTest {
    private static final int ENABLE_CONNECT_PROTOCOL = 8;

    private final RecordingReceiver receiver = new RecordingReceiver();

    private static ByteBuf connect(int stream, boolean end, String... more) {
        String[] fields = {
            ":method",
            "CONNECT",
            ":protocol",
            "WebSocket",
            ":scheme",
            "http",
            ":path",
            "/chat?a=b",
            ":authority",
            "a.example"
        };
        String[] all = new String[fields.length + more.length];
        System.arraycopy(fields, 0, all, 0, fields.length);
        System.arraycopy(more, 0, all, fields.length, more.length);
        return Frames.headers(stream, end, all);
    }

    private static ByteBuf text(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
    }

    private TestPeer asked(String... more) {
        TestPeer peer = TestPeer.client(receiver);
        peer.send(connect(1, false, more));
        return peer;
    }

    private void accept(TestPeer peer, RecordingReceiver.Exchange exchange) {
        exchange.stream.writeHead(new ResponseHead(101, new Headers()), false);
        exchange.stream.flush();
        peer.channel.runPendingTasks();
    }

    private TestPeer switched() {
        TestPeer peer = asked();
        accept(peer, receiver.only());
        assertThat(peer.sentText()).containsExactly("1 HEADERS :status=200");
        return peer;
    }

    @Test
    void theSettingIsAnnounced() {
        try (TestPeer peer = TestPeer.silentClient(receiver, HttpLimits.DEFAULT)) {
            SentFrame settings = peer.sent().getFirst();
            ByteBuf payload = Unpooled.wrappedBuffer(settings.payload());
            boolean announced = false;
            while (payload.isReadable()) {
                announced |= payload.readUnsignedShort() == ENABLE_CONNECT_PROTOCOL & payload.readInt() == 1;
            }

            assertThat(announced).isTrue();
        }
    }

    @Test
    void itIsAGetThatAsksToSwitch() {
        try (TestPeer peer = asked("sec-websocket-version", "13", "sec-websocket-key", "x")) {
            RequestHead head = receiver.only().head;

            assertThat(head.method).isEqualTo("GET");
            assertThat(head.path).isEqualTo("/chat?a=b");
            assertThat(head.authority).isEqualTo("a.example");
            assertThat(head.scheme).isEqualTo("http");
            assertThat(head.upgrade).isEqualTo("websocket");
            assertThat(head.contentLength).isZero();
            assertThat(head.headers.toString()).isEqualTo("sec-websocket-version: 13\n");
            assertThat(receiver.only().end).isTrue();
            assertThat(peer.sentText()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "00", "5", "9999999999999999999"})
    void itDeclaresNoLength(String length) {
        try (TestPeer peer = asked("content-length", length)) {
            peer.send(Frames.data(1, "up", false));

            assertThat(receiver.exchanges).isEmpty();
            assertThat(receiver.rejections).singleElement().asString().startsWith("400 ");
            assertThat(peer.sentText()).containsExactly("1 RST_STREAM 1");
        }
    }

    @Test
    void dataGoBothWays() {
        try (TestPeer peer = switched()) {
            peer.send(Frames.data(1, "up", false));
            assertThat(receiver.only().body).hasToString("up");
            receiver.only().write("down", false);

            assertThat(peer.sentText()).containsExactly("1 DATA down");
        }
    }

    @Test
    void theAnswerHasNeitherLengthNorAnswerToAKey() {
        try (TestPeer peer = asked()) {
            Headers fields = new Headers()
                    .add(HeaderNames.SEC_WEBSOCKET_ACCEPT, "x")
                    .add(HeaderNames.CONTENT_LENGTH, "0")
                    .add(HeaderNames.UPGRADE, "websocket")
                    .add(HeaderNames.SEC_WEBSOCKET_PROTOCOL, "chat");
            receiver.only().stream.writeHead(new ResponseHead(101, fields), false);
            receiver.only().stream.flush();

            assertThat(peer.sentText()).containsExactly("1 HEADERS :status=200,sec-websocket-protocol=chat");
        }
    }

    @Test
    void whatComesBeforeTheAnswerIsHeldWithinTheWindow() {
        try (TestPeer peer = asked()) {
            for (int i = 0; i < 4; i++) {
                peer.send(Frames.data(1, new byte[16_000], false));
            }
            assertThat(peer.sentText()).as("no window given back").isEmpty();
            assertThat(receiver.only().body).isEmpty();
            accept(peer, receiver.only());

            assertThat(receiver.only().body).hasSize(64_000);
            assertThat(peer.sentText()).anyMatch(frame -> frame.startsWith("1 WINDOW_UPDATE"));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {302, 403, 503})
    void aRefusalDropsWhatWasHeld(int status) {
        try (TestPeer peer = asked()) {
            peer.send(Frames.data(1, "early", false));
            receiver.only().stream.writeHead(new ResponseHead(status, new Headers()), false);
            receiver.only().write("no", true);
            peer.send(Frames.data(1, "late", false));

            assertThat(peer.sentText())
                    .containsExactly("1 HEADERS :status=" + status, "1 DATA no END", "1 RST_STREAM 0");
            assertThat(receiver.only().body).isEmpty();
            assertThat(peer.serverConnection().activeStreams()).isZero();
        }
    }

    @Test
    void eachSideEndsForItself() {
        try (TestPeer peer = switched()) {
            peer.send(Frames.data(1, "last", true));
            assertThat(receiver.only().events).contains("end");
            receiver.only().write("bye", true);

            assertThat(peer.sentText()).containsExactly("1 DATA bye END");
            assertThat(peer.serverConnection().activeStreams()).isZero();
        }
    }

    @Test
    void aClientThatEndsItsSideWithTheRequestIsSwitchedAndThenHasEnded() {
        try (TestPeer peer = TestPeer.client(receiver)) {
            peer.send(connect(1, true));
            assertThat(receiver.only().events).doesNotContain("end");
            accept(peer, receiver.only());
            assertThat(receiver.only().events).contains("end");
            receiver.only().write("x", true);

            assertThat(peer.sentText()).containsExactly("1 HEADERS :status=200", "1 DATA x END");
            assertThat(peer.serverConnection().activeStreams()).isZero();
        }
    }

    @Test
    void fieldsBehindTheRequestAreAnError() {
        try (TestPeer peer = switched()) {
            peer.send(Frames.headers(1, true, "a", "1"));

            assertThat(receiver.only().events).contains("PROTOCOL_ERROR http2.headers_in_tunnel");
            assertThat(peer.sentText()).containsExactly("1 RST_STREAM 1");
        }
    }

    @Test
    void protocolIsNoFieldOfTrailers() {
        try (TestPeer peer = TestPeer.client(receiver)) {
            peer.send(Frames.post(1, "/"), Frames.headers(1, true, ":protocol", "websocket"));

            assertThat(receiver.only().events).contains("PROTOCOL_ERROR http2.bad_trailers");
            assertThat(peer.sentText()).containsExactly("1 RST_STREAM 1");
        }
    }

    @Test
    void silenceEndsItAsOnAnUpgradedConnection() {
        Duration idle = HttpLimits.DEFAULT.idleTimeout();
        try (TestPeer peer = switched()) {
            peer.elapse(idle.minusSeconds(1));
            peer.send(Frames.data(1, "a", false));
            peer.elapse(idle.minusSeconds(1));
            receiver.only().write("b", false);
            peer.elapse(idle.minusSeconds(1));
            assertThat(receiver.only().events).doesNotContain("TIMEOUT http2.idle_timeout");
            peer.elapse(Duration.ofSeconds(2));

            assertThat(receiver.only().events).contains("TIMEOUT http2.idle_timeout");
            assertThat(peer.sentText()).contains("1 RST_STREAM 8");
        }
    }

    @Test
    void theTimeThatTheAnswerTakesIsTheRoutesConcern() {
        try (TestPeer peer = asked()) {
            peer.elapse(HttpLimits.DEFAULT.idleTimeout().multipliedBy(3));
            accept(peer, receiver.only());
            peer.elapse(Duration.ofSeconds(1));

            assertThat(receiver.only().events).containsExactly("read complete");
            assertThat(peer.sentText()).containsExactly("1 HEADERS :status=200");
        }
    }

    @Test
    void drainingLeavesItAlone() {
        try (TestPeer peer = switched()) {
            peer.serverConnection().drain();
            peer.send(Frames.pingAck(0x64726169_6e2e2e2eL));
            peer.elapse(Duration.ofSeconds(30));
            peer.send(Frames.data(1, "on", false));
            assertThat(receiver.only().body).hasToString("on");

            peer.send(Frames.data(1, "", true));
            receiver.only().write("", true);
            peer.elapse(Duration.ofSeconds(1));
            assertThat(peer.isClosed()).isTrue();
        }
    }

    @Test
    void resetsGoBothWays() {
        try (TestPeer peer = switched()) {
            peer.send(Frames.reset(1, 8));
            assertThat(receiver.only().events).contains("CANCEL http2.remote_reset.cancel");

            peer.send(connect(3, false));
            RecordingReceiver.Exchange second = receiver.exchanges.getLast();
            accept(peer, second);
            second.stream.reset(StreamError.CANCEL);
            assertThat(peer.sentText()).containsExactly("3 HEADERS :status=200", "3 RST_STREAM 8");
        }
    }

    @Test
    void resetsOfThoseThatStoodAreNoAbuseAndOthersAre() {
        try (TestPeer peer = TestPeer.client(receiver)) {
            for (int i = 0; i < 500; i++) {
                peer.send(connect(2 * i + 1, false));
                accept(peer, receiver.exchanges.getLast());
                peer.send(Frames.reset(2 * i + 1, 8));
            }
            assertThat(peer.isClosed()).isFalse();

            for (int i = 500; i < 1000 && !peer.isClosed(); i++) {
                peer.send(connect(2 * i + 1, false), Frames.reset(2 * i + 1, 8));
            }
            assertThat(peer.isClosed()).isTrue();
            assertThat(receiver.exchanges).hasSizeLessThan(750);
        }
    }
}
