package io.sallyport.http.h1;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// How bytes are cut into reads changes nothing: not what is understood, not what is answered.
class SplitPropertyTest {
    private static final int MAX_BYTES = 1000;
    private static final String A = "GET /a HTTP/1.1\r\nHost: a\r\nCookie: x=y\r\n\r\n";
    private static final String CHUNKED = "POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";

    static Stream<String> messages() {
        Stream<String> pipelines = Stream.of(
                A + A + A,
                A + CHUNKED + "3;x=\"y\"\r\nabc\r\n10\r\n0123456789abcdef\r\n0\r\n\r\n" + A,
                CHUNKED + "1\r\na\r\n0\r\nX-Sum: 1\r\nY: 2\r\n\r\n" + A,
                CHUNKED + "1\r\na\r\n0\r\nHost: b\r\n\r\n\r\n" + A,
                "POST /b HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello\r\n" + A,
                "POST /b HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello" + CHUNKED + "5\r\nab",
                A + "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n" + A,
                A + "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" + A,
                CHUNKED + "1\r\na\r\nzz\r\n" + A,
                CHUNKED + "1\r\nab\r\n" + A,
                CHUNKED + "1\r\na\n0\r\n\r\n" + A,
                CHUNKED + "0\r\n bad\r\n\r\n" + A,
                "GET https://a/x HTTP/1.1\r\nHost: a:443\r\n\r\nGET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n",
                A + "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n" + A);
        return Stream.concat(
                pipelines,
                Stream.concat(RequestFormsTest.accepted(), RequestSyntaxTest.refused())
                        .map(row -> (String) row.get()[0])
                        .filter(message -> message.length() < MAX_BYTES));
    }

    @ParameterizedTest
    @MethodSource("messages")
    void oneByteAtATime(String message) {
        byte[] bytes = message.getBytes(StandardCharsets.ISO_8859_1);
        String whole = transcript(bytes, bytes.length);

        assertThat(transcript(bytes, 1)).isEqualTo(whole);
        assertThat(transcript(bytes, 2)).isEqualTo(whole);
        assertThat(transcript(bytes, 3)).isEqualTo(whole);
    }

    @ParameterizedTest
    @MethodSource("messages")
    void inTwoAtEveryPlace(String message) {
        byte[] bytes = message.getBytes(StandardCharsets.ISO_8859_1);
        String whole = transcript(bytes, bytes.length);

        for (int at = 1; at < bytes.length; at++) {
            assertThat(transcript(List.of(Arrays.copyOf(bytes, at), Arrays.copyOfRange(bytes, at, bytes.length))))
                    .as("cut after %d bytes", at)
                    .isEqualTo(whole);
        }
    }

    private static String transcript(byte[] bytes, int step) {
        return transcript(Stream.iterate(0, at -> at < bytes.length, at -> at + step)
                .map(at -> Arrays.copyOfRange(bytes, at, Math.min(at + step, bytes.length)))
                .toList());
    }

    private static String transcript(List<byte[]> pieces) {
        try (ServerHarness server = new ServerHarness().answeringAtTheEnd()) {
            pieces.forEach(server::send);
            String output = server.output();
            return server.exchanges.stream().map(Exchange::toString).collect(Collectors.joining("\n---\n"))
                    + "\n===\n"
                    + server.rejections.stream().map(r -> r.substring(0, 3)).toList()
                    + "\n===\n"
                    + output;
        }
    }
}
