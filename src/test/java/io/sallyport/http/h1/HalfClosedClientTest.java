package io.sallyport.http.h1;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.sallyport.http.Headers;
import io.sallyport.http.ResponseHead;
import io.sallyport.http.StreamError;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// A client that has ended its sending side gets its response, if that does not stand still.
class HalfClosedClientTest {
    private static final Duration MOMENT = Duration.ofMillis(100);
    private static final Duration WAIT = Http1Options.DEFAULT.halfCloseTime();
    private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    private static void endInput(ServerHarness server) {
        server.channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
    }

    private static void begin(ServerHarness server) {
        server.last().stream.writeHead(new ResponseHead(200, new Headers(0)), false);
        part(server);
    }

    private static void part(ServerHarness server) {
        server.last().stream.writeData(ServerHarness.ascii("x"), false);
        server.last().stream.flush();
    }

    @Test
    void itIsNotWaitedForWithoutEnd() {
        try (ServerHarness server = new ServerHarness()) {
            server.send(GET);
            endInput(server);
            server.advance(WAIT.minus(MOMENT));
            assertThat(server.last().error).isNull();
            server.advance(MOMENT);

            assertThat(server.last().error).isEqualTo(StreamError.CONNECTION_CLOSED);
            assertThat(server.isOpen()).isFalse();
        }
    }

    @Test
    void aResponseThatGoesOnIsSentToItsEnd() {
        try (ServerHarness server = new ServerHarness()) {
            server.send(GET);
            endInput(server);
            begin(server);
            for (int i = 0; i < 5; i++) {
                server.advance(WAIT.minus(MOMENT));
                part(server);
            }
            server.last().stream.writeData(ServerHarness.ascii("y"), true);
            server.last().stream.flush();

            assertThat(server.last().error).isNull();
            assertThat(server.output()).endsWith("1\r\ny\r\n0\r\n\r\n");
            assertThat(server.isOpen()).isFalse();
        }
    }

    @Test
    void aResponseThatStopsHalfwayIsCut() {
        try (ServerHarness server = new ServerHarness()) {
            server.send(GET);
            begin(server);
            server.advance(WAIT.multipliedBy(3));
            endInput(server);
            server.advance(WAIT);

            assertThat(server.last().error).isEqualTo(StreamError.CONNECTION_CLOSED);
            assertThat(server.output()).endsWith("1\r\nx\r\n");
        }
    }

    @Test
    void theGatewayThatReadsOnDoesNotForgetIt() {
        try (ServerHarness server = new ServerHarness()) {
            server.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\na");
            server.last().stream.pauseReading();
            endInput(server);
            server.last().stream.resumeReading();
            server.advance(WAIT);

            assertThat(server.last().error).isEqualTo(StreamError.CONNECTION_CLOSED);
        }
    }

    @Test
    void aSlowReaderIsGivenTheTimeOfWriting() {
        try (ServerHarness server = new ServerHarness()) {
            server.send(GET);
            server.stuck = true;
            begin(server);
            server.last().stream.writeData(ServerHarness.ascii("x".repeat(1 << 20)), false);
            server.last().stream.flush();
            endInput(server);
            server.advance(WAIT.multipliedBy(3));
            assertThat(server.last().error).isNull();

            server.stuck = false;
            server.channel.flush();
            server.advance(WAIT.multipliedBy(2));
            assertThat(server.last().error).isEqualTo(StreamError.CONNECTION_CLOSED);
        }
    }
}
