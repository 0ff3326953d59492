package io.sallyport.http.h2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.AsciiString;
import io.sallyport.http.ClientStream;
import io.sallyport.http.Headers;
import io.sallyport.http.HttpLimits;
import io.sallyport.http.HttpVersion;
import io.sallyport.http.RequestHead;
import io.sallyport.http.StreamError;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Requests to an endpoint, and what it may answer, frame by frame.
class ClientConnectionTest {
    private final RecordingOwner owner = new RecordingOwner();
    private final RecordingResponse response = new RecordingResponse();

    private TestPeer connect() {
        TestPeer peer = TestPeer.server(owner, HttpLimits.DEFAULT);
        peer.send(Frames.settings());
        peer.sent();
        owner.events.clear();
        return peer;
    }

    private static RequestHead head(String method) {
        return new RequestHead(HttpVersion.HTTP_1_1, method, "http", "a.example", "/p?q", new Headers());
    }

    private ClientStream open(TestPeer peer, String method, boolean end) {
        ClientStream stream = peer.clientConnection().open(head(method), end, response);
        stream.flush();
        peer.sent();
        return stream;
    }

    private static ByteBuf ok(int stream, boolean end, String... more) {
        String[] fields = new String[more.length + 2];
        fields[0] = ":status";
        fields[1] = "200";
        System.arraycopy(more, 0, fields, 2, more.length);
        return Frames.headers(stream, end, fields);
    }

    @Test
    void requestsMayBeOpenedBeforeAnythingArrived() {
        try (TestPeer peer = TestPeer.server(owner, HttpLimits.DEFAULT)) {
            assertThat(peer.clientConnection().availableStreams()).isEqualTo(100);
            RequestHead head = head("POST");
            head.headers.add(AsciiString.of("x"), "y").add(AsciiString.of("connection"), "close");
            ClientStream stream = peer.clientConnection().open(head, false, response);
            stream.writeData(Unpooled.copiedBuffer("body", StandardCharsets.US_ASCII), true);
            stream.flush();

            assertThat(peer.sentText())
                    .containsExactly(
                            "0 SETTINGS",
                            "0 WINDOW_UPDATE " + (1024 * 1024 - 65_535),
                            "3 HEADERS :method=POST,:scheme=http,:path=/p?q,:authority=a.example,x=y",
                            "3 DATA body END");
            assertThat(stream.connection()).isSameAs(peer.clientConnection());
            assertThat(peer.clientConnection().availableStreams()).isEqualTo(99);
        }
    }

    @Test
    void expectationIsSentWithABody() {
        try (TestPeer peer = connect()) {
            RequestHead head = head("POST");
            head.expectsContinue = true;
            peer.clientConnection().open(head, false, response).flush();
            assertThat(peer.sentText().getFirst()).endsWith(":authority=a.example,expect=100-continue");
            peer.clientConnection().open(head, true, response).flush();
            assertThat(peer.sentText().getFirst()).endsWith(":authority=a.example END");

            peer.send(Frames.headers(3, false, ":status", "100"));
            assertThat(response.events).containsExactly("informational 100");
        }
    }

    @Test
    void connectHasNoPath() {
        try (TestPeer peer = connect()) {
            RequestHead head =
                    new RequestHead(HttpVersion.HTTP_1_1, "CONNECT", "https", "a.example:443", "", new Headers());
            peer.clientConnection().open(head, false, response).flush();

            assertThat(peer.sentText()).containsExactly("3 HEADERS :method=CONNECT,:authority=a.example:443");
        }
    }

    @Test
    void pushEndsTheConnection() {
        try (TestPeer peer = connect()) {
            open(peer, "GET", true);
            ByteBuf promise = Unpooled.buffer().writeInt(2).writeBytes(Frames.block(Frames.request("GET", "/")));
            peer.send(Frames.frame(Frames.PUSH_PROMISE, Frames.END_HEADERS, 3, promise));

            assertThat(peer.sent().getLast().errorCode()).isEqualTo(1);
            assertThat(peer.isClosed()).isTrue();
            assertThat(response.events).containsExactly("CONNECTION_CLOSED http2.protocol_error");
            assertThat(owner.events).containsExactly("closed");
        }
    }

    /// RFC 9113, 5.1.1: a stream that the endpoint opens would be open for ever.
    @ParameterizedTest(name = "stream {0}, ends with its header block: {1}")
    @CsvSource({"2, true", "2, false", "4, true", "2147483646, true"})
    void aStreamOfTheEndpointsEndsTheConnection(int stream, boolean end) {
        try (TestPeer peer = connect()) {
            open(peer, "GET", true);
            peer.send(ok(stream, end));

            assertThat(peer.sent().getLast().errorCode()).isEqualTo(1);
            assertThat(peer.isClosed()).isTrue();
            assertThat(response.events).containsExactly("CONNECTION_CLOSED http2.protocol_error");
            assertThat(owner.events).containsExactly("closed");
        }
    }

    /// Streams serve different clients: one that is paused must not use up what all share.
    @Test
    void pausedStreamsLeaveTheConnectionWindowAlone() {
        try (TestPeer peer = connect()) {
            byte[] frame = new byte[16_384];
            for (int i = 0; i < 50; i++) {
                ClientStream stream = peer.clientConnection().open(head("GET"), true, new RecordingResponse());
                stream.pauseReading();
                peer.send(ok(3 + 2 * i, false));
                for (int j = 0; j < 3; j++) {
                    peer.send(Frames.data(3 + 2 * i, frame, false));
                }
            }
            peer.sent();
            open(peer, "GET", true);
            peer.send(ok(103, false), Frames.data(103, "goes on", true));

            assertThat(response.body).hasToString("goes on");
            assertThat(peer.isClosed()).isFalse();
            peer.channel.close();
        }
    }

    @Test
    void goAwayRefusesWhatTheEndpointDidNotSee() {
        try (TestPeer peer = connect()) {
            open(peer, "GET", true);
            RecordingResponse refused = new RecordingResponse();
            peer.clientConnection().open(head("GET"), true, refused).flush();
            peer.send(Frames.goAway(3, 0));

            assertThat(refused.events).containsExactly("REFUSED http2.connection_closed");
            assertThat(response.events).isEmpty();
            assertThat(owner.events).containsExactly("draining");
            assertThat(peer.clientConnection().availableStreams()).isZero();

            peer.send(ok(3, true));
            assertThat(response.events).containsExactly("head 200", "end");
            assertThat(peer.isClosed()).isTrue();
            assertThat(owner.events).containsExactly("draining", "closed");
        }
    }

    @Test
    void goAwayInTwoStepsIsOneDrain() {
        try (TestPeer peer = connect()) {
            open(peer, "GET", true);
            peer.send(Frames.goAway(Integer.MAX_VALUE, 0));
            assertThat(response.events).isEmpty();
            peer.send(Frames.goAway(3, 0), ok(3, true));

            assertThat(response.events).containsExactly("head 200", "end");
            assertThat(owner.events).containsExactly("draining", "closed");
        }
    }

    @Test
    void endpointSaysHowManyStreamsItTakes() {
        try (TestPeer peer = connect()) {
            peer.send(Frames.settings(3, 1));
            assertThat(peer.clientConnection().availableStreams()).isEqualTo(1);
            open(peer, "GET", true);
            assertThat(peer.clientConnection().availableStreams()).isZero();
            assertThatIllegalStateException()
                    .isThrownBy(() -> peer.clientConnection().open(head("GET"), true, new RecordingResponse()));

            peer.send(Frames.settings(3, 1000));
            assertThat(peer.clientConnection().availableStreams()).isEqualTo(99);
            assertThat(owner.events).containsExactly("available 1", "available 99");
            peer.send(ok(3, true));
            assertThat(response.events).contains("end");
        }
    }

    @Test
    void exhaustedStreamIdsDrainTheConnection() throws Exception {
        try (TestPeer peer = connect()) {
            peer.clientConnection()
                    .connection()
                    .local()
                    .createStream(Integer.MAX_VALUE - 2, true)
                    .close();
            owner.events.clear();
            open(peer, "GET", true);

            assertThat(owner.events).containsExactly("draining");
            assertThat(peer.clientConnection().availableStreams()).isZero();
            peer.send(ok(Integer.MAX_VALUE, true));
            assertThat(response.events).containsExactly("head 200", "end");
            assertThat(owner.events).containsExactly("draining", "closed");
        }
    }

    @Test
    void drainLetsOpenStreamsEnd() {
        try (TestPeer peer = connect()) {
            open(peer, "GET", true);
            peer.clientConnection().drain();
            assertThat(peer.clientConnection().availableStreams()).isZero();
            assertThat(peer.isClosed()).isFalse();

            peer.send(ok(3, true));
            assertThat(response.events).containsExactly("head 200", "end");
            assertThat(peer.sentText()).containsExactly("0 GOAWAY 0 0");
            assertThat(peer.isClosed()).isTrue();
        }
    }

    @Test
    void closeTellsEveryStreamFirst() {
        try (TestPeer peer = connect()) {
            open(peer, "GET", true);
            peer.clientConnection().close();

            assertThat(response.events).containsExactly("CONNECTION_CLOSED http2.connection_closed");
            assertThat(owner.events).containsExactly("closed");
        }
    }

    @Test
    void resetSaysCancelAndIgnoresTheRest() {
        try (TestPeer peer = connect()) {
            ClientStream stream = open(peer, "GET", true);
            stream.reset(StreamError.CANCEL);
            assertThat(peer.sentText()).containsExactly("3 RST_STREAM 8");
            peer.send(ok(3, false), Frames.data(3, "x", false), Frames.headers(3, true, "a", "b"));

            assertThat(response.events).isEmpty();
            assertThat(peer.sentText()).isEmpty();
            assertThat(owner.events).contains("available 100");
        }
    }

    /// Clients that cancel all the time, of which each answer crosses the reset, cost the others nothing.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void answersThatCrossAResetDoNotEndTheConnection(boolean endpointResetsToo) {
        try (TestPeer peer = connect()) {
            for (int i = 0; i < 3_000; i++) {
                ClientStream stream = open(peer, "GET", true);
                stream.reset(StreamError.CANCEL);
                int id = 3 + 2 * i;
                peer.send(ok(id, false), Frames.data(id, "x", false), Frames.data(id, "y", false));
                peer.send(endpointResetsToo ? Frames.reset(id, 8) : Frames.headers(id, true, "a", "b"));
                peer.sent();
            }

            assertThat(peer.isClosed()).isFalse();
            assertThat(peer.clientConnection().availableStreams()).isEqualTo(100);
        }
    }

    /// As many do that answer before they have the whole body.
    @Test
    void anEndpointMayResetBehindItsAnswers() {
        try (TestPeer peer = connect()) {
            for (int i = 0; i < 3_000; i++) {
                open(peer, "POST", false);
                peer.send(ok(3 + 2 * i, true), Frames.reset(3 + 2 * i, 0));
                peer.sent();
            }

            assertThat(peer.isClosed()).isFalse();
        }
    }

    @Test
    void framesForStreamsThatWereResetLongAgoEndTheConnection() {
        try (TestPeer peer = connect()) {
            open(peer, "GET", true).reset(StreamError.CANCEL);
            for (int i = 0; i < 2_000 && !peer.isClosed(); i++) {
                peer.send(Frames.data(3, "", false));
            }

            assertThat(peer.isClosed()).isTrue();
        }
    }

    @Test
    void endpointThatDoesNotReadIsGivenUp() {
        try (TestPeer peer = connect()) {
            peer.send(Frames.settings(4, 0));
            ClientStream stream = open(peer, "POST", false);
            stream.writeData(Unpooled.wrappedBuffer(new byte[10]), true);
            stream.flush();
            peer.elapse(HttpLimits.DEFAULT.writeTimeout().plus(Duration.ofMillis(1)));

            assertThat(response.events).containsExactly("TIMEOUT http2.write_timeout");
            assertThat(peer.sentText()).containsExactly("3 RST_STREAM 8");
        }
    }

    @Test
    void garbageEndsTheConnection() {
        try (TestPeer peer = TestPeer.server(owner, HttpLimits.DEFAULT)) {
            open(peer, "GET", true);
            peer.send(Unpooled.copiedBuffer("HTTP/1.1 400 Bad Request\r\n\r\n", StandardCharsets.US_ASCII));

            assertThat(peer.isClosed()).isTrue();
            assertThat(response.events).containsExactly("CONNECTION_CLOSED http2.protocol_error");
            assertThat(owner.events).isEqualTo(List.of("closed"));
        }
    }

    /// What waits for a stream must not wait for this connection.
    @Test
    void aConnectionThatAllowsNoStreamEndsWithItsLastOne() {
        try (TestPeer peer = connect()) {
            open(peer, "GET", true);
            open(peer, "GET", true);
            peer.send(Frames.settings(3, 0), ok(3, true));
            assertThat(owner.events).isEmpty();
            assertThat(peer.isClosed()).isFalse();
            peer.send(ok(5, true));

            assertThat(owner.events).containsExactly("draining", "closed");
        }
    }

    @Test
    void aConnectionThatAllowsNoStreamYetIsKept() {
        try (TestPeer peer = TestPeer.server(owner, HttpLimits.DEFAULT)) {
            peer.send(Frames.settings(3, 0));
            assertThat(owner.events).isEmpty();
            peer.send(Frames.settings(3, 1));

            assertThat(owner.events).containsExactly("available 1");
        }
    }
}
