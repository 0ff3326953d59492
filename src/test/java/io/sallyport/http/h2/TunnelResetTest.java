package io.sallyport.http.h2;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sallyport.http.Headers;
import io.sallyport.http.HttpLimits;
import io.sallyport.http.ResponseHead;
import io.sallyport.http.StreamError;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/// Tunnels that are cut, by either side, and clients that make a habit of it.
class TunnelResetTest {
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
    void resetsGoBothWays() {
        try (TestPeer peer = tunnel()) {
            peer.send(Frames.reset(1, 8));
            assertThat(receiver.only().events).contains("CANCEL http2.remote_reset.cancel");
        }
        RecordingReceiver second = new RecordingReceiver();
        try (TestPeer peer = TestPeer.proxyClient(second, false, HttpLimits.DEFAULT)) {
            peer.send(connect(1));
            second.only().stream.writeHead(new ResponseHead(200, new Headers()), false);
            second.only().stream.reset(StreamError.CONNECTION_CLOSED);

            assertThat(peer.sentText()).hasSize(2).last().asString().startsWith("1 RST_STREAM");
            assertThat(second.only().events).containsExactly("read complete");
        }
    }

    @Test
    void aResetAfterTheEndpointsEndIsHeardOf() {
        try (TestPeer peer = tunnel()) {
            receiver.only().stream.writeData(text("bye"), true);
            receiver.only().stream.flush();
            peer.send(Frames.reset(1, 8));

            assertThat(receiver.only().events).contains("CANCEL http2.remote_reset.cancel");
        }
    }

    /// As many as a browser closes in a day.
    @Test
    void resetsOfTunnelsThatStoodAreNoAbuse() {
        try (TestPeer peer = TestPeer.proxyClient(receiver, false, HttpLimits.DEFAULT)) {
            for (int i = 0; i < 500; i++) {
                peer.send(connect(2 * i + 1));
                var exchange = receiver.exchanges.getLast();
                exchange.stream.writeHead(new ResponseHead(200, new Headers()), false);
                exchange.stream.flush();
                peer.send(Frames.reset(2 * i + 1, 8));
            }

            assertThat(receiver.exchanges).hasSize(500);
            assertThat(peer.isClosed()).isFalse();
        }
    }

    @Test
    void resetsOfTunnelsThatNeverStoodAre() {
        try (TestPeer peer = TestPeer.proxyClient(receiver, false, HttpLimits.DEFAULT)) {
            for (int i = 0; i < 500 && !peer.isClosed(); i++) {
                peer.send(connect(2 * i + 1), Frames.reset(2 * i + 1, 8));
            }

            assertThat(peer.isClosed()).isTrue();
            assertThat(receiver.exchanges).hasSizeLessThan(250);
        }
    }
}
