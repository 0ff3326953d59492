package io.sallyport.http.h2;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.sallyport.http.ClientStream;
import io.sallyport.http.HeaderNames;
import io.sallyport.http.Headers;
import io.sallyport.http.HttpLimits;
import io.sallyport.http.HttpVersion;
import io.sallyport.http.Methods;
import io.sallyport.http.RequestHead;
import io.sallyport.http.RequestReceiver;
import io.sallyport.http.ResponseHead;
import io.sallyport.http.ServerStream;
import io.sallyport.http.StreamError;
import io.sallyport.http.StreamListener;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What was written before a reset goes before it, as far as the peer's window allows, and nothing follows it on its
/// stream (RFC 9113, 5.1). [TestPeer#close] counts what was not released.
class ResetOrderTest {
    private final RecordingReceiver receiver = new RecordingReceiver();

    @ParameterizedTest
    @CsvSource({"100, false, abcd", "100, true, abcd", "2, false, ab", "2, true, ab", "0, false, ''", "0, true, ''"})
    void whatFitsTheWindowGoesBeforeTheReset(int window, boolean flushed, String sent) {
        try (TestPeer peer = TestPeer.client(receiver)) {
            peer.send(Frames.settings(4, window), Frames.post(1, "/"));
            peer.sent();
            ServerStream stream = begin();
            if (flushed) {
                stream.flush();
            }
            stream.reset(StreamError.CANCEL);
            peer.send(Frames.windowUpdate(1, 100), Frames.windowUpdate(0, 100));

            List<String> frames = peer.sentText();
            assertThat(frames).startsWith("1 HEADERS :status=200").endsWith("1 RST_STREAM 8");
            assertThat(body(frames)).isEqualTo(sent);
        }
    }

    /// As an endpoint's head, data and reset come in one read.
    @Test
    void aResetWithinAReadFollowsWhatWasWrittenInIt() {
        RequestReceiver answering = answering(stream -> {
            begin(stream);
            stream.flush();
            stream.reset(StreamError.CANCEL);
        });
        try (TestPeer peer = TestPeer.client(answering)) {
            peer.send(Frames.post(1, "/"), Frames.post(3, "/"));

            assertThat(peer.sentText().stream().filter(frame -> frame.startsWith("1 ")))
                    .containsExactly("1 HEADERS :status=200", "1 DATA abcd", "1 RST_STREAM 8");
        }
    }

    private RequestReceiver answering(Consumer<ServerStream> answer) {
        return new RequestReceiver() {
            @Override
            public StreamListener onRequest(ServerStream stream, RequestHead head, boolean end) {
                StreamListener listener = receiver.onRequest(stream, head, end);
                answer.accept(stream);
                return listener;
            }

            @Override
            public void onRejected(ServerStream stream, RequestHead head, int status, String details) {
                receiver.onRejected(stream, head, status, details);
            }
        };
    }

    @Test
    void theConnectionsWindowIsNotSpentOnWhatIsDiscarded() {
        try (TestPeer peer = TestPeer.client(receiver)) {
            peer.send(Frames.settings(4, 1), Frames.post(1, "/"));
            begin();
            peer.sent();
            receiver.only().stream.reset(StreamError.CANCEL);
            peer.send(Frames.settings(4, 65_535), Frames.post(3, "/"));
            peer.sent();

            ServerStream next = receiver.exchanges.get(1).stream;
            next.writeHead(new ResponseHead(200, new Headers()), false);
            // All of the connection's window but the byte that was sent.
            next.writeData(Unpooled.wrappedBuffer(new byte[65_534]), true);
            next.flush();
            assertThat(peer.sentText()).anyMatch(frame -> frame.startsWith("3 DATA") && frame.endsWith("END"));
        }
    }

    @Test
    void aResetWithinAReadAfterTheEndThatFitsIsNotSent() {
        RequestReceiver answering = answering(stream -> {
            begin(stream);
            stream.writeData(Unpooled.EMPTY_BUFFER, true);
            stream.reset(StreamError.CANCEL);
        });
        try (TestPeer peer = TestPeer.client(answering)) {
            peer.send(Frames.get(1, "/"));

            assertThat(peer.sentText()).containsExactly("1 HEADERS :status=200", "1 DATA abcd END");
            assertThat(peer.serverConnection().activeStreams()).isZero();
        }
    }

    @Test
    void trailersThatWaitBehindDataAreDiscardedWithThem() {
        try (TestPeer peer = TestPeer.client(receiver)) {
            peer.send(Frames.settings(4, 2), Frames.post(1, "/"));
            peer.sent();
            ServerStream stream = begin();
            stream.writeTrailers(new Headers().add(HeaderNames.VARY, "x"));
            stream.flush();
            stream.reset(StreamError.CANCEL);
            peer.send(Frames.windowUpdate(1, 100));

            assertThat(peer.sentText()).containsExactly("1 HEADERS :status=200", "1 DATA ab", "1 RST_STREAM 8");
        }
    }

    @Test
    void aWriteThatTakesTooLongIsResetBehindWhatWasSent() {
        try (TestPeer peer = TestPeer.client(receiver)) {
            peer.send(Frames.settings(4, 2), Frames.post(1, "/"));
            peer.sent();
            begin().flush();
            peer.elapse(HttpLimits.DEFAULT.writeTimeout().plusSeconds(1));
            peer.send(Frames.windowUpdate(1, 100));

            assertThat(peer.sentText()).containsExactly("1 HEADERS :status=200", "1 DATA ab", "1 RST_STREAM 8");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aRequestsBodyGoesBeforeItsReset(boolean flushed) {
        try (TestPeer peer = TestPeer.server(new RecordingOwner(), HttpLimits.DEFAULT)) {
            peer.send(Frames.settings(4, 3));
            peer.sent();
            ClientStream stream = request(peer);
            stream.writeData(Unpooled.copiedBuffer("abcd", StandardCharsets.US_ASCII), false);
            if (flushed) {
                stream.flush();
            }
            stream.reset(StreamError.CANCEL);
            peer.send(Frames.windowUpdate(3, 100));

            assertThat(peer.sentText()).hasSize(3).endsWith("3 DATA abc", "3 RST_STREAM 8");
        }
    }

    /// Whatever is written, flushed, granted, broken and reset, in whatever order, within reads and outside:
    /// nothing follows a reset or the end on its stream, and what was written before a reset by the gateway has
    /// gone as far as the stream's window allowed.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void nothingFollowsAResetInAnyOrderOfEvents(boolean client) {
        for (long seed = 0; seed < 400; seed++) {
            try (ResetOrderRun run = new ResetOrderRun(client, seed)) {
                run.play();
            }
        }
    }

    private static ClientStream request(TestPeer peer) {
        RequestHead head = new RequestHead(HttpVersion.HTTP_2, Methods.POST, "http", "a.example", "/", new Headers());
        return peer.clientConnection().open(head, false, new RecordingResponse());
    }

    private ServerStream begin() {
        return begin(receiver.exchanges.getLast().stream);
    }

    private static ServerStream begin(ServerStream stream) {
        stream.writeHead(new ResponseHead(200, new Headers()), false);
        stream.writeData(Unpooled.copiedBuffer("abcd", StandardCharsets.US_ASCII), false);
        return stream;
    }

    private static String body(List<String> frames) {
        StringBuilder body = new StringBuilder();
        for (String frame : frames) {
            if (frame.startsWith("1 DATA ")) {
                body.append(frame.substring("1 DATA ".length()));
            }
        }
        return body.toString();
    }
}
