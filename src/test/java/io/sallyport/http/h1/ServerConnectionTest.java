package io.sallyport.http.h1;

import static io.sallyport.http.h1.ServerHarness.ascii;
import static io.sallyport.http.h1.ServerHarness.head;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.sallyport.http.HttpLimits;
import io.sallyport.http.StreamError;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// A downstream connection over several exchanges.
class ServerConnectionTest {
    private static final String GET = "GET /%s HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final String POST_CHUNKED = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";

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
        try (ServerHarness server = new ServerHarness()) {
            server.onRequest = exchange -> server.respond(exchange, 200, "x".repeat(1000));
            server.stuck = true;
            server.send(GET.formatted("a").repeat(10_000));
            assertThat(server.exchanges).hasSizeLessThan(200);
            assertThat(server.channel.config().isAutoRead()).isFalse();

            server.stuck = false;
            server.channel.flush();
            assertThat(server.output().split("HTTP/1.1 200", -1)).hasSize(10_001);
            assertThat(server.channel.config().isAutoRead()).isTrue();
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
    void oneReadIsFollowedByOneReadComplete() {
        try (ServerHarness server = new ServerHarness()) {
            server.send(POST_CHUNKED + "1\r\na\r\n1\r\nb\r\n");
            assertThat(server.last().readCompletes).isEqualTo(1);
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
