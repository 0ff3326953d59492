package io.sallyport.http.h1;

import static io.sallyport.http.h1.ServerHarness.ascii;
import static io.sallyport.http.h1.ServerHarness.fields;
import static io.sallyport.http.h1.ServerHarness.head;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.sallyport.http.ServerStream;
import io.sallyport.http.StreamError;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// How responses are framed on the wire.
class ServerResponseTest {
    private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final String HEAD = "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final String GET_10 = "GET / HTTP/1.0\r\n\r\n";
    private static final String GET_10_KEEP_ALIVE = "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n";

    static Stream<Arguments> framing() {
        return Stream.of(
                row(
                        "a declared length is kept",
                        GET,
                        s -> {
                            s.writeHead(head(200, "content-length", "3", "x", "y"), false);
                            s.writeData(ascii("abc"), true);
                        },
                        "HTTP/1.1 200 OK|x: y|content-length: 3||abc",
                        true),
                row(
                        "an undeclared one is chunked",
                        GET,
                        s -> {
                            s.writeHead(head(200), false);
                            s.writeData(ascii("abc"), false);
                            s.writeData(Unpooled.EMPTY_BUFFER, false);
                            s.writeData(ascii("0123456789abcdefg"), true);
                        },
                        "HTTP/1.1 200 OK|transfer-encoding: chunked||3|abc|11|0123456789abcdefg|0||",
                        true),
                row(
                        "no body is a length of 0",
                        GET,
                        s -> s.writeHead(head(404), true),
                        "HTTP/1.1 404 Not Found|content-length: 0||",
                        true),
                row(
                        "an end without data ends the chunks",
                        GET,
                        s -> {
                            s.writeHead(head(200), false);
                            s.writeData(Unpooled.EMPTY_BUFFER, true);
                        },
                        "HTTP/1.1 200 OK|transfer-encoding: chunked||0||",
                        true),
                row(
                        "trailers follow the last chunk, without what they may not carry",
                        GET,
                        s -> {
                            s.writeHead(head(200), false);
                            s.writeData(ascii("a"), false);
                            s.writeTrailers(fields("grpc-status", "0", "content-length", "7", "host", "b"));
                        },
                        "HTTP/1.1 200 OK|transfer-encoding: chunked||1|a|0|grpc-status: 0||",
                        true),
                row(
                        "trailers are dropped where a length was declared",
                        GET,
                        s -> {
                            s.writeHead(head(200, "content-length", "1"), false);
                            s.writeData(ascii("a"), false);
                            s.writeTrailers(fields("x", "y"));
                        },
                        "HTTP/1.1 200 OK|content-length: 1||a",
                        true),
                row(
                        "HEAD has the length and no body",
                        HEAD,
                        s -> {
                            s.writeHead(head(200, "content-length", "3"), false);
                            s.writeData(ascii("abc"), true);
                        },
                        "HTTP/1.1 200 OK|content-length: 3||",
                        true),
                row(
                        "HEAD without a length says nothing of one",
                        HEAD,
                        s -> s.writeHead(head(200), true),
                        "HTTP/1.1 200 OK||",
                        true),
                row(
                        "304 keeps its length",
                        GET,
                        s -> s.writeHead(head(304, "content-length", "3"), true),
                        "HTTP/1.1 304 Not Modified|content-length: 3||",
                        true),
                row(
                        "204 loses its length",
                        GET,
                        s -> s.writeHead(head(204, "content-length", "0"), true),
                        "HTTP/1.1 204 No Content||",
                        true),
                row(
                        "a rule's framing fields are not sent",
                        GET,
                        s -> s.writeHead(
                                head(
                                        200,
                                        "transfer-encoding",
                                        "gzip",
                                        "connection",
                                        "x",
                                        "keep-alive",
                                        "timeout=5",
                                        "upgrade",
                                        "h2c",
                                        "proxy-connection",
                                        "close"),
                                true),
                        "HTTP/1.1 200 OK|content-length: 0||",
                        true),
                row(
                        "a length that is none is not believed",
                        GET,
                        s -> {
                            s.writeHead(head(200, "content-length", "+3"), false);
                            s.writeData(ascii("abc"), true);
                        },
                        "HTTP/1.1 200 OK|transfer-encoding: chunked||3|abc|0||",
                        true),
                row(
                        "HTTP/1.0 gets no chunks, but the connection's end",
                        GET_10,
                        s -> {
                            s.writeHead(head(200), false);
                            s.writeData(ascii("abc"), true);
                        },
                        "HTTP/1.1 200 OK|connection: close||abc",
                        false),
                row(
                        "HTTP/1.0 that asks for keep-alive still gets the end",
                        GET_10_KEEP_ALIVE,
                        s -> {
                            s.writeHead(head(200), false);
                            s.writeData(ascii("abc"), true);
                        },
                        "HTTP/1.1 200 OK|connection: close||abc",
                        false),
                row(
                        "HTTP/1.0 is kept when it asks and the length is known",
                        GET_10_KEEP_ALIVE,
                        s -> {
                            s.writeHead(head(200, "content-length", "3"), false);
                            s.writeData(ascii("abc"), true);
                        },
                        "HTTP/1.1 200 OK|content-length: 3|connection: keep-alive||abc",
                        true),
                row(
                        "HTTP/1.0 is closed when it does not ask",
                        GET_10,
                        s -> {
                            s.writeHead(head(200, "content-length", "3"), false);
                            s.writeData(ascii("abc"), true);
                        },
                        "HTTP/1.1 200 OK|content-length: 3|connection: close||abc",
                        false),
                row(
                        "HTTP/1.0 gets no trailers",
                        GET_10,
                        s -> {
                            s.writeHead(head(200), false);
                            s.writeTrailers(fields("x", "y"));
                        },
                        "HTTP/1.1 200 OK|connection: close||",
                        false),
                row(
                        "HTTP/1.0 gets no interim response",
                        GET_10,
                        s -> {
                            s.writeInformational(103, fields("link", "</a>"));
                            s.writeHead(head(200), true);
                        },
                        "HTTP/1.1 200 OK|content-length: 0|connection: close||",
                        false),
                row(
                        "interim responses go ahead",
                        GET,
                        s -> {
                            s.writeInformational(103, fields("link", "</a>"));
                            s.writeInformational(101, fields());
                            s.writeInformational(200, fields());
                            s.writeHead(head(200), true);
                            s.writeInformational(102, fields());
                        },
                        "HTTP/1.1 103 Early Hints|link: </a>||HTTP/1.1 200 OK|content-length: 0||",
                        true),
                row(
                        "a client that asks to close is closed",
                        "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
                        s -> s.writeHead(head(200), true),
                        "HTTP/1.1 200 OK|content-length: 0|connection: close||",
                        false),
                row(
                        "so may the gateway",
                        GET,
                        s -> {
                            s.closeAfterResponse();
                            s.writeHead(head(200), true);
                        },
                        "HTTP/1.1 200 OK|content-length: 0|connection: close||",
                        false),
                row(
                        "an unknown status has no phrase",
                        GET,
                        s -> s.writeHead(head(299), true),
                        "HTTP/1.1 299 |content-length: 0||",
                        true),
                row(
                        "more than was declared is cut off",
                        GET,
                        s -> {
                            s.writeHead(head(200, "content-length", "3"), false);
                            s.writeData(ascii("ab"), false);
                            s.writeData(ascii("cd"), true);
                        },
                        "HTTP/1.1 200 OK|content-length: 3||ab",
                        false),
                row(
                        "less than was declared cuts the connection",
                        GET,
                        s -> {
                            s.writeHead(head(200, "content-length", "3"), false);
                            s.writeData(ascii("ab"), true);
                        },
                        "HTTP/1.1 200 OK|content-length: 3||ab",
                        false),
                row(
                        "a reset ends neither chunks nor length",
                        GET,
                        s -> {
                            s.writeHead(head(200), false);
                            s.writeData(ascii("ab"), false);
                            s.reset(StreamError.CANCEL);
                            s.writeData(ascii("cd"), true);
                        },
                        "HTTP/1.1 200 OK|transfer-encoding: chunked||2|ab|",
                        false),
                row(
                        "what follows the end is dropped",
                        GET,
                        s -> {
                            s.writeHead(head(200), true);
                            s.writeHead(head(500), true);
                            s.writeData(ascii("x"), true);
                            s.writeTrailers(fields("x", "y"));
                        },
                        "HTTP/1.1 200 OK|content-length: 0||",
                        true),
                row(
                        "CONNECT that is refused ends the connection",
                        "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n",
                        s -> s.writeHead(head(405), true),
                        "HTTP/1.1 405 Method Not Allowed|content-length: 0|connection: close||",
                        false));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void framing(String story, String request, Consumer<ServerStream> response, String wire, boolean staysOpen) {
        try (ServerHarness server = new ServerHarness()) {
            server.send(request);
            response.accept(server.last().stream);
            server.last().stream.flush();

            assertThat(server.output()).as(story).isEqualTo(wire.replace("|", "\r\n"));
            assertThat(server.isOpen()).isEqualTo(staysOpen);
        }
    }

    private static Arguments row(
            String story, String request, Consumer<ServerStream> response, String wire, boolean staysOpen) {
        return Arguments.of(story, request, response, wire, staysOpen);
    }
}
