package io.sallyport.http.h2;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.handler.codec.http2.Http2Error;
import io.sallyport.http.Headers;
import io.sallyport.http.HttpLimits;
import io.sallyport.http.ResponseHead;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// A peer that makes the gateway work for nothing is sent away; one that is merely busy is not.
class FloodTest {
    private static final long CALM = Http2Error.ENHANCE_YOUR_CALM.code();
    private static final long CANCEL = Http2Error.CANCEL.code();
    private static final int ROUNDS = 3_000;

    private final RecordingReceiver receiver = new RecordingReceiver();

    private static int stream(int round) {
        return 2 * round + 1;
    }

    private static ByteBuf join(ByteBuf... frames) {
        return Unpooled.wrappedBuffer(frames);
    }

    private static ByteBuf selfDependency(int stream) {
        return Frames.frame(
                Frames.PRIORITY, 0, stream, Unpooled.buffer().writeInt(stream).writeByte(1));
    }

    static Stream<Arguments> floods() {
        return Stream.of(
                flood("rapid reset", i -> join(Frames.get(stream(i), "/"), Frames.reset(stream(i), 8))),
                flood("reset with a body open", i -> join(Frames.post(stream(i), "/"), Frames.reset(stream(i), 8))),
                flood(
                        "made you reset by a window update of 0",
                        i -> join(Frames.get(stream(i), "/"), Frames.windowUpdate(stream(i), 0))),
                flood(
                        "made you reset by a window too large",
                        i -> join(Frames.get(stream(i), "/"), Frames.windowUpdate(stream(i), Integer.MAX_VALUE))),
                flood(
                        "made you reset by a priority on itself",
                        i -> join(Frames.get(stream(i), "/"), selfDependency(stream(i)))),
                flood(
                        "made you reset by data after the end",
                        i -> join(Frames.get(stream(i), "/"), Frames.data(stream(i), "x", false))),
                flood(
                        "made you reset by a wrong length",
                        i -> join(
                                Frames.post(stream(i), "/", "content-length", "1"),
                                Frames.data(stream(i), "xx", false))),
                flood("malformed requests", i -> Frames.get(stream(i), "no-slash")),
                flood("SETTINGS", i -> Frames.settings(3, i + 1)),
                flood("SETTINGS acknowledged", _ -> Frames.settingsAck()),
                flood("PING", Frames::ping),
                flood("PING acknowledged", Frames::pingAck),
                flood(
                        "PRIORITY",
                        i -> Frames.frame(
                                Frames.PRIORITY,
                                0,
                                stream(i),
                                Unpooled.buffer().writeInt(0).writeByte(1))),
                flood("window updates of the connection", _ -> Frames.windowUpdate(0, 1)),
                flood("unknown frames", _ -> Frames.frame(0xee, 0, 0)),
                flood("DATA without data", i -> i == 0 ? Frames.post(1, "/") : Frames.data(1, "", false)),
                flood(
                        "DATA of padding",
                        i -> i == 0
                                ? Frames.post(1, "/")
                                : Frames.frame(
                                        Frames.DATA,
                                        Frames.PADDED,
                                        1,
                                        Unpooled.buffer().writeByte(3).writeZero(3))),
                flood(
                        "CONTINUATION without bytes",
                        i -> i == 0
                                ? Frames.frame(Frames.HEADERS, 0, 1, Frames.block(Frames.request("GET", "/")))
                                : Frames.frame(Frames.CONTINUATION, 0, 1)),
                flood(
                        "CONTINUATION",
                        i -> i == 0
                                ? Frames.frame(Frames.HEADERS, 0, 1, Frames.block(Frames.request("GET", "/")))
                                : Frames.frame(Frames.CONTINUATION, 0, 1, Frames.block("x" + i, "y"))),
                flood(
                        "DATA on a stream that was reset",
                        i -> i == 0
                                ? Frames.headers(1, false, Frames.request("GET", "no-slash"))
                                : Frames.data(1, "x", false)),
                flood(
                        "headers on a stream that was reset",
                        i -> i == 0
                                ? Frames.headers(1, false, Frames.request("GET", "no-slash"))
                                : Frames.headers(1, false, "a", "b")));
    }

    private static Arguments flood(String name, IntFunction<ByteBuf> round) {
        return Arguments.of(name, round);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("floods")
    void floodEndsTheConnection(String name, IntFunction<ByteBuf> round) {
        try (TestPeer peer = TestPeer.client(receiver)) {
            for (int i = 0; i < ROUNDS && !peer.isClosed(); i++) {
                peer.send(round.apply(i));
            }

            assertThat(peer.isClosed()).isTrue();
            SentFrame last = peer.sent().getLast();
            assertThat(last.type()).isEqualTo(Frames.GOAWAY);
            assertThat(last.errorCode()).isEqualTo(CALM);
            assertThat(receiver.exchanges).hasSizeLessThanOrEqualTo(250);
        }
    }

    @Test
    void floodInOneReadEndsTheConnectionToo() {
        try (TestPeer peer = TestPeer.client(receiver)) {
            ByteBuf all = Unpooled.buffer();
            for (int i = 0; i < ROUNDS; i++) {
                all.writeBytes(Frames.get(stream(i), "/")).writeBytes(Frames.reset(stream(i), 8));
            }
            peer.send(all);

            assertThat(peer.isClosed()).isTrue();
            assertThat(receiver.exchanges).hasSizeLessThanOrEqualTo(250);
            assertThat(receiver.exchanges)
                    .allSatisfy(exchange -> assertThat(exchange.events).isNotEmpty());
        }
    }

    @Test
    void answersThatNobodyReadsAreBounded() {
        try (TestPeer peer = TestPeer.client(receiver)) {
            peer.channel.pipeline().addFirst(new ChannelOutboundHandlerAdapter() {
                @Override
                public void flush(ChannelHandlerContext ctx) {
                    // The peer's receive window is full.
                }
            });
            for (int i = 0; i < ROUNDS && !peer.isClosed(); i++) {
                peer.send(Frames.ping(i));
                peer.elapse(Duration.ofSeconds(1));
            }

            assertThat(peer.isClosed()).isTrue();
        }
    }

    /// A client that cancels now and then, among requests that end well, is a normal one.
    @Test
    void cancellingSomeRequestsIsAllowed() {
        try (TestPeer peer = TestPeer.client(receiver)) {
            for (int i = 0; i < ROUNDS; i++) {
                peer.send(Frames.get(stream(i), "/"));
                if (i % 2 == 0) {
                    peer.send(Frames.reset(stream(i), 8));
                } else {
                    receiver.exchanges.getLast().respond(200);
                    peer.sent();
                }
            }

            assertThat(peer.isClosed()).isFalse();
            assertThat(receiver.exchanges).hasSize(ROUNDS);
        }
    }

    /// A client may answer each frame that it got with an update for the stream and one for the connection.
    @Test
    void windowUpdatesForWhatWasSentAreAllowed() {
        try (TestPeer peer = TestPeer.client(receiver)) {
            peer.send(Frames.get(1, "/"));
            RecordingReceiver.Exchange exchange = receiver.only();
            exchange.stream.writeHead(new ResponseHead(200, new Headers()), false);
            for (int i = 0; i < ROUNDS; i++) {
                exchange.stream.writeData(Unpooled.wrappedBuffer(new byte[20]), false);
                exchange.stream.flush();
                peer.send(Frames.windowUpdate(0, 20), Frames.windowUpdate(1, 20));
                peer.sent();
            }

            assertThat(peer.isClosed()).isFalse();
        }
    }

    @Test
    void windowsOfOneByteEndTheConnection() {
        try (TestPeer peer = TestPeer.client(receiver)) {
            peer.send(Frames.settings(4, 0), Frames.get(1, "/"));
            RecordingReceiver.Exchange exchange = receiver.only();
            exchange.stream.writeHead(new ResponseHead(200, new Headers()), false);
            exchange.stream.writeData(Unpooled.wrappedBuffer(new byte[60_000]), false);
            exchange.stream.flush();
            for (int i = 0; i < ROUNDS && !peer.isClosed(); i++) {
                peer.send(Frames.windowUpdate(1, 1));
            }

            assertThat(peer.isClosed()).isTrue();
            assertThat(exchange.events).last().isEqualTo("CONNECTION_CLOSED http2.connection_closed");
        }
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
            String[] hundred = new String[200];
            for (int i = 0; i < 100; i++) {
                hundred[2 * i] = i % 2 == 0 ? "cookie" : "x" + i;
                hundred[2 * i + 1] = "v";
            }
            peer.send(Frames.headers(1, true, Frames.request("GET", "/", hundred)));
            assertThat(receiver.exchanges).hasSize(1);

            String[] more = Arrays.copyOf(hundred, 202);
            more[200] = "cookie";
            more[201] = "v";
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

    @Test
    void framesBehindTheLastGoAwayAreIgnoredButCounted() {
        try (TestPeer peer = TestPeer.client(receiver)) {
            peer.send(Frames.get(1, "/"));
            peer.serverConnection().drain();
            peer.elapse(Duration.ofSeconds(5));
            peer.sent();
            peer.send(Frames.post(3, "/"), Frames.data(3, "x", false), Frames.windowUpdate(3, 1));
            assertThat(peer.sentText()).isEmpty();
            for (int i = 0; i < ROUNDS && !peer.isClosed(); i++) {
                peer.send(Frames.data(3, "x", false));
            }

            assertThat(peer.isClosed()).isTrue();
            assertThat(receiver.exchanges).hasSize(1);
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

    @Test
    void resetOfAnEndedStreamCostsNothing() {
        try (TestPeer peer = TestPeer.client(receiver)) {
            for (int i = 0; i < 900; i++) {
                peer.send(Frames.get(stream(i), "/"));
                receiver.exchanges.getLast().respond(200);
                peer.sent();
                peer.send(Frames.reset(stream(i), (int) CANCEL));
            }

            assertThat(peer.isClosed()).isFalse();
        }
    }
}
