package io.sallyport.http.h1;

import static io.sallyport.http.h1.ClientHarness.request;
import static io.sallyport.http.h1.ServerHarness.ascii;
import static io.sallyport.http.h1.ServerHarness.fields;
import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.http.ClientStream;
import io.sallyport.http.RequestHead;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Requests as they are sent to an endpoint.
class ClientRequestTest {
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

    static Stream<Arguments> requests() {
        return Stream.of(
                Arguments.of(
                        "Host comes first",
                        edit(request("GET", "/x?y", "accept", "*/*"), h -> {}),
                        true,
                        "GET /x?y HTTP/1.1|host: a.example|accept: */*||"),
                Arguments.of(
                        "an undeclared body is chunked",
                        edit(request("POST", "/"), h -> h.contentLength = RequestHead.UNKNOWN_LENGTH),
                        false,
                        "POST / HTTP/1.1|host: a.example|transfer-encoding: chunked||3|abc|0||"),
                Arguments.of(
                        "a declared one keeps its length",
                        edit(request("POST", "/", "content-length", "3"), h -> h.contentLength = 3),
                        false,
                        "POST / HTTP/1.1|host: a.example|content-length: 3||abc"),
                Arguments.of(
                        "POST without content says so",
                        request("POST", "/"),
                        true,
                        "POST / HTTP/1.1|host: a.example|content-length: 0||"),
                Arguments.of(
                        "a stray length is not sent",
                        edit(
                                request(
                                        "GET",
                                        "/",
                                        "content-length",
                                        "7",
                                        "transfer-encoding",
                                        "x",
                                        "host",
                                        "b",
                                        "connection",
                                        "y"),
                                h -> h.contentLength = RequestHead.UNKNOWN_LENGTH),
                        true,
                        "GET / HTTP/1.1|host: a.example|content-length: 0||"),
                Arguments.of(
                        "te is named in connection",
                        request("GET", "/", "te", "trailers"),
                        true,
                        "GET / HTTP/1.1|host: a.example|te: trailers|connection: te||"),
                Arguments.of(
                        "an upgrade",
                        edit(request("GET", "/"), h -> h.upgrade = "websocket"),
                        true,
                        "GET / HTTP/1.1|host: a.example|connection: upgrade|upgrade: websocket||"),
                Arguments.of(
                        "an expectation",
                        edit(request("PUT", "/"), h -> {
                            h.contentLength = 3;
                            h.expectsContinue = true;
                        }),
                        false,
                        "PUT / HTTP/1.1|host: a.example|content-length: 3|expect: 100-continue||abc"),
                Arguments.of(
                        "CONNECT",
                        edit(request("CONNECT", ""), h -> h.authority = "b:443"),
                        true,
                        "CONNECT b:443 HTTP/1.1|host: b:443||"),
                Arguments.of(
                        "a path that would split the request is encoded",
                        request("GET", "/a b\r\nX: y\u00e9\u010a#"),
                        true,
                        "GET /a%20b%0D%0AX:%20y%C3%A9%C4%8A%23 HTTP/1.1|host: a.example||"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void requests(String story, RequestHead head, boolean end, String wire) {
        try (ClientHarness client = new ClientHarness()) {
            ClientStream stream = client.open(head, end);
            if (!end) {
                stream.writeData(ascii("abc"), true);
                stream.flush();
            }

            assertThat(client.output()).as(story).isEqualTo(wire.replace("|", "\r\n"));
        }
    }

    @Test
    void continueIsToldOnlyToThoseWhoAskedForIt() {
        try (ClientHarness client = new ClientHarness()) {
            ClientStream stream = client.open(
                    edit(request("POST", "/"), h -> {
                        h.contentLength = 1;
                        h.expectsContinue = true;
                    }),
                    false);
            client.send("HTTP/1.1 100 Continue\r\n\r\n");
            stream.writeData(ascii("a"), true);
            stream.flush();
            client.send(OK);

            assertThat(client.events)
                    .containsExactly("informational 100 ", "head 200 content-length: 0; end", "available 1");
        }
    }

    @Test
    void contentThatDoesNotFitItsLengthCutsTheConnection() {
        try (ClientHarness client = new ClientHarness()) {
            ClientStream stream = client.open(edit(request("POST", "/"), h -> h.contentLength = 3), false);
            stream.writeData(ascii("abcd"), true);
            client.channel.runPendingTasks();

            assertThat(client.events)
                    .containsExactlyInAnyOrder("reset INTERNAL_ERROR http1.content_length_mismatch", "closed");
            assertThat(client.output()).doesNotContain("abcd");
        }
    }

    @Test
    void trailersEndARequest() {
        try (ClientHarness client = new ClientHarness()) {
            ClientStream stream =
                    client.open(edit(request("POST", "/"), h -> h.contentLength = RequestHead.UNKNOWN_LENGTH), false);
            stream.writeTrailers(fields("x-sum", "1", "content-length", "5"));
            stream.flush();

            assertThat(client.output()).endsWith("\r\n\r\n0\r\nx-sum: 1\r\n\r\n");
        }
    }

    private static RequestHead edit(RequestHead head, Consumer<RequestHead> change) {
        change.accept(head);
        return head;
    }
}
