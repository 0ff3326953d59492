package io.sallyport.http.h1;

import static io.sallyport.http.h1.ServerHarness.ascii;
import static io.sallyport.http.h1.ServerHarness.head;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.sallyport.http.StreamListener;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// CONNECT, from its request to the end of its tunnel, on a clock that stands still.
class ServerTunnelTest {
    private static final String CONNECT = "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n";
    private static final String INNER = "GET /inner HTTP/1.1\r\nHost: a\r\n\r\n";

    private static void accept(ServerHarness server) {
        server.last().stream.writeHead(head(200), false);
        server.last().stream.flush();
        server.channel.runPendingTasks();
    }

    private static ServerHarness tunnel() {
        ServerHarness server = new ServerHarness().send(CONNECT);
        accept(server);
        assertThat(server.output()).isEqualTo("HTTP/1.1 200 OK\r\n\r\n");
        return server;
    }

    /// Wherever the bytes are cut, and whether the answer comes at once or when all is there.
    @Test
    void whatFollowsTheRequestIsTheTunnelsToTheLastByte() {
        String all = CONNECT + "\r\n\r\n" + INNER + "\0\1\u00ff\r\n" + CONNECT;
        for (int cut = 1; cut < all.length(); cut++) {
            for (boolean atOnce : new boolean[] {true, false}) {
                try (ServerHarness server = new ServerHarness()) {
                    if (atOnce) {
                        server.onRequest = exchange -> exchange.stream.writeHead(head(200), false);
                    }
                    server.send(all.substring(0, cut)).send(all.substring(cut));
                    if (!atOnce) {
                        assertThat(server.last().body()).as("before the answer").isEmpty();
                        accept(server);
                    }
                    server.send("more");

                    assertThat(server.exchanges).hasSize(1);
                    assertThat(server.last().body()).isEqualTo(all.substring(CONNECT.length()) + "more");
                }
            }
        }
    }

    @Test
    void theSocketIsNotReadWhileBytesAreHeld() {
        try (ServerHarness server = new ServerHarness()) {
            server.send(CONNECT);
            assertThat(server.channel.config().isAutoRead()).isTrue();
            server.send("early");
            assertThat(server.channel.config().isAutoRead()).isFalse();
            accept(server);

            assertThat(server.channel.config().isAutoRead()).isTrue();
            assertThat(server.last().body()).isEqualTo("early");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {101, 200, 204, 299})
    void theAnswerHasNoFraming(int status) {
        try (ServerHarness server = new ServerHarness()) {
            String upgrade = "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n";
            server.send(status == 101 ? upgrade : CONNECT);
            server.last()
                    .stream
                    .writeHead(head(status, "content-length", "5", "transfer-encoding", "chunked", "x", "y"), false);
            server.last().stream.writeData(ascii("more than five"), false);
            server.last().stream.flush();

            assertThat(server.output())
                    .startsWith("HTTP/1.1 " + status)
                    .contains("\r\nx: y\r\n")
                    .doesNotContain("content-length", "transfer-encoding", "connection: close")
                    .endsWith("\r\n\r\nmore than five");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {300, 403, 407, 503})
    void aRefusalEndsTheConnectionAndNothingBehindItIsParsed(int status) {
        try (ServerHarness server = new ServerHarness()) {
            server.send(CONNECT + INNER);
            server.respond(server.last(), status, "no");
            assertThat(server.output())
                    .isEqualTo("HTTP/1.1 " + HttpResponseStatus.valueOf(status)
                            + "\r\ncontent-length: 2\r\nconnection: close\r\n\r\nno");
            server.send(INNER);
            server.advance(Http1Options.DEFAULT.discardTime());

            assertThat(server.exchanges).hasSize(1);
            assertThat(server.rejections).isEmpty();
            assertThat(server.last().body()).isEmpty();
            assertThat(server.isOpen()).isFalse();
        }
    }

    @Test
    void aRefusalInPartsKeepsHoldingWhatFollows() {
        try (ServerHarness server = new ServerHarness()) {
            server.send(CONNECT + INNER);
            server.last().stream.writeHead(head(403), false);
            server.last().stream.writeData(ascii("not "), false);
            server.last().stream.flush();
            server.send(INNER);
            server.last().stream.writeData(ascii("here"), true);
            server.last().stream.flush();

            assertThat(server.output()).endsWith("4\r\nnot \r\n4\r\nhere\r\n0\r\n\r\n");
            assertThat(server.exchanges).hasSize(1);
            assertThat(server.last().body()).isEmpty();
        }
    }

    @Test
    void anHttp10ClientGetsItsTunnel() {
        try (ServerHarness server = new ServerHarness().send("CONNECT a:443 HTTP/1.0\r\n\r\n")) {
            accept(server);
            server.send("raw");

            assertThat(server.output()).isEqualTo("HTTP/1.1 200 OK\r\n\r\n");
            assertThat(server.last().body()).isEqualTo("raw");
            assertThat(server.isOpen()).isTrue();
        }
    }

    @Test
    void pausingStopsTheReadingOfTheSocket() {
        try (ServerHarness server = tunnel()) {
            server.last().stream.pauseReading();
            assertThat(server.channel.config().isAutoRead()).isFalse();
            server.last().stream.resumeReading();
            assertThat(server.channel.config().isAutoRead()).isTrue();
        }
    }

    @Test
    void aSlowClientIsSeenAndSoIsItsReturn() {
        try (ServerHarness server = tunnel()) {
            server.stuck = true;
            server.last().stream.writeData(ascii("x".repeat(100_000)), false);
            server.last().stream.flush();
            assertThat(server.last().stream.isWritable()).isFalse();
            server.stuck = false;
            server.channel.flush();
            server.output();

            assertThat(server.last().stream.isWritable()).isTrue();
            assertThat(server.last().writables).isEqualTo(1);
        }
    }

    /// A read goes to the listener in the buffer it arrived in, and what is written leaves in the buffer it came in.
    @Test
    void nothingIsCopiedOnTheWay() {
        List<ByteBuf> heard = new ArrayList<>();
        try (ServerHarness server = new ServerHarness()) {
            StreamListener listener = new Silent() {
                @Override
                public void onData(ByteBuf data, boolean end) {
                    heard.add(data);
                }
            };
            server.onRequest = exchange -> exchange.stream.writeHead(head(200), false);
            server.send(CONNECT);
            ((Http1ServerStream) server.last().stream).listen(listener);
            server.output();
            ByteBuf sent = ascii("x".repeat(10_000));
            byte[] memory = sent.array();
            server.channel.writeInbound(sent);
            assertThat(heard).hasSize(1);
            assertThat(heard.getFirst().array()).isSameAs(memory);

            server.last().stream.writeData(heard.getFirst(), false);
            server.last().stream.flush();
            server.channel.runPendingTasks();
            ByteBuf received = server.channel.readOutbound();
            assertThat(received.array()).isSameAs(memory);
            assertThat(received.toString(StandardCharsets.US_ASCII)).hasSize(10_000);
            received.release();
        }
    }

    /// The listener's writes in one read, and its flush, cost one flush of the channel.
    @Test
    void aReadIsFlushedOnce() {
        int[] flushes = {0};
        try (ServerHarness server = tunnel()) {
            server.channel.pipeline().addFirst(new ChannelOutboundHandlerAdapter() {
                @Override
                public void flush(ChannelHandlerContext ctx) {
                    flushes[0]++;
                    ctx.flush();
                }
            });
            var echo = new Silent() {
                @Override
                public void onData(ByteBuf data, boolean end) {
                    server.last().stream.writeData(data, end);
                    server.last().stream.flush();
                }
            };
            ((Http1ServerStream) server.last().stream).listen(echo);
            server.channel.pipeline().fireChannelRead(ascii("a".repeat(3000)));
            server.channel.pipeline().fireChannelRead(ascii("b".repeat(3000)));
            server.channel.pipeline().fireChannelReadComplete();

            assertThat(server.output()).hasSize(6000);
            assertThat(flushes[0]).isEqualTo(1);
        }
    }
}
