package io.sallyport.http.h2;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sallyport.http.Headers;
import io.sallyport.http.ResponseHead;
import io.sallyport.http.ServerStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Bodies and trailers of requests: declared, cut short, too long, or of no more use.
class ServerBodyTest {
    private final RecordingReceiver receiver = new RecordingReceiver();

    private static ByteBuf text(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
    }

    /// RFC 9113, 8.1: the client is asked to stop, and what it had sent already is no violation.
    @Test
    void earlyResponseStopsTheUpload() {
        try (TestPeer peer = TestPeer.client(receiver)) {
            peer.send(Frames.post(1, "/"), Frames.data(1, "part", false));
            receiver.only().respond(413);
            assertThat(peer.sentText()).containsExactly("1 HEADERS :status=413 END", "1 RST_STREAM 0");

            peer.send(Frames.data(1, "more", false), Frames.data(1, "rest", true));
            assertThat(peer.sentText()).isEmpty();
            assertThat(receiver.only().body).hasToString("part");
            assertThat(receiver.only().events).containsExactly("read complete");
        }
    }

    /// [TestPeer#close] counts what was not released.
    @Test
    void aRequestThatWasKeptBackIsDroppedWithAnEarlyResponse() {
        try (TestPeer peer = TestPeer.client(receiver)) {
            peer.send(Frames.post(1, "/"));
            receiver.only().stream.pauseReading();
            peer.send(Frames.data(1, "all of it", true));
            receiver.only().respond(503);

            assertThat(peer.sentText()).containsExactly("1 HEADERS :status=503 END");
            assertThat(receiver.only().body).isEmpty();
        }
    }

    @Test
    void aRequestThatWasKeptBackIsDroppedWhenItsResponseIsRefused() {
        try (TestPeer peer = TestPeer.client(receiver)) {
            peer.send(Frames.settings(4, 0), Frames.post(1, "/"));
            receiver.only().stream.pauseReading();
            peer.send(Frames.data(1, "all of it", true));
            ServerStream stream = receiver.only().stream;
            stream.writeHead(new ResponseHead(503, new Headers()), false);
            stream.writeData(text("why"), true);
            stream.flush();
            peer.send(Frames.reset(1, 8));

            assertThat(receiver.only().body).isEmpty();
        }
    }

    @Test
    void earlyResponseWaitsForItsWindowBeforeTheReset() {
        try (TestPeer peer = TestPeer.client(receiver)) {
            peer.send(Frames.settings(4, 2), Frames.post(1, "/"));
            peer.sent();
            ServerStream stream = receiver.only().stream;
            stream.writeHead(new ResponseHead(200, new Headers()), false);
            stream.writeData(text("abcd"), true);
            stream.flush();
            assertThat(peer.sentText()).containsExactly("1 HEADERS :status=200", "1 DATA ab");

            peer.send(Frames.data(1, "still delivered", false), Frames.windowUpdate(1, 2));
            assertThat(receiver.only().body).hasToString("still delivered");
            assertThat(peer.sentText()).containsExactly("1 DATA cd END", "1 RST_STREAM 0");
        }
    }

    @ParameterizedTest
    @CsvSource({"xxxx, false", "x, true", "'', true"})
    void bodyThatDiffersFromItsLengthIsReset(String body, boolean end) {
        try (TestPeer peer = TestPeer.client(receiver)) {
            peer.send(Frames.post(1, "/", "content-length", "3"), Frames.data(1, body, end));

            assertThat(receiver.only().events).containsExactly("PROTOCOL_ERROR http2.content_length_mismatch");
            assertThat(receiver.only().body).isEmpty();
            assertThat(peer.sentText()).containsExactly("1 RST_STREAM 1");
        }
    }

    @Test
    void trailersBeforeTheDeclaredEndAreReset() {
        try (TestPeer peer = TestPeer.client(receiver)) {
            peer.send(
                    Frames.post(1, "/", "content-length", "3"),
                    Frames.data(1, "xx", false),
                    Frames.headers(1, true, "a", "b"));

            assertThat(receiver.only().events).containsExactly("PROTOCOL_ERROR http2.content_length_mismatch");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "':path', '/', http2.bad_trailers",
        "'A', 'b', http2.bad_header_name",
        "'connection', 'x', http2.connection_header",
        "'a', 'b\n', http2.bad_header_value",
        "'transfer-encoding', 'chunked', http2.connection_header"
    })
    void malformedTrailersAreReset(String name, String value, String reason) {
        try (TestPeer peer = TestPeer.client(receiver)) {
            peer.send(Frames.post(1, "/"), Frames.headers(1, true, name, value));

            assertThat(receiver.only().events).containsExactly("PROTOCOL_ERROR " + reason);
            assertThat(peer.sentText()).containsExactly("1 RST_STREAM 1");
        }
    }

    @Test
    void trailersLoseWhatTheyMayNotSay() {
        try (TestPeer peer = TestPeer.client(receiver)) {
            peer.send(
                    Frames.post(1, "/"),
                    Frames.headers(
                            1, true, "a", "b", "content-length", "7", "host", "evil", "te", "trailers", "expect", "x"));

            assertThat(receiver.only().events).containsExactly("trailers a: b;", "read complete");
        }
    }

    @Test
    void declaredBodyOverTheLimitIsAnswered413() {
        try (TestPeer peer = TestPeer.client(receiver, ServerConnectionTest.limits(10, 0))) {
            peer.send(Frames.post(1, "/", "content-length", "11"));

            assertThat(receiver.rejections).containsExactly("413 http2.body_too_large");
            assertThat(peer.sentText()).containsExactly("1 HEADERS :status=413 END", "1 RST_STREAM 0");
        }
    }

    @Test
    void bodyThatGrowsOverTheLimitIsAnswered413() {
        try (TestPeer peer = TestPeer.client(receiver, ServerConnectionTest.limits(10, 0))) {
            peer.send(Frames.post(1, "/"), Frames.data(1, "0123456789", false), Frames.data(1, "x", false));

            assertThat(receiver.only().events).containsExactly("BODY_TOO_LARGE http2.body_too_large");
            assertThat(receiver.only().body).hasToString("0123456789");
            assertThat(peer.sentText()).containsExactly("1 HEADERS :status=413 END", "1 RST_STREAM 0");
        }
    }
}
