package io.sallyport.http.h1;

import static io.sallyport.http.h1.ServerHarness.ascii;
import static io.sallyport.http.h1.ServerHarness.head;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.Unpooled;
import io.sallyport.http.ServerStream;
import io.sallyport.http.StreamError;
import org.junit.jupiter.api.Test;

/// How writes reach the socket, and what becomes of wrong ones.
class ServerWriteTest {
    private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    @Test
    void nothingIsSentBeforeTheFlush() {
        try (ServerHarness server = new ServerHarness()) {
            server.send(GET);
            server.last().stream.writeHead(head(200), false);
            server.last().stream.writeData(ascii("abc"), false);
            assertThat(server.output()).isEmpty();

            server.last().stream.flush();
            assertThat(server.output()).endsWith("3\r\nabc\r\n");
        }
    }

    @Test
    void whatIsFlushedLeavesAtTheEndOfTheRound() {
        try (ServerHarness server = new ServerHarness()) {
            server.send(GET);
            server.last().stream.writeHead(head(200), false);
            server.last().stream.flush();
            server.last().stream.writeData(ascii("abc"), false);
            server.last().stream.flush();

            assertThat(server.channel.outboundMessages()).isEmpty();
            server.channel.runPendingTasks();
            assertThat(server.channel.outboundMessages()).hasSize(1);
            assertThat(server.output()).endsWith("3\r\nabc\r\n");
        }
    }

    @Test
    void muchAtOnceIsNotHeldBack() {
        try (ServerHarness server = new ServerHarness()) {
            server.send(GET);
            server.last().stream.writeHead(head(200), false);
            server.last().stream.writeData(ascii("a".repeat(16 * 1024)), false);
            server.last().stream.flush();

            assertThat(server.channel.outboundMessages()).isNotEmpty();
        }
    }

    /// The engine that reads the client's end may encrypt nothing more.
    @Test
    void whatWasWrittenGoesBeforeTheClientsEnd() {
        try (ServerHarness server = new ServerHarness()) {
            server.send(GET);
            server.respond(server.last(), 200, "abc");
            server.connection.sendWritten();

            assertThat(server.channel.outboundMessages()).hasSize(1);
        }
    }

    @Test
    void alsoWithinTheReadThatBroughtTheRequest() {
        try (ServerHarness server = ServerHarness.echoing()) {
            server.channel.pipeline().fireChannelRead(ascii(GET));
            assertThat(server.channel.outboundMessages()).isEmpty();
            server.connection.sendWritten();

            assertThat(server.channel.outboundMessages()).hasSize(1);
            server.channel.pipeline().fireChannelReadComplete();
            assertThat(server.output()).containsOnlyOnce("HTTP/1.1 200 ");
        }
    }

    @Test
    void theClientsEndWaitsForRequestsThatWereSentAhead() {
        try (ServerHarness server = new ServerHarness()) {
            server.send(GET + GET);
            server.last().stream.writeHead(head(200, "content-length", "3"), false);
            server.last().stream.writeData(ascii("abc"), false);
            server.last().stream.flush();
            server.channel.runPendingTasks();
            server.last().stream.writeData(Unpooled.EMPTY_BUFFER, true);

            assertThat(server.connection.owesAnswer()).isTrue();
            server.channel.runPendingTasks();
            server.respond(server.last(), 200, "def");

            assertThat(server.connection.owesAnswer()).isFalse();
            assertThat(server.output()).contains("abc").endsWith("def");
        }
    }

    @Test
    void whatBreaksTheConnectionDoesNotKeepItsAnswerBack() {
        try (ServerHarness server = new ServerHarness()) {
            server.send(GET);
            server.respond(server.last(), 200, "abc");
            server.channel.pipeline().fireExceptionCaught(new IllegalStateException("as a test"));

            assertThat(server.output()).endsWith("abc");
            assertThat(server.isOpen()).isFalse();
        }
    }

    /// Bytes that an event stream has sent arrive, though what comes with them breaks it off.
    @Test
    void whatWasFlushedIsSentBeforeTheConnectionIsCut() {
        try (ServerHarness server = new ServerHarness()) {
            server.send("GET / HTTP/1.0\r\n\r\n");
            server.last().stream.writeHead(head(200), false);
            server.last().stream.writeData(ascii("abc"), false);
            server.last().stream.flush();
            server.last().stream.writeData(ascii("unflushed"), false);
            server.last().stream.reset(StreamError.CONNECTION_CLOSED);

            assertThat(server.output()).contains("abc");
            assertThat(server.isOpen()).isFalse();
        }
    }

    @Test
    void headAndSmallBodyAreOneWrite() {
        try (ServerHarness server = new ServerHarness()) {
            server.send(GET);
            server.last().stream.writeHead(head(200, "content-length", "1000"), false);
            server.last().stream.writeData(ascii("a".repeat(1000)), true);
            server.last().stream.flush();
            server.channel.runPendingTasks();

            assertThat(server.channel.outboundMessages()).hasSize(1);
        }
    }

    @Test
    void largeDataPassesUncopied() {
        try (ServerHarness server = new ServerHarness()) {
            var data = ascii("a".repeat(10_000));
            server.send(GET);
            server.last().stream.writeHead(head(200, "content-length", "10000"), false);
            server.last().stream.writeData(data, true);
            server.last().stream.flush();
            server.channel.runPendingTasks();

            assertThat(server.channel.outboundMessages()).hasSize(2).element(1).isSameAs(data);
        }
    }

    @Test
    void aMismatchOfLengthIsToldToTheListener() {
        try (ServerHarness server = new ServerHarness()) {
            server.send(GET);
            server.last().stream.writeHead(head(200, "content-length", "3"), false);
            server.last().stream.writeData(ascii("abcd"), false);
            server.channel.runPendingTasks();

            assertThat(server.last().error).isEqualTo(StreamError.INTERNAL_ERROR);
            assertThat(server.isOpen()).isFalse();
        }
    }

    @Test
    void aStatusThatCannotEndTheExchangeIsRefused() {
        try (ServerHarness server = new ServerHarness()) {
            server.send(GET);
            ServerStream stream = server.last().stream;

            assertThatThrownBy(() -> stream.writeHead(head(101), false)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> stream.writeHead(head(150), true)).isInstanceOf(IllegalArgumentException.class);
            stream.writeHead(head(500), true);
            stream.flush();
            assertThat(server.output()).startsWith("HTTP/1.1 500 ");
        }
    }
}
