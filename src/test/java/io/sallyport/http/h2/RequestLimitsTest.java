package io.sallyport.http.h2;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.Http2Error;
import io.sallyport.http.HttpLimits;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Requests over a limit are refused alone where that can be done, and without being unpacked.
class RequestLimitsTest {

    private final RecordingReceiver receiver = new RecordingReceiver();

    private static int stream(int round) {
        return 2 * round + 1;
    }

    @Test
    void hpackBombIsRefusedWithoutBeingUnpacked() {
        try (TestPeer peer = TestPeer.client(receiver)) {
            ByteBuf bomb = Frames.block(Frames.request("GET", "/"));
            // One entry of almost the table's size, then an index of one byte for each further copy of it.
            bomb.writeByte(0x40);
            Frames.string(bomb, "x");
            Frames.string(bomb, "v".repeat(4_000));
            for (int i = 0; i < 10_000; i++) {
                bomb.writeByte(0x80 | 62);
            }
            peer.send(Frames.frame(Frames.HEADERS, Frames.END_HEADERS | Frames.END_STREAM, 1, bomb));

            assertThat(receiver.rejections).containsExactly("431 http2.head_too_large");
            assertThat(peer.sentText()).containsExactly("1 HEADERS :status=431 END");
            peer.send(Frames.get(3, "/next"));
            assertThat(receiver.only().head.path).isEqualTo("/next");
        }
    }

    @Test
    void headOverItsBytesIsAnswered431() {
        try (TestPeer peer = TestPeer.client(receiver)) {
            String[] fields = Frames.request("GET", "/", "x", "y".repeat(HttpLimits.DEFAULT.headBytes()));
            ByteBuf block = Frames.block(fields);
            ByteBuf rest = block.readSlice(block.readableBytes());
            peer.send(Frames.frame(Frames.HEADERS, Frames.END_STREAM, 1, rest.readSlice(16_000)));
            while (rest.readableBytes() > 16_000) {
                peer.send(Frames.frame(Frames.CONTINUATION, 0, 1, rest.readSlice(16_000)));
            }
            peer.send(Frames.frame(Frames.CONTINUATION, Frames.END_HEADERS, 1, rest));

            assertThat(receiver.rejections).containsExactly("431 http2.head_too_large");
            assertThat(peer.sentText()).containsExactly("1 HEADERS :status=431 END");
        }
    }

    @Test
    void headOfTwiceItsBytesEndsTheConnection() {
        try (TestPeer peer = TestPeer.client(receiver)) {
            peer.send(Frames.frame(Frames.HEADERS, 0, 1, Frames.block(Frames.request("GET", "/"))));
            for (int i = 0; i < 10 && !peer.isClosed(); i++) {
                peer.send(Frames.frame(Frames.CONTINUATION, 0, 1, Unpooled.wrappedBuffer(new byte[16_384])));
                assertThat(peer.held()).isLessThan(4L * HttpLimits.DEFAULT.headBytes());
            }

            assertThat(peer.isClosed()).isTrue();
        }
    }

    @Test
    void hundredAndFirstFieldIsAnswered431() {
        try (TestPeer peer = TestPeer.client(receiver)) {
            // The authority is one of them, as Host is in HTTP/1.1.
            String[] hundred = new String[198];
            for (int i = 0; i < 99; i++) {
                hundred[2 * i] = i % 2 == 0 ? "cookie" : "x" + i;
                hundred[2 * i + 1] = "v";
            }
            peer.send(Frames.headers(1, true, Frames.request("GET", "/", hundred)));
            assertThat(receiver.exchanges).hasSize(1);

            String[] more = Arrays.copyOf(hundred, 200);
            more[198] = "cookie";
            more[199] = "v";
            peer.send(Frames.headers(3, true, Frames.request("GET", "/", more)));
            assertThat(receiver.rejections).containsExactly("431 http2.head_too_large");
        }
    }

    @Test
    void targetTooLongIsAnswered414() {
        try (TestPeer peer = TestPeer.client(receiver)) {
            peer.send(Frames.get(1, "/" + "a".repeat(HttpLimits.DEFAULT.targetBytes())));

            assertThat(receiver.rejections).containsExactly("414 http2.target_too_long");
            assertThat(peer.sentText()).containsExactly("1 HEADERS :status=414 END");
        }
    }

    /// The stream over the limit is refused, what was on its way for it is ignored, and the others go on.
    @Test
    void streamOverTheLimitIsRefusedAlone() {
        try (TestPeer peer = TestPeer.client(receiver)) {
            for (int i = 0; i < 100; i++) {
                peer.send(Frames.post(stream(i), "/" + i));
            }
            peer.send(
                    Frames.post(201, "/refused"),
                    Frames.data(201, "on its way", false),
                    Frames.windowUpdate(201, 10),
                    Frames.headers(201, true, "trailer-field", "x"),
                    Frames.data(1, "still served", true));

            assertThat(peer.sentText()).containsExactly("201 RST_STREAM " + Http2Error.REFUSED_STREAM.code());
            assertThat(receiver.exchanges).hasSize(100);
            assertThat(receiver.exchanges.getFirst().body).hasToString("still served");

            receiver.exchanges.getFirst().respond(200);
            peer.sent();
            peer.send(Frames.get(203, "/after"));
            assertThat(receiver.exchanges.getLast().head.path).isEqualTo("/after");
        }
    }

    /// A client may ask for a compression table of 4 GiB; what it is sent must not be kept for ever.
    @Test
    void compressionTableStaysSmall() {
        try (TestPeer peer = TestPeer.client(receiver)) {
            peer.send(Frames.settings(1, -1));
            peer.sent();
            var encoder = peer.serverConnection().encoder().configuration().headersConfiguration();

            assertThat(encoder.maxHeaderTableSize()).isEqualTo(4_096);
            peer.send(Frames.settings(1, 0));
            assertThat(encoder.maxHeaderTableSize()).isZero();
        }
    }

    /// The limit holds before the client has acknowledged it, too.
    @Test
    void silentClientOpensNoMoreStreamsThanAllowed() {
        try (TestPeer peer = TestPeer.silentClient(receiver, HttpLimits.DEFAULT)) {
            peer.send(Frames.preface(), Frames.settings());
            for (int i = 0; i < 150; i++) {
                peer.send(Frames.get(stream(i), "/"));
            }

            assertThat(receiver.exchanges).hasSize(100);
            List<SentFrame> resets = peer.sent().stream()
                    .filter(frame -> frame.type() == Frames.RST_STREAM)
                    .toList();
            assertThat(resets).hasSize(50);
            assertThat(peer.isClosed()).isFalse();
        }
    }
}
