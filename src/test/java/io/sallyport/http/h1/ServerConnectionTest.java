package io.sallyport.http.h1;

import static io.sallyport.http.h1.ServerHarness.ascii;
import static io.sallyport.http.h1.ServerResponseTest.fields;
import static io.sallyport.http.h1.ServerResponseTest.head;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.sallyport.http.HttpLimits;
import io.sallyport.http.StreamError;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// A downstream connection over several exchanges.
class ServerConnectionTest {
    private static final String GET = "GET /%s HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final String POST_CHUNKED = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    private static final String UPGRADE =
            "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n";

    @Test
    void pipelinedRequestsAreAnsweredOneByOneInOrder() {
        try (ServerHarness server = new ServerHarness()) {
            server.send(GET.formatted(1) + GET.formatted(2) + GET.formatted(3));
            assertThat(server.exchanges).hasSize(1);
            assertThat(server.channel.config().isAutoRead()).isFalse();

            for (int i = 1; i <= 3; i++) {
                assertThat(server.last().head.path).isEqualTo("/" + i);
                server.respond(server.last(), 200, "r" + i);
                assertThat(server.output()).endsWith("\r\n\r\nr" + i);
            }
            assertThat(server.exchanges).hasSize(3);
            assertThat(server.channel.config().isAutoRead()).isTrue();
            assertThat(server.isOpen()).isTrue();
        }
    }

    @Test
    void tenThousandPipelinedRequestsAreBegunOnlyAsTheClientReads() {
        try (ServerHarness server = ServerHarness.echoing()) {
            server.channel.config().setOption(ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(1, 2048));
            server.onRequest = exchange -> server.respond(exchange, 200, "x".repeat(1000));
            server.send(GET.formatted("a").repeat(10_000));
            int seen = 0;
            for (int i = 0; i < 20_000 && seen < 10_000; i++) {
                seen += server.output().split("HTTP/1.1 200", -1).length - 1;
            }

            assertThat(seen).isEqualTo(10_000);
            assertThat(server.isOpen()).isTrue();
        }
    }

    @Test
    void requestsPipelinedBeforeTheClientClosesItsSideAreAllAnswered() {
        try (ServerHarness server = new ServerHarness()) {
            server.send(GET.formatted("late") + GET.formatted("b") + GET.formatted("c"));
            server.channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
            server.onRequest = exchange -> server.respond(exchange, 200, exchange.head.path);
            server.respond(server.last(), 200, "/a");

            assertThat(server.output()).matches("(?s)(HTTP/1.1 200 .*){3}connection: close\r\n\r\n/c");
            assertThat(server.isOpen()).isFalse();
        }
    }

    @Test
    void aValidRequestBeforeAnInvalidOneIsAnsweredFirst() {
        try (ServerHarness server = new ServerHarness()) {
            server.send(GET.formatted("good") + "GET / HTTP/1.1\r\n\r\n" + GET.formatted("never"));
            assertThat(server.rejections).isEmpty();

            server.respond(server.last(), 200, "ok");

            assertThat(server.output())
                    .matches("(?s)HTTP/1.1 200 .*\r\n\r\nokHTTP/1.1 400 .*connection: close\r\n\r\n");
            assertThat(server.rejections).containsExactly("400 http1.no_host");
            assertThat(server.exchanges).hasSize(1);
        }
    }

    @Test
    void afterARefusalNothingIsParsedAndTheConnectionEnds() {
        try (ServerHarness server = new ServerHarness()) {
            server.send("GET / HTTP/1.1\r\n\r\n").send(GET.formatted("never"));
            assertThat(server.exchanges).isEmpty();
            server.advance(Http1Options.DEFAULT.discardTime());

            assertThat(server.isOpen()).isFalse();
        }
    }

    @Test
    void chunkedBodyArrivesWithItsTrailers() {
        try (ServerHarness server = new ServerHarness()) {
            server.send(POST_CHUNKED + "3;ext=\"a;b\\\"\"\r\nabc\r\n00A\r\n0123456789\r\n0\r\n"
                    + "X-Sum: 1\r\nHost: evil\r\nContent-Length: 5\r\nTransfer-Encoding: x\r\n\r\n"
                    + GET.formatted("n"));

            assertThat(server.last().body()).isEqualTo("abc0123456789");
            assertThat(server.last().trailers).hasToString("x-sum: 1\n");
            server.respond(server.last(), 200, "");
            server.output();
            assertThat(server.last().head.path).isEqualTo("/n");
        }
    }

    @Test
    void smallChunksOfOneReadAreHandedOverTogether() {
        try (ServerHarness server = new ServerHarness()) {
            server.send(POST_CHUNKED + "1\r\na\r\n".repeat(10_000) + "0\r\n\r\n");

            assertThat(server.last().body()).hasSize(10_000);
            assertThat(server.last().pieces).isLessThan(20);
        }
    }

    @Test
    void anEarlyResponseLetsASmallRestOfTheBodyPassAndKeepsTheConnection() {
        try (ServerHarness server = new ServerHarness()) {
            server.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n" + "x".repeat(10));
            server.respond(server.last(), 403, "no");
            assertThat(server.output()).startsWith("HTTP/1.1 403").doesNotContain("connection: close");

            server.send("x".repeat(990) + GET.formatted("next"));
            assertThat(server.exchanges.getFirst().body()).hasSize(10);
            assertThat(server.last().head.path).isEqualTo("/next");
        }
    }

    @Test
    void anEarlyResponseToALargeBodyEndsTheConnection() {
        try (ServerHarness server = new ServerHarness()) {
            server.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10000000\r\n\r\n");
            server.respond(server.last(), 413, "no");
            server.send("x".repeat(200_000));
            assertThat(server.isOpen())
                    .as("so that the client can read the response")
                    .isTrue();
            server.advance(Http1Options.DEFAULT.discardTime());

            assertThat(server.isOpen()).isFalse();
        }
    }

    @Test
    void anEarlyResponseToAnEndlessBodyEndsTheConnectionBeyondTheBound() {
        try (ServerHarness server = new ServerHarness()) {
            server.send(POST_CHUNKED);
            server.respond(server.last(), 403, "no");
            server.send("8000\r\n" + "x".repeat(0x8000) + "\r\n8001\r\n" + "x".repeat(0x8001) + "\r\n0\r\n\r\n"
                    + GET.formatted("never"));
            server.advance(Http1Options.DEFAULT.discardTime());

            assertThat(server.exchanges).hasSize(1);
            assertThat(server.isOpen()).isFalse();
        }
    }

    @Test
    void abodyThatDoesNotComeAfterItsResponseIsNotWaitedForLong() {
        try (ServerHarness server = new ServerHarness()) {
            server.send(POST_CHUNKED);
            server.respond(server.last(), 403, "no");
            server.advance(Http1Options.DEFAULT.discardTime().multipliedBy(2));

            assertThat(server.isOpen()).isFalse();
        }
    }

    @Test
    void continueIsPassedOnAndTheBodyFollows() {
        try (ServerHarness server = new ServerHarness()) {
            server.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
            assertThat(server.last().head.expectsContinue).isTrue();
            server.last().stream.writeInformational(100, fields());
            assertThat(server.output()).isEqualTo("HTTP/1.1 100 Continue\r\n\r\n");

            server.send("abc");
            assertThat(server.last().body()).isEqualTo("abc");
            server.respond(server.last(), 200, "");
            assertThat(server.output()).doesNotContain("close");
        }
    }

    @Test
    void aFinalResponseInsteadOfContinueEndsTheConnection() {
        try (ServerHarness server = new ServerHarness()) {
            server.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
            server.respond(server.last(), 403, "no");
            assertThat(server.output()).contains("connection: close");

            server.send(GET.formatted("never"));
            assertThat(server.exchanges).hasSize(1);
        }
    }

    @Test
    void upgradedConnectionsCarryRawBytesBothWays() {
        try (ServerHarness server = new ServerHarness()) {
            server.send(UPGRADE + "early");
            assertThat(server.last().body()).as("not before the switch").isEmpty();
            server.last().stream.writeHead(head(101, "sec-websocket-accept", "x"), false);
            server.last().stream.writeData(ascii("down"), false);
            server.last().stream.flush();

            assertThat(server.output())
                    .isEqualTo("HTTP/1.1 101 Switching Protocols\r\nsec-websocket-accept: x\r\n"
                            + "connection: upgrade\r\nupgrade: websocket\r\n\r\ndown");
            server.send("GET / HTTP/1.1\r\n");
            assertThat(server.last().body()).isEqualTo("earlyGET / HTTP/1.1\r\n");
            server.channel.close();
            assertThat(server.last().error).isEqualTo(StreamError.CONNECTION_CLOSED);
        }
    }

    @Test
    void aRefusedUpgradeLeavesTheConnectionToHttp() {
        try (ServerHarness server = new ServerHarness()) {
            server.send(UPGRADE + GET.formatted("next"));
            server.respond(server.last(), 403, "no");
            server.output();

            assertThat(server.last().head.path).isEqualTo("/next");
        }
    }

    @Test
    void bytesBehindConnectAreHeldUntilItIsAcceptedAndNeverParsed() {
        try (ServerHarness server = new ServerHarness()) {
            server.send("CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n" + GET.formatted("inner"));
            assertThat(server.last().ended).isFalse();
            server.last().stream.writeHead(head(200), false);
            server.last().stream.flush();

            assertThat(server.output()).isEqualTo("HTTP/1.1 200 OK\r\n\r\n");
            assertThat(server.last().body()).isEqualTo(GET.formatted("inner"));
            assertThat(server.exchanges).hasSize(1);
        }
    }

    @Test
    void bytesBehindARefusedConnectAreDropped() {
        try (ServerHarness server = new ServerHarness()) {
            server.send("CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n" + GET.formatted("inner"));
            server.respond(server.last(), 405, "");
            server.send(GET.formatted("later"));

            assertThat(server.exchanges).hasSize(1);
        }
    }

    @Test
    void drainingEndsAnIdleConnectionAfterAMomentAndABusyOneAfterItsResponse() {
        try (ServerHarness idle = new ServerHarness();
                ServerHarness late = new ServerHarness();
                ServerHarness busy = new ServerHarness()) {
            idle.connection.drain();
            idle.advance(Http1Options.DEFAULT.drainIdleTime().minusMillis(10));
            assertThat(idle.isOpen()).isTrue();
            idle.advance(Duration.ofMillis(20));
            assertThat(idle.isOpen()).isFalse();

            late.connection.drain();
            late.send(GET.formatted("a"));
            late.respond(late.last(), 200, "");
            assertThat(late.output()).contains("connection: close");
            assertThat(late.isOpen()).isFalse();

            busy.send(GET.formatted("a"));
            busy.connection.drain();
            busy.respond(busy.last(), 200, "");
            assertThat(busy.output()).contains("connection: close");
            assertThat(busy.isOpen()).isFalse();
        }
    }

    @Test
    void drainingWhileAHeadArrivesStillAnswersIt() {
        try (ServerHarness server = ServerHarness.echoing()) {
            server.send("GET /x HTTP/1.1\r\n");
            server.connection.drain();
            server.send("Host: a\r\n\r\n");

            assertThat(server.output()).contains("connection: close").endsWith("/x");
            assertThat(server.isOpen()).isFalse();
        }
    }

    @Test
    void requestsPerConnectionAreBounded() {
        HttpLimits two = limits(HttpLimits.DEFAULT.bodyBytes(), 2);
        try (ServerHarness server = new ServerHarness(two, Http1Options.DEFAULT)) {
            server.onRequest = exchange -> server.respond(exchange, 200, "");
            server.send(GET.formatted(1));
            assertThat(server.output()).doesNotContain("close");
            server.send(GET.formatted(2));

            assertThat(server.output()).contains("connection: close");
            assertThat(server.isOpen()).isFalse();
        }
    }

    @Test
    void aClientThatGoesAwayIsToldToTheListenerOnce() {
        try (ServerHarness server = new ServerHarness()) {
            server.send(POST_CHUNKED + "5\r\nab");
            server.channel.close();

            assertThat(server.last().error).isEqualTo(StreamError.CONNECTION_CLOSED);
            server.last().stream.writeHead(head(200), false);
            server.last().stream.writeData(ascii("x"), true);
            server.last().stream.flush();
        }
    }

    @Test
    void readingIsPausedOnlyWhileThereIsABody() {
        try (ServerHarness server = new ServerHarness()) {
            server.send(POST_CHUNKED);
            server.last().stream.pauseReading();
            assertThat(server.channel.config().isAutoRead()).isFalse();
            server.last().stream.resumeReading();
            assertThat(server.channel.config().isAutoRead()).isTrue();
            server.last().stream.pauseReading();
            server.send("0\r\n\r\n");
            assertThat(server.channel.config().isAutoRead())
                    .as("else a closing client goes unseen")
                    .isTrue();
        }
    }

    @Test
    void oneReadIsFollowedByOneReadComplete() {
        try (ServerHarness server = new ServerHarness()) {
            server.send(POST_CHUNKED + "1\r\na\r\n1\r\nb\r\n");
            assertThat(server.last().readCompletes).isEqualTo(1);
        }
    }

    @Test
    void bodyOverItsLimitIsAnswered413() {
        HttpLimits ten = limits(10, 0);
        try (ServerHarness declared = new ServerHarness(ten, Http1Options.DEFAULT);
                ServerHarness chunked = new ServerHarness(ten, Http1Options.DEFAULT)) {
            declared.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n");
            assertThat(declared.rejections).containsExactly("413 http1.body_too_large");
            assertThat(declared.exchanges).isEmpty();
            assertThat(declared.output()).startsWith("HTTP/1.1 413 ");

            chunked.send(POST_CHUNKED + "8\r\n01234567\r\n");
            chunked.send("3\r\nabc\r\n0\r\n\r\n");
            assertThat(chunked.last().error).isEqualTo(StreamError.BODY_TOO_LARGE);
            assertThat(chunked.output()).startsWith("HTTP/1.1 413 ").contains("connection: close");
        }
    }

    @Test
    void theListenerMayAnswerABrokenBodyItself() {
        try (ServerHarness server = new ServerHarness()) {
            server.onReset = exchange -> server.respond(exchange, 422, "mine");
            server.send(POST_CHUNKED);
            server.send("zz\r\n");

            assertThat(server.last().details).isEqualTo("http1.chunk_size");
            assertThat(server.output())
                    .startsWith("HTTP/1.1 422 Unprocessable Content\r\n")
                    .endsWith("connection: close\r\n\r\nmine");
        }
    }

    @Test
    void elseTheConnectionAnswersIt() {
        try (ServerHarness server = new ServerHarness()) {
            server.send(POST_CHUNKED);
            server.send("zz\r\n");

            assertThat(server.last().error).isEqualTo(StreamError.PROTOCOL_ERROR);
            assertThat(server.output())
                    .isEqualTo("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        }
    }

    @Test
    void aBrokenBodyUnderAStreamingResponseCutsIt() {
        try (ServerHarness server = new ServerHarness()) {
            server.send(POST_CHUNKED);
            server.last().stream.writeHead(head(200), false);
            server.last().stream.writeData(ascii("abc"), false);
            server.last().stream.flush();
            server.send("zz\r\n");

            assertThat(server.output()).endsWith("3\r\nabc\r\n");
            assertThat(server.isOpen()).isFalse();
            assertThat(server.last().error).isEqualTo(StreamError.PROTOCOL_ERROR);
        }
    }

    @Test
    void listenersThatFailEndTheirConnectionOnly() {
        try (ServerHarness server = new ServerHarness()) {
            server.onRequest = _ -> {
                throw new IllegalStateException("as a test");
            };
            server.send(GET.formatted("a"));

            assertThat(server.isOpen()).isFalse();
        }
    }

    private static HttpLimits limits(long bodyBytes, int requests) {
        HttpLimits d = HttpLimits.DEFAULT;
        return new HttpLimits(
                d.targetBytes(),
                d.headBytes(),
                d.headerFields(),
                bodyBytes,
                d.headTimeout(),
                d.bodyTimeout(),
                d.idleTimeout(),
                d.writeTimeout(),
                d.concurrentStreams(),
                d.streamWindowBytes(),
                d.connectionWindowBytes(),
                requests);
    }
}
