package io.sallyport.http.h1;

import static io.sallyport.http.h1.ServerHarness.ascii;
import static io.sallyport.http.h1.ServerHarness.fields;
import static io.sallyport.http.h1.ServerHarness.head;
import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.http.StreamError;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// Time-outs with the default limits, on a clock that stands still.
class ServerTimeoutTest {
    private static final Duration MOMENT = Duration.ofMillis(100);
    private static final Duration HEAD = Duration.ofSeconds(10);
    private static final Duration BODY = Duration.ofMinutes(1);
    private static final Duration IDLE = Duration.ofHours(1);

    @Test
    void aConnectionThatSaysNothingIsClosedWithoutAWord() {
        try (ServerHarness server = new ServerHarness()) {
            server.advance(HEAD.minus(MOMENT));
            assertThat(server.isOpen()).isTrue();
            server.advance(MOMENT);

            assertThat(server.output()).isEmpty();
            assertThat(server.isOpen()).isFalse();
        }
    }

    @Test
    void aHeadThatDribblesInIsAnswered408AtItsDeadline() {
        try (ServerHarness server = new ServerHarness()) {
            server.send("GET / HTTP/1.1\r\n");
            for (int i = 0; i < 99; i++) {
                server.advance(MOMENT);
                server.send("X" + i + ": y\r\n");
            }
            assertThat(server.rejections).isEmpty();
            server.advance(MOMENT);

            assertThat(server.rejections).containsExactly("408 http1.head_timeout");
            assertThat(server.output()).startsWith("HTTP/1.1 408 Request Timeout");
            server.advance(Http1Options.DEFAULT.discardTime());
            assertThat(server.isOpen()).isFalse();
        }
    }

    @Test
    void theFirstByteOfALaterHeadStartsItsClock() {
        try (ServerHarness server = ServerHarness.echoing()) {
            server.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
            server.advance(Duration.ofSeconds(1000));
            server.send("GET ");
            server.advance(HEAD.minus(MOMENT));
            assertThat(server.rejections).isEmpty();
            server.advance(MOMENT);

            assertThat(server.rejections).containsExactly("408 http1.head_timeout");
        }
    }

    @Test
    void anIdleConnectionIsClosed() {
        try (ServerHarness server = ServerHarness.echoing()) {
            server.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
            server.output();
            server.advance(IDLE.minus(MOMENT));
            assertThat(server.isOpen()).isTrue();
            server.advance(MOMENT);

            assertThat(server.output()).isEmpty();
            assertThat(server.isOpen()).isFalse();
        }
    }

    @Test
    void aStalledBodyIsAnswered408() {
        try (ServerHarness server = new ServerHarness()) {
            server.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\na");
            server.advance(BODY.minus(MOMENT));
            server.send("b");
            server.advance(BODY.minus(MOMENT));
            assertThat(server.last().error).isNull();
            server.advance(MOMENT);

            assertThat(server.last().error).isEqualTo(StreamError.TIMEOUT);
            assertThat(server.output()).startsWith("HTTP/1.1 408 ");
        }
    }

    @Test
    void aStalledBodyUnderAStreamingResponseCutsIt() {
        try (ServerHarness server = new ServerHarness()) {
            server.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\na");
            server.last().stream.writeHead(head(200), false);
            server.last().stream.writeData(ascii("x"), false);
            server.last().stream.flush();
            server.advance(BODY);

            assertThat(server.last().error).isEqualTo(StreamError.TIMEOUT);
            assertThat(server.output()).endsWith("\r\n\r\n1\r\nx\r\n");
            assertThat(server.isOpen()).isFalse();
        }
    }

    @Test
    void abodyIsNotMissedWhileTheGatewayDoesNotReadIt() {
        try (ServerHarness server = new ServerHarness()) {
            server.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\na");
            server.last().stream.pauseReading();
            server.advance(BODY.multipliedBy(3));
            assertThat(server.last().error).isNull();
            server.last().stream.resumeReading();
            server.advance(BODY);

            assertThat(server.last().error).isEqualTo(StreamError.TIMEOUT);
        }
    }

    @Test
    void abodyIsNotMissedBeforeTheClientIsToldToSendIt() {
        try (ServerHarness server = new ServerHarness()) {
            server.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
            server.advance(BODY.multipliedBy(3));
            assertThat(server.last().error).isNull();
            server.last().stream.writeInformational(100, fields());
            server.advance(BODY);

            assertThat(server.last().error).isEqualTo(StreamError.TIMEOUT);
        }
    }

    @Test
    void aSlowResponseIsNotTheConnectionsConcern() {
        try (ServerHarness server = new ServerHarness()) {
            server.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
            server.advance(IDLE.multipliedBy(3));
            server.respond(server.last(), 200, "late");

            assertThat(server.output()).endsWith("late");
        }
    }

    @Test
    void aClientThatReadsNothingIsCutOff() {
        try (ServerHarness server = new ServerHarness()) {
            server.stuck = true;
            server.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
            server.last().stream.writeHead(head(200), false);
            server.last().stream.writeData(ascii("x".repeat(5000)), false);
            server.last().stream.flush();
            server.advance(Duration.ofMinutes(5));
            assertThat(server.isOpen()).isTrue();
            server.advance(Duration.ofSeconds(20));

            assertThat(server.last().error).isEqualTo(StreamError.TIMEOUT);
            assertThat(server.isOpen()).isFalse();
        }
    }

    @Test
    void aClientThatReadsALastResponseSlowlyGetsAllOfIt() {
        try (ServerHarness server = new ServerHarness()) {
            server.stuck = true;
            server.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n");
            server.respond(server.last(), 413, "x".repeat(5000));
            server.advance(Duration.ofMinutes(4));
            assertThat(server.isOpen()).isTrue();
            server.stuck = false;
            server.channel.flush();

            assertThat(server.output()).endsWith("x".repeat(5000));
            server.advance(Http1Options.DEFAULT.discardTime());
            assertThat(server.isOpen()).isFalse();
        }
    }

    @Test
    void anIdleUpgradedConnectionIsClosed() {
        try (ServerHarness server = new ServerHarness()) {
            server.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n");
            server.last().stream.writeHead(head(101), false);
            server.advance(IDLE.minus(MOMENT));
            server.send("ping");
            server.advance(IDLE.minus(MOMENT));
            assertThat(server.last().error).isNull();
            server.advance(MOMENT);

            assertThat(server.last().error).isEqualTo(StreamError.TIMEOUT);
            assertThat(server.isOpen()).isFalse();
        }
    }
}
