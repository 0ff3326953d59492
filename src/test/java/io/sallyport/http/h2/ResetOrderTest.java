package io.sallyport.http.h2;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.sallyport.http.Headers;
import io.sallyport.http.RequestHead;
import io.sallyport.http.RequestReceiver;
import io.sallyport.http.ResponseHead;
import io.sallyport.http.ServerStream;
import io.sallyport.http.StreamError;
import io.sallyport.http.StreamListener;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
        try (TestPeer peer = TestPeer.client(new RequestReceiver() {
            @Override
            public StreamListener onRequest(ServerStream stream, RequestHead head, boolean end) {
                StreamListener listener = receiver.onRequest(stream, head, end);
                begin();
                stream.flush();
                stream.reset(StreamError.CANCEL);
                return listener;
            }

            @Override
            public void onRejected(ServerStream stream, RequestHead head, int status, String details) {
                receiver.onRejected(stream, head, status, details);
            }
        })) {
            peer.send(Frames.post(1, "/"), Frames.post(3, "/"));

            assertThat(peer.sentText().stream().filter(frame -> frame.startsWith("1 ")))
                    .containsExactly("1 HEADERS :status=200", "1 DATA abcd", "1 RST_STREAM 8");
        }
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

    private ServerStream begin() {
        ServerStream stream = receiver.exchanges.getLast().stream;
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
