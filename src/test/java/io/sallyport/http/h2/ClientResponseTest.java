package io.sallyport.http.h2;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sallyport.http.ClientStream;
import io.sallyport.http.Headers;
import io.sallyport.http.HttpLimits;
import io.sallyport.http.HttpVersion;
import io.sallyport.http.RequestHead;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// What an endpoint may answer to a request, frame by frame.
class ClientResponseTest {
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
    void responseIsDelivered() {
        try (TestPeer peer = connect()) {
            open(peer, "GET", true);
            peer.send(
                    Frames.headers(3, false, ":status", "103", "link", "</a>"),
                    Frames.headers(3, false, ":status", "100"),
                    ok(3, false, "content-length", "4", "set-cookie", "a", "set-cookie", "b"),
                    Frames.data(3, "bo", false),
                    Frames.data(3, "dy", false),
                    Frames.headers(3, true, "grpc-status", "0", "content-length", "9"));

            assertThat(response.events).containsExactly("informational 103", "head 200", "trailers grpc-status: 0;");
            assertThat(response.head.headers).hasToString("content-length: 4\nset-cookie: a\nset-cookie: b\n");
            assertThat(response.body).hasToString("body");
            assertThat(response.readCompletes).isEqualTo(1);
            assertThat(owner.events).containsExactly("available 100");
        }
    }

    static Stream<Arguments> malformed() {
        return Stream.of(
                Arguments.of("http2.bad_status", new String[] {}),
                Arguments.of("http2.bad_status", new String[] {":status", "20"}),
                Arguments.of("http2.bad_status", new String[] {":status", "2000"}),
                Arguments.of("http2.bad_status", new String[] {":status", "abc"}),
                Arguments.of("http2.bad_status", new String[] {":status", "099"}),
                Arguments.of("http2.bad_status", new String[] {":status", "1000"}),
                Arguments.of("http2.bad_status", new String[] {":status", "101"}),
                Arguments.of("http2.repeated_pseudo_header", new String[] {":status", "200", ":status", "200"}),
                Arguments.of("http2.request_pseudo_header", new String[] {":status", "200", ":path", "/"}),
                Arguments.of("http2.connection_header", new String[] {":status", "200", "connection", "close"}),
                Arguments.of("http2.connection_header", new String[] {":status", "200", "transfer-encoding", "x"}),
                Arguments.of("http2.bad_header_value", new String[] {":status", "200", "a", "b\r\nc"}),
                Arguments.of("http2.bad_header_name", new String[] {":status", "200", "A", "b"}),
                Arguments.of("http2.bad_content_length", new String[] {":status", "200", "content-length", "1 "}),
                Arguments.of(
                        "http2.two_content_lengths",
                        new String[] {":status", "200", "content-length", "1", "content-length", "1"}));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("malformed")
    void malformedResponseIsReset(String reason, String[] fields) {
        try (TestPeer peer = connect()) {
            open(peer, "GET", true);
            // White space at the end is another violation; the reason may be either.
            peer.send(Frames.headers(3, false, fields));

            assertThat(response.events).hasSize(1);
            assertThat(response.events.getFirst()).startsWith("PROTOCOL_ERROR http2.");
            if (!reason.equals("http2.bad_content_length")) {
                assertThat(response.events.getFirst()).endsWith(reason);
            }
            assertThat(peer.sentText()).containsExactly("3 RST_STREAM 1");
            assertThat(peer.clientConnection().availableStreams()).isEqualTo(100);
        }
    }

    @Test
    void bodyThatDiffersFromItsLengthIsReset() {
        try (TestPeer peer = connect()) {
            open(peer, "GET", true);
            peer.send(ok(3, false, "content-length", "5"), Frames.data(3, "1234", true));

            assertThat(response.events).containsExactly("head 200", "PROTOCOL_ERROR http2.content_length_mismatch");
        }
    }

    @Test
    void bodyBeforeTheHeadIsReset() {
        try (TestPeer peer = connect()) {
            open(peer, "GET", true);
            peer.send(Frames.headers(3, false, ":status", "103"), Frames.data(3, "x", false));

            assertThat(response.events).containsExactly("informational 103", "PROTOCOL_ERROR http2.data_before_head");
            assertThat(peer.sentText()).containsExactly("3 RST_STREAM 1");
        }
    }

    @Test
    void headOfAResponseWithoutItsBodyIsReset() {
        try (TestPeer peer = connect()) {
            open(peer, "GET", true);
            peer.send(ok(3, true, "content-length", "5"));

            assertThat(response.events).containsExactly("PROTOCOL_ERROR http2.content_length_mismatch");
        }
    }

    @Test
    void responseToHeadNeedsNoBody() {
        try (TestPeer peer = connect()) {
            open(peer, "HEAD", true);
            peer.send(ok(3, true, "content-length", "5"));

            assertThat(response.events).containsExactly("head 200", "end");
        }
    }

    @Test
    void responseToHeadMayNotHaveABody() {
        try (TestPeer peer = connect()) {
            open(peer, "HEAD", true);
            peer.send(ok(3, false, "content-length", "1"), Frames.data(3, "x", true));

            assertThat(response.events).containsExactly("head 200", "PROTOCOL_ERROR http2.content_length_mismatch");
        }
    }

    @Test
    void notModifiedNeedsNoBody() {
        try (TestPeer peer = connect()) {
            open(peer, "GET", true);
            peer.send(Frames.headers(3, true, ":status", "304", "content-length", "5"));

            assertThat(response.events).containsExactly("head 304", "end");
        }
    }

    @Test
    void floodOfInterimResponsesIsReset() {
        try (TestPeer peer = connect()) {
            open(peer, "GET", true);
            for (int i = 0; i < 100; i++) {
                peer.send(Frames.headers(3, false, ":status", "102"));
            }

            assertThat(response.events).hasSize(33).last().isEqualTo("PROTOCOL_ERROR http2.too_many_interim_responses");
            assertThat(peer.isClosed()).isFalse();
        }
    }

    @Test
    void oversizedHeadIsReset() {
        try (TestPeer peer = connect()) {
            open(peer, "GET", true);
            String[] fields = new String[202];
            for (int i = 0; i < 101; i++) {
                fields[2 * i] = "x" + i;
                fields[2 * i + 1] = "y";
            }
            peer.send(ok(3, true, fields));

            assertThat(response.events).containsExactly("HEAD_TOO_LARGE http2.head_too_large");
            assertThat(peer.sentText()).containsExactly("3 RST_STREAM 8");
        }
    }

    @Test
    void resetIsTold() {
        try (TestPeer peer = connect()) {
            open(peer, "POST", false);
            peer.send(Frames.reset(3, 7));

            assertThat(response.events).containsExactly("REFUSED http2.remote_reset.refused_stream");
            assertThat(owner.events).containsExactly("available 100");
        }
    }

    @Test
    void refusalBeforeTheLimitWasKnownIsNoReset() {
        try (TestPeer peer = TestPeer.server(owner, HttpLimits.DEFAULT)) {
            open(peer, "POST", false);
            peer.send(Frames.settings(3, 1), Frames.reset(3, 7));

            assertThat(response.events).containsExactly("REFUSED http2.limit_not_known");
        }
    }

    /// RFC 9113, 8.1: a server may stop the upload after its whole response.
    @Test
    void resetAfterTheWholeResponseIsNoError() {
        try (TestPeer peer = connect()) {
            ClientStream stream = open(peer, "POST", false);
            peer.send(ok(3, false), Frames.data(3, "x", true), Frames.reset(3, 0));
            assertThat(response.events).containsExactly("head 200", "end");

            stream.writeData(Unpooled.copiedBuffer("late", StandardCharsets.US_ASCII), true);
            stream.flush();
            assertThat(peer.sentText()).isEmpty();
        }
    }

    @Test
    void responseThatIsHeldOutlivesItsStream() {
        try (TestPeer peer = connect()) {
            ClientStream stream = open(peer, "GET", true);
            stream.pauseReading();
            peer.send(ok(3, false), Frames.data(3, "held", true));
            peer.channel.close();
            assertThat(response.events).containsExactly("head 200");

            stream.resumeReading();
            assertThat(response.body).hasToString("held");
            assertThat(response.events).containsExactly("head 200", "end");
        }
    }
}
