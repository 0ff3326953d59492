package io.sallyport.e2e.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.http.h2.Frames;
import io.sallyport.testing.RawUpstream;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Responses that are not as they should be and that clients get all the same, made right.
@ExtendWith(LogWatch.class)
class OddResponsesTest {
    private static String get(Target target, boolean http2) throws Exception {
        if (!http2) {
            return target.exchange("GET / HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n")
                    .replace("\r\n", "\n")
                    .replaceFirst("HTTP/1.1 ", "");
        }
        try (H2Client client = target.connect2()) {
            client.send(Frames.headers(1, true, H2Client.request("GET", "/")));
            return client.answer(1).fields().substring(8).replace(",", "\n").replace("=", ": ") + "\n";
        }
    }

    static Stream<Arguments> statuses() {
        return Stream.of(600, 699, 799, 999)
                .flatMap(status -> Stream.of(
                        Arguments.of(status, false, false),
                        Arguments.of(status, false, true),
                        Arguments.of(status, true, false),
                        Arguments.of(status, true, true)));
    }

    @ParameterizedTest(name = "{0}, HTTP/2 downstream {1}, upstream {2}")
    @MethodSource("statuses")
    void statusesThatNobodyKnowsPass(int status, boolean downstream, boolean upstream) throws Exception {
        RawUpstream http1 = RawUpstream.answering("HTTP/1.1 " + status + " Odd\r\nContent-Length: 0\r\n\r\n");
        RawUpstream http2 = RawUpstream.start(connection -> {
            Http2Script script = new Http2Script(connection);
            int stream = script.awaitHeaders();
            script.send(Frames.headers(stream, true, ":status", Integer.toString(status), "content-length", "0"));
            script.readToEnd();
        });
        String route = "- route: [{destination: {host: shop.internal}}]";
        try (http1;
                http2;
                Target target = Target.start(
                        upstream ? http2 : http1, upstream ? "HTTP2" : "HTTP", route, builder -> builder)) {
            assertThat(get(target, downstream)).startsWith(Integer.toString(status));
            assertThat(target.gateway.firstFacts().status).isEqualTo(status);
        }
    }

    @ParameterizedTest
    @CsvSource({"false, ' '", "false, '\t'", "true, ' '", "true, ' \t '"})
    void blankBeforeAColonIsNotPassedOn(boolean http2, String blank) throws Exception {
        RawUpstream upstream = RawUpstream.answering("HTTP/1.1 200 OK\r\nX-F" + blank + ": a\r\nConnection" + blank
                + ": x-hop\r\nX-Hop: secret\r\nContent-Length" + blank + ":2\r\n\r\nok");
        try (Target target = Target.start(upstream)) {
            assertThat(get(target, http2))
                    .contains("\nx-f: a\n", "\ncontent-length: 2\n")
                    .doesNotContain("secret");
        }
    }
}
