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
import io.sallyport.http.StreamError;
import java.time.Duration;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

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
                        "DATA beyond the window of a stream that was reset",
                        i -> i == 0
                                ? Frames.headers(1, false, Frames.request("GET", "no-slash"))
                                : Frames.data(1, "x".repeat(100), false)),
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

    /// The windows are full, and the client makes room as it reads: Go's servers did so for each read of any size.
    @ParameterizedTest
    @ValueSource(ints = {128, 512, 1000})
    void readingInSmallPiecesIsAllowed(int piece) {
        try (TestPeer peer = TestPeer.client(receiver)) {
            peer.send(Frames.settings(4, piece), Frames.get(1, "/"));
            RecordingReceiver.Exchange exchange = receiver.only();
            exchange.stream.writeHead(new ResponseHead(200, new Headers()), false);
            exchange.stream.writeData(Unpooled.wrappedBuffer(new byte[ROUNDS * piece]), false);
            exchange.stream.flush();
            for (int i = 1; i < ROUNDS; i++) {
                peer.send(Frames.windowUpdate(0, piece), Frames.windowUpdate(1, piece));
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
            assertThat(exchange.events).last().isEqualTo("CONNECTION_CLOSED http2.enhance_your_calm");
        }
    }

    /// Nor of SETTINGS that it never acknowledges.
    @Test
    void aClientThatKnowsNoLimitIsSentAwayToo() {
        try (TestPeer peer = TestPeer.silentClient(receiver, HttpLimits.DEFAULT)) {
            peer.send(Frames.preface(), Frames.settings());
            int opened = 0;
            while (opened < ROUNDS && !peer.isClosed()) {
                peer.send(Frames.post(stream(opened++), "/"));
            }

            assertThat(peer.isClosed()).isTrue();
            assertThat(opened).isGreaterThan(1_000);
        }
    }

    /// As many messages of a few bytes as its window holds.
    @Test
    void aStreamThatIsRefusedDoesNotCostTheOthersTheirConnection() {
        try (TestPeer peer = TestPeer.client(receiver)) {
            peer.send(Frames.get(1, "/"), Frames.post(3, "/"));
            receiver.exchanges.getLast().stream.reset(StreamError.CANCEL);
            for (int i = 0; i < 2_600; i++) {
                peer.send(Frames.data(3, "x".repeat(20), false));
            }
            assertThat(peer.isClosed()).isFalse();
            receiver.exchanges.getFirst().respond(200);
            assertThat(peer.sentText()).anyMatch(frame -> frame.startsWith("1 HEADERS"));

            for (int i = 0; i < 10_000 && !peer.isClosed(); i++) {
                peer.send(Frames.data(3, "x", false));
            }
            assertThat(peer.isClosed()).isTrue();
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
