package io.sallyport.http.h2;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.AsciiString;
import io.sallyport.http.Headers;
import io.sallyport.http.HttpLimits;
import io.sallyport.http.RequestHead;
import io.sallyport.http.RequestReceiver;
import io.sallyport.http.ResponseHead;
import io.sallyport.http.ServerStream;
import io.sallyport.http.StreamError;
import io.sallyport.http.StreamListener;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Requests and responses on a client's connection, frame by frame.
class ServerConnectionTest {
    private final RecordingReceiver receiver = new RecordingReceiver();

    private static ByteBuf text(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
    }

    /// The usual limits, but for bodies and requests a connection.
    static HttpLimits limits(long bodyBytes, int requests) {
        HttpLimits d = HttpLimits.DEFAULT;
        return new HttpLimits(
                d.targetBytes(),
                d.headBytes(),
                d.headerFields(),
                bodyBytes,
                d.headTimeout(),
                d.bodyTimeout(),
                d.idleTimeout(),
                d.writeTimeout(),
                d.concurrentStreams(),
                d.streamWindowBytes(),
                d.connectionWindowBytes(),
                requests);
    }

    @Test
    void responseHasHeadBodyAndTrailers() {
        try (TestPeer peer = TestPeer.client(receiver)) {
            peer.send(Frames.get(1, "/"));
            ServerStream stream = receiver.only().stream;
            stream.writeInformational(103, new Headers().add(AsciiString.of("link"), "</a>"));
            assertThat(peer.sentText()).containsExactly("1 HEADERS :status=103,link=</a>");

            stream.writeHead(new ResponseHead(200, new Headers().add(AsciiString.of("server"), "x")), false);
            stream.writeData(text("hello"), false);
            stream.writeTrailers(new Headers().add(AsciiString.of("grpc-status"), "0"));
            stream.flush();
            assertThat(peer.sentText())
                    .containsExactly("1 HEADERS :status=200,server=x", "1 DATA hello", "1 HEADERS grpc-status=0 END");
            assertThat(peer.serverConnection().activeStreams()).isZero();
        }
    }

    @Test
    void fieldsThatHttp2ForbidsAreLeftOut() {
        try (TestPeer peer = TestPeer.client(receiver)) {
            peer.send(Frames.get(1, "/"));
            Headers headers = new Headers()
                    .add(AsciiString.of("connection"), "close")
                    .add(AsciiString.of("keep-alive"), "timeout=5")
                    .add(AsciiString.of("a"), "1")
                    .add(AsciiString.of("transfer-encoding"), "chunked")
                    .add(AsciiString.of("upgrade"), "h2c")
                    .add(AsciiString.of("te"), "gzip")
                    .add(AsciiString.of("b"), "2")
                    .add(AsciiString.of("proxy-connection"), "x");
            receiver.only().stream.writeHead(new ResponseHead(200, headers), true);
            receiver.only().stream.flush();

            assertThat(peer.sentText()).containsExactly("1 HEADERS :status=200,a=1,b=2 END");
        }
    }

    @Test
    void headOverTheLargestFrameIsContinued() {
        try (TestPeer peer = TestPeer.client(receiver)) {
            peer.send(Frames.get(1, "/"));
            String value = "v".repeat(40_000);
            receiver.only()
                    .stream
                    .writeHead(new ResponseHead(200, new Headers().add(AsciiString.of("x"), value)), true);
            receiver.only().stream.flush();

            List<SentFrame> frames = peer.sent();
            assertThat(frames.stream().map(SentFrame::type))
                    .containsExactly(Frames.HEADERS, Frames.CONTINUATION, Frames.CONTINUATION);
            assertThat(frames.stream().map(SentFrame::flags)).containsExactly(Frames.END_STREAM, 0, Frames.END_HEADERS);
            assertThat(frames.getLast().fields()).isEqualTo(":status=200,x=" + value);
        }
    }

    @Test
    void whatIsWrittenAfterTheEndIsDropped() {
        try (TestPeer peer = TestPeer.client(receiver)) {
            peer.send(Frames.get(1, "/"));
            ServerStream stream = receiver.only().stream;
            receiver.only().respond(204);
            stream.writeData(text("late"), true);
            stream.writeTrailers(new Headers());
            stream.writeHead(new ResponseHead(200, new Headers()), false);
            stream.reset(StreamError.CANCEL);
            stream.flush();

            assertThat(stream.isWritable()).isTrue();
            assertThat(peer.sentText()).containsExactly("1 HEADERS :status=204 END");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "CANCEL, 8",
        "REFUSED, 7",
        "PROTOCOL_ERROR, 1",
        "INTERNAL_ERROR, 2",
        "CONNECTION_CLOSED, 2",
        "TIMEOUT, 8",
        "BODY_TOO_LARGE, 8"
    })
    void resetTellsTheReason(StreamError error, int code) {
        try (TestPeer peer = TestPeer.client(receiver)) {
            peer.send(Frames.post(1, "/"));
            receiver.only().stream.reset(error);
            receiver.only().stream.reset(StreamError.INTERNAL_ERROR);

            assertThat(peer.sentText()).containsExactly("1 RST_STREAM " + code);
            assertThat(receiver.only().events).containsExactly("read complete");
            peer.send(Frames.data(1, "x", true));
            assertThat(receiver.only().events).containsExactly("read complete");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "8, CANCEL http2.remote_reset.cancel",
        "7, REFUSED http2.remote_reset.refused_stream",
        "0, CANCEL http2.remote_reset.no_error",
        "4711, CANCEL http2.remote_reset.4711"
    })
    void clientsResetIsTold(int code, String event) {
        try (TestPeer peer = TestPeer.client(receiver)) {
            peer.send(Frames.post(1, "/"), Frames.reset(1, code), Frames.reset(1, code));

            assertThat(receiver.only().events).containsExactly(event);
            receiver.only().respond(200);
            assertThat(peer.sentText()).isEmpty();
        }
    }

    @Test
    void closedConnectionIsToldToEveryStream() {
        try (TestPeer peer = TestPeer.client(receiver)) {
            peer.send(Frames.post(1, "/"), Frames.get(3, "/"), Frames.get(5, "/"));
            receiver.exchanges.get(1).respond(200);
            peer.channel.close();

            assertThat(receiver.exchanges.get(0).events).last().isEqualTo("CONNECTION_CLOSED http2.connection_closed");
            assertThat(receiver.exchanges.get(1).events).containsExactly("read complete");
            assertThat(receiver.exchanges.get(2).events).last().isEqualTo("CONNECTION_CLOSED http2.connection_closed");
        }
    }

    @Test
    void plainConnectIsPassedOn() {
        try (TestPeer peer = TestPeer.client(receiver)) {
            peer.send(Frames.headers(1, false, ":method", "CONNECT", ":authority", "a.example:443"));

            assertThat(receiver.only().head.method).isEqualTo("CONNECT");
            receiver.only().respond(405);
            assertThat(peer.sentText()).containsExactly("1 HEADERS :status=405 END", "1 RST_STREAM 0");
        }
    }

    @Test
    void drainLetsOpenStreamsEnd() {
        try (TestPeer peer = TestPeer.client(receiver)) {
            peer.send(Frames.get(1, "/"));
            peer.serverConnection().drain();
            peer.serverConnection().drain();
            assertThat(peer.sentText()).containsExactly("0 GOAWAY 2147483647 0", "0 PING");

            // On its way before the client knew.
            peer.send(Frames.get(3, "/"));
            peer.send(Frames.pingAck(0x64726169_6e2e2e2eL));
            // Of a client that had chosen the connection before it knew.
            peer.elapse(Duration.ofMillis(Http2ServerConnection.LATE_STREAMS_MILLIS - 1));
            peer.send(Frames.get(5, "/"));
            assertThat(peer.sentText()).isEmpty();
            peer.elapse(Duration.ofMillis(1));
            assertThat(peer.sentText()).containsExactly("0 GOAWAY 5 0");
            peer.send(Frames.get(7, "/too-late"));
            assertThat(receiver.exchanges).hasSize(3);

            receiver.exchanges.get(0).respond(200);
            receiver.exchanges.get(2).respond(200);
            peer.elapse(Duration.ofSeconds(100));
            assertThat(peer.isClosed()).isFalse();
            receiver.exchanges.get(1).respond(200);
            peer.elapse(Duration.ofMillis(999));
            assertThat(peer.isClosed()).isFalse();
            peer.elapse(Duration.ofMillis(1));
            assertThat(peer.isClosed()).isTrue();
            assertThat(peer.sentText()).contains("1 HEADERS :status=200 END", "3 HEADERS :status=200 END");
        }
    }

    @Test
    void connectionEndsAfterTheResponseThatSaysSo() {
        try (TestPeer peer = TestPeer.client(receiver)) {
            peer.send(Frames.get(1, "/"));
            receiver.only().stream.closeAfterResponse();
            receiver.only().respond(200);
            assertThat(peer.sentText()).containsExactly("0 GOAWAY 2147483647 0", "0 PING", "1 HEADERS :status=200 END");

            peer.send(Frames.pingAck(0x64726169_6e2e2e2eL));
            peer.elapse(Duration.ofMillis(Http2ServerConnection.LATE_STREAMS_MILLIS));
            assertThat(peer.sentText()).containsExactly("0 GOAWAY 1 0");
            peer.elapse(Duration.ofSeconds(1));
            assertThat(peer.isClosed()).isTrue();
        }
    }

    @Test
    void connectionEndsAfterItsRequests() {
        try (TestPeer peer = TestPeer.client(receiver, limits(0, 2))) {
            peer.send(Frames.get(1, "/"));
            assertThat(peer.sentText()).isEmpty();
            peer.send(Frames.get(3, "/"));

            assertThat(peer.sentText()).startsWith("0 GOAWAY 2147483647 0");
        }
    }

    @Test
    void oneReadIsCompletedOnceForEachStreamInIt() {
        try (TestPeer peer = TestPeer.client(receiver)) {
            peer.send(Frames.post(1, "/"), Frames.post(3, "/"), Frames.data(1, "a", false), Frames.data(1, "b", false));
            assertThat(receiver.exchanges.get(0).events).containsExactly("read complete");
            assertThat(receiver.exchanges.get(1).events).containsExactly("read complete");

            peer.send(Frames.data(3, "c", true));
            assertThat(receiver.exchanges.get(0).events).containsExactly("read complete");
            assertThat(receiver.exchanges.get(1).events).containsExactly("read complete", "end", "read complete");
        }
    }

    @Test
    void receiverThatFailsLosesItsStreamAlone() {
        RequestReceiver failing = new RequestReceiver() {
            @Override
            public StreamListener onRequest(ServerStream stream, RequestHead head, boolean end) {
                if (head.path.equals("/fails")) {
                    throw new IllegalStateException("expected by the test");
                }
                return receiver.onRequest(stream, head, end);
            }

            @Override
            public void onRejected(ServerStream stream, RequestHead head, int status, String details) {
                throw new IllegalStateException("expected by the test");
            }
        };
        try (TestPeer peer = TestPeer.client(failing)) {
            peer.send(Frames.get(1, "/fails"), Frames.get(3, "no-slash"), Frames.get(5, "/"));
            receiver.only().respond(200);

            assertThat(peer.sentText())
                    .containsExactly("1 RST_STREAM 2", "3 RST_STREAM 1", "5 HEADERS :status=200 END");
        }
    }

    @Test
    void upgradeRequestIsNoPreface() {
        try (TestPeer peer = TestPeer.silentClient(receiver, HttpLimits.DEFAULT)) {
            peer.send(text("GET / HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\n\r\n"));

            assertThat(peer.isClosed()).isTrue();
            assertThat(receiver.exchanges).isEmpty();
        }
    }
}
