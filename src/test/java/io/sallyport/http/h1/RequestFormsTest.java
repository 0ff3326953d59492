package io.sallyport.http.h1;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Heads that are requests, and what they are understood as.
class RequestFormsTest {
    private static final String HOST = "Host: a.example\r\n";

    static Stream<Arguments> accepted() {
        return Stream.of(
                accept("GET / HTTP/1.1\r\n" + HOST + "\r\n", "HTTP/1.1 GET http [a.example] / length=0"),
                accept("\r\nGET / HTTP/1.1\r\n" + HOST + "\r\n", "HTTP/1.1 GET http [a.example] / length=0"),
                accept("GET / HTTP/1.0\r\n\r\n", "HTTP/1.0 GET http [] / length=0"),
                accept("get /?a=b HTTP/1.1\r\n" + HOST + "\r\n", "HTTP/1.1 get http [a.example] /?a=b length=0"),
                accept("M-SEARCH /x HTTP/1.1\r\n" + HOST + "\r\n", "HTTP/1.1 M-SEARCH http [a.example] /x length=0"),
                accept(
                        "GET /a|b\"{}^`[]<>\\%zz;x HTTP/1.1\r\n" + HOST + "\r\n",
                        "HTTP/1.1 GET http [a.example] /a|b\"{}^`[]<>\\%zz;x length=0"),
                accept(
                        "GET http://a.example/x?y HTTP/1.1\r\n" + HOST + "\r\n",
                        "HTTP/1.1 GET http [a.example] /x?y length=0 absolute"),
                accept(
                        "GET HTTP://A.example:80 HTTP/1.1\r\n" + HOST + "\r\n",
                        "HTTP/1.1 GET http [A.example:80] / length=0 absolute"),
                accept(
                        "GET http://a.example?y HTTP/1.1\r\n" + HOST + "\r\n",
                        "HTTP/1.1 GET http [a.example] /?y length=0 absolute"),
                accept("GET http://a.example/ HTTP/1.0\r\n\r\n", "HTTP/1.0 GET http [a.example] / length=0 absolute"),
                accept("OPTIONS * HTTP/1.1\r\n" + HOST + "\r\n", "HTTP/1.1 OPTIONS http [a.example] * length=0"),
                accept(
                        "OPTIONS http://a.example HTTP/1.1\r\n" + HOST + "\r\n",
                        "HTTP/1.1 OPTIONS http [a.example] * length=0 absolute"),
                accept(
                        "CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n",
                        "HTTP/1.1 CONNECT http [a.example:443]  length=0"),
                accept("TRACE / HTTP/1.1\r\n" + HOST + "\r\n", "HTTP/1.1 TRACE http [a.example] / length=0"),
                accept(
                        "GET / HTTP/1.1\r\nHost: A.Example.:8080\r\n\r\n",
                        "HTTP/1.1 GET http [A.Example.:8080] / length=0"),
                accept(
                        "GET / HTTP/1.1\r\nHost: [2001:db8::1]:80\r\n\r\n",
                        "HTTP/1.1 GET http [[2001:db8::1]:80] / length=0"),
                accept("GET / HTTP/1.1\r\nHost:\t 127.0.0.1 \t\r\n\r\n", "HTTP/1.1 GET http [127.0.0.1] / length=0"),
                accept(
                        "GET / HTTP/1.1\r\nHost: my_service-1.ns\r\n\r\n",
                        "HTTP/1.1 GET http [my_service-1.ns] / length=0"),
                accept(
                        "GET / HTTP/1.1\r\n" + HOST + "X:\u00e9 \t y\t \r\nEmpty:\r\n\r\n",
                        "HTTP/1.1 GET http [a.example] / length=0\nx: \u00e9 \t y\nempty: \n"),
                accept(
                        "GET / HTTP/1.1\r\n" + HOST + "Content-Length: 3\r\n\r\nabc",
                        "HTTP/1.1 GET http [a.example] / length=3\ncontent-length: 3\nbody=abc ended=true"),
                accept(
                        "POST / HTTP/1.1\r\n" + HOST + "Content-Length: 00003\r\n\r\nabc",
                        "HTTP/1.1 POST http [a.example] / length=3\ncontent-length: 3\nbody=abc ended=true"),
                accept(
                        "POST / HTTP/1.1\r\n" + HOST + "Content-Length: 9223372036854775807\r\n\r\nabc",
                        "HTTP/1.1 POST http [a.example] / length=9223372036854775807\n"),
                accept(
                        "POST / HTTP/1.1\r\n" + HOST + "Transfer-Encoding: \t cHuNkEd \r\n\r\n3\r\nabc\r\n0\r\n\r\n",
                        "HTTP/1.1 POST http [a.example] / length=-1\nbody=abc ended=true"),
                accept(
                        "POST / HTTP/1.1\r\n" + HOST + "Content-Length: 3\r\nExpect: 100-Continue\r\n\r\n",
                        "HTTP/1.1 POST http [a.example] / length=3 expects\n"),
                accept(
                        "GET / HTTP/1.1\r\n" + HOST + "Expect: 100-continue\r\n\r\n",
                        "HTTP/1.1 GET http [a.example] / length=0\nbody="),
                accept(
                        "POST / HTTP/1.0\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\nabc",
                        "HTTP/1.0 POST http [] / length=3\ncontent-length: 3\nbody=abc"),
                accept(
                        "GET / HTTP/1.1\r\n" + HOST + "Connection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n\r\n",
                        "HTTP/1.1 GET http [a.example] / length=0 upgrade=websocket\nbody="),
                accept(
                        "GET / HTTP/1.1\r\n" + HOST + "Upgrade: websocket\r\n\r\n",
                        "HTTP/1.1 GET http [a.example] / length=0\nbody="),
                accept(
                        "GET / HTTP/1.1\r\n" + HOST + "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
                                + "HTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n",
                        "HTTP/1.1 GET http [a.example] / length=0\nbody="),
                accept(
                        "POST / HTTP/1.1\r\n" + HOST + "Connection: Upgrade\r\nUpgrade: websocket\r\n"
                                + "Content-Length: 1\r\n\r\nx",
                        "HTTP/1.1 POST http [a.example] / length=1\ncontent-length: 1\nbody=x"));
    }

    @ParameterizedTest
    @MethodSource
    void accepted(String bytes, String expected) {
        try (ServerHarness server = new ServerHarness()) {
            server.send(bytes);

            assertThat(server.rejections).isEmpty();
            assertThat(server.exchanges).singleElement().asString().startsWith(expected);
        }
    }

    @Test
    @DisplayName("names with underscores pass where the setting says so")
    void underscoresAreASetting() {
        var options = Http1Options.DEFAULT.withUnderscores(true);
        try (ServerHarness server = new ServerHarness(io.sallyport.http.HttpLimits.DEFAULT, options)) {
            server.send("GET / HTTP/1.1\r\n" + HOST + "X_Y: a\r\n\r\n");

            assertThat(server.last().head.headers).hasToString("x_y: a\n");
        }
    }

    @Test
    void largestAllowedHeadsPass() {
        try (ServerHarness server = new ServerHarness()) {
            server.send("GET /" + "a".repeat(8 * 1024 - 1) + " HTTP/1.1\r\n" + HOST + "X: a\r\n".repeat(98) + "Y: "
                    + "b".repeat(59 * 1024) + "\r\n\r\n");

            assertThat(server.rejections).isEmpty();
            assertThat(server.last().head.path).hasSize(8 * 1024);
            assertThat(server.last().head.headers.size()).isEqualTo(99);
        }
    }

    private static Arguments accept(String bytes, String expected) {
        return Arguments.of(bytes, expected);
    }
}
