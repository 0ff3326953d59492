package io.sallyport.http.h2;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Which handler a plain-text connection gets, and that it sees every byte.
class PrefaceDetectorTest {
    private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

    private final StringBuilder seen = new StringBuilder();
    private final EmbeddedChannel channel = new EmbeddedChannel();
    private Duration timeLeft;

    PrefaceDetectorTest() {
        channel.freezeTime();
        channel.pipeline()
                .addLast(new PrefaceDetector(
                        Duration.ofSeconds(10),
                        left -> {
                            timeLeft = left;
                            return new Recorder("http1: ");
                        },
                        () -> new Recorder("http2: ")));
    }

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
    }

    private final class Recorder extends ChannelInboundHandlerAdapter {
        Recorder(String name) {
            seen.append(name);
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ByteBuf bytes = (ByteBuf) message;
            seen.append(bytes.toString(StandardCharsets.US_ASCII));
            bytes.release();
        }
    }

    private void send(String text) {
        channel.writeInbound(Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII));
    }

    @Test
    void prefaceMeansHttp2() {
        send(PREFACE + "frames");
        send("more");

        assertThat(seen).hasToString("http2: " + PREFACE + "framesmore");
        assertThat((ChannelHandler) channel.pipeline().get(PrefaceDetector.class))
                .isNull();
    }

    @Test
    void prefaceMayComeByteByByte() {
        for (char c : (PREFACE + "x").toCharArray()) {
            send(String.valueOf(c));
        }

        assertThat(seen).hasToString("http2: " + PREFACE + "x");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / HTTP/1.1\r\n\r\n",
                "POST / HTTP/1.1\r\n\r\n",
                "PRI / HTTP/1.1\r\n\r\n",
                "PRI * HTTP/2.0\r\n\r\nSM\r\n\r!",
                "PRIVATE /",
                "\u0000"
            })
    void anythingElseMeansHttp1(String text) {
        send(text.substring(0, 1));
        send(text.substring(1));

        assertThat(seen).hasToString("http1: " + text);
    }

    @Test
    void silenceIsEndedByTheTimeout() {
        advance(Duration.ofMillis(9_999));
        assertThat(channel.isActive()).isTrue();
        advance(Duration.ofMillis(1));

        assertThat(channel.isActive()).isFalse();
        assertThat(seen).isEmpty();
    }

    @Test
    void halfAPrefaceIsARequestThatHasRunOutOfTime() {
        send("PRI * HTTP/2.0");
        advance(Duration.ofMillis(9_999));
        assertThat(seen).isEmpty();
        advance(Duration.ofMillis(1));

        assertThat(seen).hasToString("http1: PRI * HTTP/2.0");
        assertThat(timeLeft).isEqualTo(Duration.ofNanos(1));
        assertThat(channel.isActive()).isTrue();
    }

    @Test
    void aRequestThatBeginsLikeThePrefaceGetsNoMoreTimeThanOthers() {
        send("P");
        advance(Duration.ofSeconds(9));
        send("O");

        assertThat(seen).hasToString("http1: PO");
        assertThat(timeLeft).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void anIdleConnectionThatIsDrainedEndsSoon() {
        PrefaceDetector detector = channel.pipeline().get(PrefaceDetector.class);
        detector.drain(Duration.ofSeconds(2));
        advance(Duration.ofMillis(1_999));
        assertThat(channel.isActive()).isTrue();
        advance(Duration.ofMillis(1));

        assertThat(channel.isActive()).isFalse();
    }

    @Test
    void aRequestOnItsWayIsLetInBeforeADrainedConnectionEnds() {
        PrefaceDetector detector = channel.pipeline().get(PrefaceDetector.class);
        detector.drain(Duration.ofSeconds(2));
        send("GET ");
        advance(Duration.ofSeconds(3));

        assertThat(seen).hasToString("http1: GET ");
        assertThat(channel.isActive()).isTrue();
    }

    @Test
    void timeoutEndsWithTheChoice() {
        send("GET ");
        advance(Duration.ofSeconds(100));

        assertThat(channel.isActive()).isTrue();
    }

    private void advance(Duration time) {
        channel.advanceTimeBy(time.toNanos(), TimeUnit.NANOSECONDS);
        channel.runScheduledPendingTasks();
    }
}
