package io.sallyport.http.h1;

import static io.sallyport.http.h1.ServerHarness.ascii;
import static io.sallyport.http.h1.ServerHarness.fields;
import static io.sallyport.http.h1.ServerHarness.head;
import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.http.HttpLimits;
import io.sallyport.http.StreamError;
import org.junit.jupiter.api.Test;

/// Request bodies on a downstream connection: read, limited, read past, or broken.
class ServerBodyTest {
    private static final String GET = "GET /%s HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final String POST_CHUNKED = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";

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
