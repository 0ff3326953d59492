package io.sallyport.http.h1;

import static io.sallyport.http.h1.ClientHarness.request;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Responses that end with the connection, or should not have.
class ClientEndTest {
    private static final String OK = "HTTP/1.1 200 OK\r\n";

    static Stream<Arguments> ends() {
        return Stream.of(
                get(
                        "a body that the connection's end ends",
                        OK + "\r\nabc",
                        "abc",
                        "draining",
                        "head 200 ",
                        "end",
                        "closed"),
                get("an empty one", OK + "\r\n", "", "draining", "head 200 ", "end", "closed"),
                get("nothing", "", "", "reset CONNECTION_CLOSED", "closed"),
                get("half a head", "HTTP/1.1 200 OK\r\nX", "", "reset CONNECTION_CLOSED", "closed"),
                get(
                        "a body cut short",
                        OK + "Content-Length: 3\r\n\r\nab",
                        "ab",
                        "head 200 content-length: 3; ",
                        "reset CONNECTION_CLOSED",
                        "closed"),
                get(
                        "chunks without the last",
                        OK + "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n",
                        "a",
                        "head 200 ",
                        "reset CONNECTION_CLOSED",
                        "closed"));
    }

    @ParameterizedTest(name = "{0}, then the connection ends")
    @MethodSource("ends")
    void endOfInput(String story, String method, String bytes, String body, List<String> events) {
        try (ClientHarness client = new ClientHarness()) {
            client.open(request(method, "/"), true);
            client.send(bytes).end();

            ClientResponseTest.check(client, body, events);
        }
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
