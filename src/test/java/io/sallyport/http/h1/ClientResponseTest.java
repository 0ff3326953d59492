package io.sallyport.http.h1;

import static io.sallyport.http.h1.ClientHarness.request;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// What endpoints send, and what becomes of it and of the connection.
class ClientResponseTest {
    private static final String OK = "HTTP/1.1 200 OK\r\n";

    static Stream<Arguments> responses() {
        return Stream.of(
                get(
                        "a length",
                        OK + "Content-Length: 3\r\n\r\nabc",
                        "abc",
                        "head 200 content-length: 3; ",
                        "end",
                        "available 1"),
                get(
                        "no content",
                        OK + "Content-Length: 0\r\n\r\n",
                        "",
                        "head 200 content-length: 0; end",
                        "available 1"),
                get(
                        "chunks",
                        OK + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
                        "abc",
                        "head 200 ",
                        "end",
                        "available 1"),
                get(
                        "chunks with trailers",
                        OK
                                + "Trailer: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX: y\r\nContent-Length: 1\r\n\r\n",
                        "a",
                        "head 200 trailer: x; ",
                        "trailers x: y; ",
                        "available 1"),
                get(
                        "no reason phrase",
                        "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n",
                        "",
                        "head 200 content-length: 0; end",
                        "available 1"),
                get(
                        "an empty reason phrase",
                        "HTTP/1.1 599 \r\nContent-Length: 0\r\n\r\n",
                        "",
                        "head 599 content-length: 0; end",
                        "available 1"),
                get(
                        "a status that nobody knows",
                        "HTTP/1.1 600 X\r\nContent-Length: 0\r\n\r\n",
                        "",
                        "head 600 content-length: 0; end",
                        "available 1"),
                get(
                        "the highest status",
                        "HTTP/1.1 999\r\nContent-Length: 0\r\n\r\n",
                        "",
                        "head 999 content-length: 0; end",
                        "available 1"),
                get(
                        "blank before the colon",
                        OK + "X : a\r\nY\t :b\r\nContent-Length : 1\r\n\r\nx",
                        "x",
                        "head 200 x: a; y: b; content-length: 1; ",
                        "end",
                        "available 1"),
                get(
                        "blank before the colon of framing and trailers",
                        OK + "Transfer-Encoding \t: chunked\r\n\r\n1\r\nx\r\n0\r\nSum : y\r\n\r\n",
                        "x",
                        "head 200 ",
                        "trailers sum: y; ",
                        "available 1"),
                get(
                        "204 with what it should not have",
                        "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n",
                        "",
                        "head 204 end",
                        "available 1"),
                get(
                        "304 with its length",
                        "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n",
                        "",
                        "head 304 content-length: 5; end",
                        "available 1"),
                row(
                        "HEAD",
                        "HEAD",
                        OK + "Content-Length: 5\r\n\r\n",
                        "",
                        "head 200 content-length: 5; end",
                        "available 1"),
                row(
                        "HEAD, chunked",
                        "HEAD",
                        OK + "Transfer-Encoding: chunked\r\n\r\n",
                        "",
                        "head 200 end",
                        "available 1"),
                get(
                        "connection: close",
                        OK + "Connection: close\r\nContent-Length: 1\r\n\r\na",
                        "a",
                        "draining",
                        "head 200 content-length: 1; ",
                        "end",
                        "closed"),
                get(
                        "HTTP/1.0",
                        "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\na",
                        "a",
                        "draining",
                        "head 200 content-length: 1; ",
                        "end",
                        "closed"),
                get(
                        "HTTP/1.0 with keep-alive",
                        "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nKeep-Alive: timeout=5\r\nContent-Length: 1\r\n\r\na",
                        "a",
                        "head 200 content-length: 1; ",
                        "end",
                        "available 1"),
                get(
                        "hop-by-hop fields",
                        OK + "Connection: x-hop, date\r\nX-Hop: 1\r\nProxy-Connection: y\r\nUpgrade: h2c\r\nDate: d\r\n"
                                + "Content-Length: 0\r\n\r\n",
                        "",
                        "head 200 date: d; content-length: 0; end",
                        "available 1"),
                get(
                        "fields of another proxy",
                        "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\nA: 1\r\n"
                                + "Proxy-Authentication-Info: x\r\nWWW-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n",
                        "",
                        "head 407 a: 1; www-authenticate: Basic; content-length: 0; end",
                        "available 1"),
                get(
                        "interim responses",
                        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n"
                                + "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + OK + "Content-Length: 0\r\n\r\n",
                        "",
                        "informational 102 ",
                        "informational 103 link: x; ",
                        "head 200 content-length: 0; end",
                        "available 1"),
                // Surplus
                get(
                        "a second response",
                        (OK + "Content-Length: 1\r\n\r\na").repeat(2),
                        "a",
                        "head 200 content-length: 1; ",
                        "end",
                        "closed"),
                get(
                        "one byte too many",
                        OK + "Content-Length: 0\r\n\r\nx",
                        "",
                        "head 200 content-length: 0; end",
                        "closed"),
                get(
                        "content after 304",
                        "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\nabcde",
                        "",
                        "head 304 content-length: 5; end",
                        "closed"),
                get(
                        "content after 204",
                        "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nabcde",
                        "",
                        "head 204 end",
                        "closed"),
                row(
                        "content after HEAD",
                        "HEAD",
                        OK + "Content-Length: 1\r\n\r\na",
                        "",
                        "head 200 content-length: 1; end",
                        "closed"),
                get(
                        "bytes behind the last chunk",
                        OK + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n\r\n",
                        "",
                        "head 200 ",
                        "end",
                        "closed"),
                // Violations
                get("CL and TE", OK + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "", bad()),
                get("two CL", OK + "Content-Length: 1\r\nContent-Length: 1\r\n\r\na", "", bad()),
                get("CL that is none", OK + "Content-Length: -1\r\n\r\n", "", bad()),
                get("another coding", OK + "Transfer-Encoding: gzip, chunked\r\n\r\n", "", bad()),
                get("TE on HTTP/1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "", bad()),
                get("garbage", "SSH-2.0-OpenSSH_9.6\r\n", "", bad()),
                get("an HTTP/2 frame", "\u0000\u0000\u0012\u0004\u0000\u0000\u0000", "", bad()),
                get("HTTP/2", "HTTP/2 200 OK\r\n\r\n", "", bad()),
                get("HTTP/1.2", "HTTP/1.2 200 OK\r\n\r\n", "", bad()),
                get("status 099", "HTTP/1.1 099 X\r\n\r\n", "", bad()),
                get("status of four digits", "HTTP/1.1 2000 X\r\n\r\n", "", bad()),
                get("bare LF in the status line", "HTTP/1.1 200 OK\nContent-Length: 0\r\n\r\n", "", bad()),
                get("NUL in the reason", "HTTP/1.1 200 O\u0000K\r\nContent-Length: 0\r\n\r\n", "", bad()),
                get("obs-fold", OK + "X: a\r\n b\r\nContent-Length: 0\r\n\r\n", "", bad()),
                get("space within a name", OK + "X Y: a\r\nContent-Length: 0\r\n\r\n", "", bad()),
                get("space and no name", OK + "X: a\r\n : a\r\n\r\n", "", bad()),
                get("two codings by a blank", OK + "Transfer-Encoding : gzip\r\n\r\n", "", bad()),
                get(
                        "CL with a blank and TE",
                        OK + "Content-Length\t: 1\r\nTransfer-Encoding : chunked\r\n\r\n",
                        "",
                        bad()),
                get("bare CR in a value", OK + "X: a\rb\r\nContent-Length: 0\r\n\r\n", "", bad()),
                get(
                        "an unsolicited switch",
                        "HTTP/1.1 101 X\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
                        "",
                        bad()),
                get("a flood of interim responses", "HTTP/1.1 100 C\r\n\r\n".repeat(100), "", bad()),
                get(
                        "a head too large",
                        OK + "X: " + "a".repeat(61 * 1024) + "\r\n\r\n",
                        "",
                        "reset HEAD_TOO_LARGE",
                        "closed"),
                get("too many fields", OK + "X: a\r\n".repeat(101) + "\r\n", "", "reset HEAD_TOO_LARGE", "closed"),
                get("an endless status line", "HTTP/1.1 200 " + "a".repeat(5000), "", "reset HEAD_TOO_LARGE", "closed"),
                get(
                        "a bad chunk in the head's packet",
                        OK + "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
                        "",
                        "head 200 ",
                        bad()),
                get(
                        "a bad chunk after a good one",
                        OK + "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n-1\r\n",
                        "a",
                        "head 200 ",
                        bad()),
                get(
                        "huge trailers",
                        OK + "Transfer-Encoding: chunked\r\n\r\n0\r\n" + "X: a\r\n".repeat(101),
                        "",
                        "head 200 ",
                        "reset HEAD_TOO_LARGE",
                        "closed"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("responses")
    void atOnce(String story, String method, String bytes, String body, List<String> events) {
        try (ClientHarness client = new ClientHarness()) {
            client.open(request(method, "/"), true);
            client.send(bytes);

            check(client, body, events);
        }
    }

    @ParameterizedTest(name = "{0}, byte by byte")
    @MethodSource("responses")
    void byteByByte(String story, String method, String bytes, String body, List<String> events) {
        try (ClientHarness client = new ClientHarness()) {
            client.open(request(method, "/"), true);
            client.sendByteByByte(bytes);

            client.events.remove("available 1");
            List<String> others = events.stream()
                    .filter(event -> !event.equals("available 1"))
                    .toList();
            check(client, body, others);
        }
    }

    static void check(ClientHarness client, String body, List<String> events) {
        client.channel.runPendingTasks();
        assertThat(client.body).hasToString(body);
        assertThat(client.events).hasSameSizeAs(events);
        for (int i = 0; i < events.size(); i++) {
            assertThat(client.events.get(i)).startsWith(events.get(i));
        }
        assertThat(client.channel.isOpen()).isEqualTo(!events.contains("closed"));
        assertThat(client.connection.activeStreams()).isZero();
    }

    private static String[] bad() {
        return new String[] {"reset PROTOCOL_ERROR http1.", "closed"};
    }

    private static Arguments get(String story, String bytes, String body, String[] events) {
        return Arguments.of(story, "GET", bytes, body, List.of(events));
    }

    private static Arguments get(String story, String bytes, String body, String event, String[] events) {
        return Arguments.of(story, "GET", bytes, body, List.of(event, events[0], events[1]));
    }

    private static Arguments get(
            String story, String bytes, String body, String first, String second, String... events) {
        return row(
                story,
                "GET",
                bytes,
                body,
                Stream.concat(Stream.of(first, second), Stream.of(events)).toArray(String[]::new));
    }

    private static Arguments row(String story, String method, String bytes, String body, String... events) {
        return Arguments.of(story, method, bytes, body, List.of(events));
    }
}
