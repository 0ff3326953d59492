package io.sallyport.e2e.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.Unpooled;
import io.sallyport.http.HttpLimits;
import io.sallyport.http.h2.Frames;
import io.sallyport.http.h2.SentFrame;
import io.sallyport.listener.ListenerSettings;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// What one client may ask for, and how long it may take.
@ExtendWith(LogWatch.class)
class LimitTest {
    private static final String HOST = "Host: shop.example\r\n";
    private static final HttpLimits SMALL = new HttpLimits(
            100,
            1024,
            10,
            1000,
            Duration.ofSeconds(1),
            Duration.ofSeconds(1),
            Duration.ofSeconds(1),
            Duration.ofSeconds(1),
            5,
            64 * 1024,
            1024 * 1024,
            0);

    private static Target small() {
        return Target.start(builder -> builder.limits(SMALL));
    }

    static Stream<Arguments> tooMuch() {
        String post = "POST /attack HTTP/1.1\r\n" + HOST;
        return Stream.of(
                Arguments.of(414, "GET /attack" + "x".repeat(100) + " HTTP/1.1\r\n" + HOST + "\r\n"),
                Arguments.of(431, "GET /attack HTTP/1.1\r\n" + HOST + "X: " + "y".repeat(1024) + "\r\n\r\n"),
                Arguments.of(431, "GET /attack HTTP/1.1\r\n" + HOST + "X: y\r\n".repeat(10) + "\r\n"),
                Arguments.of(413, post + "Content-Length: 1001\r\n\r\n"),
                Arguments.of(408, "GET /attack HTTP/1.1\r\n" + HOST + "X: y"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("tooMuch")
    void whatIsOverALimitIsRefusedUnforwarded(int status, String request) throws Exception {
        try (Target target = small()) {
            assertThat(target.exchange(request)).startsWith("HTTP/1.1 " + status + " ");
            assertThat(target.upstream.connectionCount()).isZero();
            target.isServing();
        }
    }

    static Stream<Arguments> tooMuchMidway() {
        String chunked = "POST /attack HTTP/1.1\r\n" + HOST + "Transfer-Encoding: chunked\r\n\r\n";
        return Stream.of(
                Arguments.of(413, chunked + ("64\r\n" + "x".repeat(100) + "\r\n").repeat(11)),
                Arguments.of(408, chunked + "5\r\nab"),
                Arguments.of(408, "POST /attack HTTP/1.1\r\n" + HOST + "Content-Length: 9\r\n\r\nab"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("tooMuchMidway")
    void aBodyThatGoesOverALimitIsCutAndItsSlotFreed(int status, String request) throws Exception {
        try (Target target = small()) {
            assertThat(target.exchange(request)).startsWith("HTTP/1.1 " + status + " ");
            target.slotsAreFree();
            assertThat(target.upstream.received()).doesNotContain("\r\n0\r\n");
            target.isServing();
        }
    }

    @Test
    void overHttp2TheSameLimitsHold() throws Exception {
        try (Target target = small();
                H2Client client = target.connect2()) {
            client.send(Frames.headers(1, true, H2Client.request("GET", "/attack" + "x".repeat(100))));
            assertThat(client.answer(1).fields()).startsWith(":status=414");
            client.send(Frames.headers(3, true, H2Client.request("GET", "/attack", "x", "y".repeat(1024))));
            assertThat(client.answer(3).fields()).startsWith(":status=431");
            client.send(Frames.headers(5, false, H2Client.request("POST", "/attack", "content-length", "1001")));
            assertThat(client.answer(5).fields()).startsWith(":status=413");
            client.send(
                    Frames.headers(7, false, H2Client.request("POST", "/midway")),
                    Frames.data(7, "x".repeat(1001), false));
            assertThat(client.answer(7).fields()).startsWith(":status=413");
            client.send(Frames.headers(9, false, H2Client.request("POST", "/stalled")));
            assertThat(client.answer(9).fields()).startsWith(":status=408");
            assertThat(target.upstream.received()).doesNotContain("attack");
            target.slotsAreFree();
        }
    }

    @Test
    void anIdleConnectionIsClosedWithoutAWord() throws Exception {
        try (Target target = small();
                RawClient client = target.connect()) {
            assertThat(client.send("GET /a HTTP/1.1\r\n" + HOST + "\r\n").readToEnd())
                    .endsWith("ok");
        }
    }

    @Test
    void theStreamAboveTheLimitIsRefused() throws Exception {
        RawUpstream silent = RawUpstream.start(connection -> {
            while (connection.read() >= 0) {
                // Never answers.
            }
        });
        try (Target target = Target.start(silent);
                H2Client client = target.connect2()) {
            for (int stream = 1; stream <= 201; stream += 2) {
                client.send(Frames.headers(stream, true, H2Client.request("GET", "/attack")));
            }
            SentFrame refused = client.answer(201);
            assertThat(refused.type()).isEqualTo(Frames.RST_STREAM);
            assertThat(refused.errorCode()).isEqualTo(7);
        }
    }

    @Test
    void connectionsAboveTheLimitAreShedAndThoseBelowServed() throws Exception {
        ListenerSettings defaults = ListenerSettings.DEFAULT;
        ListenerSettings three = new ListenerSettings(
                defaults.limits(),
                3,
                defaults.tlsHandshakeTimeout(),
                defaults.rejectUnderscores(),
                defaults.proxyProtocol());
        try (Target target = Target.start(builder -> builder.listeners(three))) {
            List<RawClient> held = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                RawClient client = target.connect();
                held.add(client);
                assertThat(client.send("GET /a HTTP/1.1\r\n" + HOST + "\r\n").readResponse())
                        .endsWith("ok");
            }
            try (RawClient shed = target.connect()) {
                assertThat(shed.readToEnd()).isEmpty();
            }
            assertThat(held.getFirst()
                            .send("GET /a HTTP/1.1\r\n" + HOST + "\r\n")
                            .readResponse())
                    .endsWith("ok");
            for (RawClient client : held) {
                client.close();
            }
            await().untilAsserted(target::isServing);
        }
    }

    static Stream<Arguments> floods() {
        String[] get = H2Client.request("GET", "/flood");
        byte[] resets =
                join(i -> Unpooled.wrappedBuffer(Frames.headers(2 * i + 1, true, get), Frames.reset(2 * i + 1, 8)));
        byte[] madeYouReset = join(
                i -> Unpooled.wrappedBuffer(Frames.headers(2 * i + 1, true, get), Frames.windowUpdate(2 * i + 1, 0)));
        return Stream.of(
                Arguments.of("rapid reset", resets),
                Arguments.of("made you reset", madeYouReset),
                Arguments.of("SETTINGS", join(i -> Frames.settings(4, 1000 + i))),
                Arguments.of("PING", join(Frames::ping)),
                Arguments.of(
                        "empty DATA",
                        concat(
                                Unpooled.wrappedBuffer(Frames.headers(1, false, H2Client.request("POST", "/flood"))),
                                join(i -> Frames.data(1, "", false)))),
                Arguments.of(
                        "CONTINUATION",
                        concat(
                                Frames.frame(Frames.HEADERS, 0, 1, Frames.block(get)),
                                join(i -> Frames.frame(Frames.CONTINUATION, 0, 1, Frames.block("x", "y"))))),
                Arguments.of(
                        "empty CONTINUATION",
                        concat(
                                Frames.frame(Frames.HEADERS, 0, 1, Frames.block(get)),
                                join(i -> Frames.frame(Frames.CONTINUATION, 0, 1)))));
    }

    private static byte[] join(java.util.function.IntFunction<io.netty.buffer.ByteBuf> frames) {
        var all = Unpooled.buffer();
        for (int i = 0; i < 20_000; i++) {
            all.writeBytes(frames.apply(i));
        }
        return io.netty.buffer.ByteBufUtil.getBytes(all);
    }

    private static byte[] concat(io.netty.buffer.ByteBuf first, byte[] rest) {
        return io.netty.buffer.ByteBufUtil.getBytes(Unpooled.wrappedBuffer(first, Unpooled.wrappedBuffer(rest)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("floods")
    void aFloodOfFramesEndsTheConnection(String what, byte[] flood) throws Exception {
        try (Target target = Target.start();
                H2Client client = target.connect2()) {
            Thread.ofVirtual().start(() -> {
                try {
                    client.send(flood);
                } catch (IOException closed) {
                    // As it should be.
                }
            });
            // The end of the connection may overtake the GOAWAY, because the flood goes on.
            SentFrame last = client.goAway();
            assertThat(last == null || last.errorCode() != 0).as(what).isTrue();
            assertThat(target.upstream.received().split("/flood", -1)).hasSizeLessThan(1000);
            target.slotsAreFree();
            target.isServing();
        }
    }
}
