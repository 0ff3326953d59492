package io.sallyport.e2e.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.sallyport.http.h2.Frames;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Upstreams whose response would be two responses, or somebody else's, to the client.
@ExtendWith(LogWatch.class)
class ResponseSplittingTest {
    private static final String GET = "GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n";
    private static final String EVIL = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nX: evil\r\n\r\nevil";

    static Stream<Arguments> http1() {
        return Stream.of(
                Arguments.of("CR in a value", "HTTP/1.1 200 OK\r\nX: a\rSet-Cookie: evil\r\nContent-Length: 0\r\n\r\n"),
                Arguments.of("bare LF", "HTTP/1.1 200 OK\r\nX: a\nSet-Cookie: evil\r\nContent-Length: 0\r\n\r\n"),
                Arguments.of("NUL in a value", "HTTP/1.1 200 OK\r\nX: evil\u0000\r\nContent-Length: 0\r\n\r\n"),
                Arguments.of("obs-fold", "HTTP/1.1 200 OK\r\nX: a\r\n evil\r\nContent-Length: 0\r\n\r\n"),
                Arguments.of("CR in the reason", "HTTP/1.1 200 OK\rSet-Cookie: evil\r\nContent-Length: 0\r\n\r\n"),
                Arguments.of("two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nContent-Length: 4\r\n\r\nevil"),
                Arguments.of(
                        "length and chunks",
                        "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nevil"),
                Arguments.of(
                        "gzip, chunked",
                        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n4\r\nevil\r\n0\r\n\r\n"),
                Arguments.of(
                        "space before colon, and another length",
                        "HTTP/1.1 200 OK\r\nContent-Length : 0\r\nContent-Length: 4\r\n\r\nevil"),
                Arguments.of("no version", "evil\r\n\r\n"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("http1")
    void anAmbiguousResponseIs502(String what, String response) throws Exception {
        try (Target target = Target.start(RawUpstream.answering(response));
                RawClient client = target.connect()) {
            assertThat(client.send(GET).readResponse())
                    .as(what)
                    .startsWith("HTTP/1.1 502 ")
                    .doesNotContain("evil");
            target.slotsAreFree();
        }
    }

    static Stream<Arguments> ended() {
        return Stream.of(
                Arguments.of("GET", "HTTP/1.1 204 No Content\r\nContent-Length: 40\r\n\r\n" + EVIL),
                Arguments.of("GET", "HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n" + EVIL),
                Arguments.of("HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n" + EVIL),
                Arguments.of("GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + EVIL),
                Arguments.of("GET", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" + EVIL));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("ended")
    void whatComesBehindAResponseIsNobodysAnswer(String method, String response) throws Exception {
        try (Target target = Target.start(RawUpstream.answering(response));
                RawClient victim = target.connect();
                RawClient client = target.connect()) {
            String request = GET.replace("GET", method);
            for (int i = 0; i < 3; i++) {
                for (RawClient each : List.of(client, victim)) {
                    String head = each.send(request).readHead();
                    assertThat(head).doesNotContain("evil");
                    if (head.contains("chunked")) {
                        assertThat(each.readBytes(5)).isEqualTo("0\r\n\r\n");
                    }
                }
            }
            assertThat(target.upstream.connectionCount()).isEqualTo(6);
        }
    }

    /// An answer on the stream that the gateway chose.
    private interface Answer {
        ByteBuf on(int stream);
    }

    private static Arguments http2(String what, String... fields) {
        return Arguments.of(what, (Answer) stream -> Frames.headers(stream, true, fields));
    }

    static Stream<Arguments> http2() {
        return Stream.of(
                http2("CRLF in a value", ":status", "200", "x", "a\r\nset-cookie: evil"),
                http2("CRLF in a name", ":status", "200", "x: a\r\nevil", "b"),
                http2("CRLF in :status", ":status", "200 OK\r\nX: evil"),
                http2("transfer-encoding", ":status", "200", "transfer-encoding", "evil"),
                http2("connection", ":status", "200", "connection", "evil"),
                http2("two lengths", ":status", "200", "content-length", "0", "content-length", "4", "x", "evil"),
                http2("101", ":status", "101", "x", "evil"),
                http2("no :status", "x", "evil"),
                http2("a length that is not kept", ":status", "200", "content-length", "4", "x", "evil"));
    }

    private static RawUpstream speaking2(Answer answer) {
        return RawUpstream.start(connection -> {
            Http2Script script = new Http2Script(connection);
            connection.write(ByteBufUtil.getBytes(answer.on(script.awaitHeaders())));
            script.readToEnd();
        });
    }

    private static Target http2Target(RawUpstream upstream) {
        return Target.start(upstream, "HTTP2", "- route: [{destination: {host: shop.internal}}]", builder -> builder);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("http2")
    void aMalformedResponseOverHttp2Is502(String what, Answer answer) throws Exception {
        try (Target target = http2Target(speaking2(answer));
                RawClient client = target.connect()) {
            assertThat(client.send(GET).readResponse())
                    .as(what)
                    .startsWith("HTTP/1.1 502 ")
                    .doesNotContain("evil");
            target.slotsAreFree();
        }
    }

    @Test
    void aBodyThatIsShorterOrLongerThanDeclaredIsSeenAsCut() throws Exception {
        for (String body : new String[] {"ab", EVIL}) {
            Answer answer = stream -> Unpooled.wrappedBuffer(
                    Frames.headers(stream, false, ":status", "200", "content-length", "4"),
                    Frames.data(stream, body, true));
            try (Target target = http2Target(speaking2(answer));
                    RawClient client = target.connect()) {
                String response = client.send(GET).readToEnd();
                assertThat(response.substring(response.indexOf("\r\n\r\n") + 4).length())
                        .isLessThan(5);
                assertThat(response).doesNotContain("evil");
                target.slotsAreFree();
            } catch (IOException e) {
                throw new AssertionError(body, e);
            }
        }
    }
}
