package io.sallyport.http.h1;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Which heads become requests, and which status the others are answered with.
class RequestSyntaxTest {
    private static final String HOST = "Host: a.example\r\n";

    static Stream<Arguments> refused() {
        return Stream.of(
                // Framing: Content-Length and Transfer-Encoding
                post(400, "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "CL, then TE"),
                post(400, "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "TE, then CL"),
                post(400, "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n", "TE, then CL 0"),
                post(501, "Transfer-Encoding: gzip, chunked\r\n", "two codings"),
                post(400, "Transfer-Encoding: chunked,\r\n", "a coding and nothing"),
                post(400, "Transfer-Encoding: ,chunked\r\n", "nothing and a coding"),
                post(400, "Transfer-Encoding: chunked, identity\r\n", "chunked not last"),
                post(400, "Transfer-Encoding: chunked, chunked\r\n", "chunked twice"),
                post(400, "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "two TE fields"),
                post(400, "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", "two TE fields that differ"),
                post(400, "Transfer-Encoding: identity\r\n", "identity"),
                post(400, "Transfer-Encoding: xchunked\r\n", "like chunked"),
                post(400, "Transfer-Encoding: \"chunked\"\r\n", "quoted"),
                post(400, "Transfer-Encoding: chunked;q=1\r\n", "with a parameter"),
                post(400, "Transfer-Encoding:\r\n", "empty TE"),
                post(400, "Transfer-Encoding: \u000bchunked\r\n", "vertical tab before the coding"),
                post(400, "Transfer-Encoding: chunked\u0000\r\n", "NUL behind the coding"),
                post(400, "Transfer-Encoding:\r\n chunked\r\n", "folded TE"),
                post(400, "Transfer-Encoding : chunked\r\n", "space before TE's colon"),
                post(400, "Transfer\u00adEncoding: chunked\r\n", "soft hyphen"),
                post(400, "Content-Length: 5\r\nContent-Length: 5\r\n", "two CL, equal"),
                post(400, "Content-Length: 5\r\nContent-Length: 6\r\n", "two CL"),
                post(400, "Content-Length: 5, 5\r\n", "CL list"),
                post(400, "Content-Length: +5\r\n", "sign"),
                post(400, "Content-Length: -5\r\n", "negative"),
                post(400, "Content-Length: 0x5\r\n", "hex"),
                post(400, "Content-Length: 5 5\r\n", "blank within"),
                post(400, "Content-Length: 5.0\r\n", "fraction"),
                post(400, "Content-Length:\r\n", "empty CL"),
                post(400, "Content-Length: 9223372036854775808\r\n", "2^63"),
                post(400, "Content-Length: 99999999999999999999\r\n", "20 digits"),
                post(400, "Content-Length: \u0665\r\n", "a digit of another script"),
                request(400, "POST / HTTP/1.0\r\n" + HOST + "Transfer-Encoding: chunked\r\n\r\n", "TE on HTTP/1.0"),
                // Lines and names
                get(400, "X: a\nY: b\r\n", "bare LF within the head"),
                request(400, "GET / HTTP/1.1\n" + HOST + "\n", "bare LFs throughout"),
                request(400, "GET / HTTP/1.1\r\n" + HOST + "\n", "bare LF at the end"),
                get(400, "X: a\rb\r\n", "CR in a value"),
                get(400, "X: a\r\r\n", "CR before the line's end"),
                get(400, "X: a\u0000b\r\n", "NUL in a value"),
                get(400, "X: a\u007fb\r\n", "DEL in a value"),
                get(400, "X: a\u001bb\r\n", "ESC in a value"),
                get(400, "X\u0001: a\r\n", "control byte in a name"),
                get(400, "X\u00e9: a\r\n", "high byte in a name"),
                get(400, "X(y): a\r\n", "delimiter in a name"),
                get(400, ": a\r\n", "empty name"),
                get(400, "X\r\n", "no colon"),
                get(400, "X : a\r\n", "space before the colon"),
                get(400, "X\t: a\r\n", "tab before the colon"),
                get(400, "X y: a\r\n", "space in a name"),
                get(400, "X: a\r\n b\r\n", "folded value"),
                get(400, "X: a\r\n\tb\r\n", "folded value, tab"),
                request(400, "GET / HTTP/1.1\r\n X: a\r\n" + HOST + "\r\n", "space before the first field"),
                request(400, "GET / HTTP/1.1\r\n\r\n" + HOST + "\r\n", "no field at all"),
                get(400, "X_Y: a\r\n", "underscore"),
                get(400, "Content_Length: 5\r\n", "underscore for hyphen"),
                // Host
                request(400, "GET / HTTP/1.1\r\nX: a\r\n\r\n", "no Host"),
                get(400, "Host: a.example\r\n", "two Hosts, equal"),
                get(400, "Host: b.example\r\n", "two Hosts"),
                host(400, ""),
                host(400, "a, b"),
                host(400, "a,b"),
                host(400, "a b"),
                host(400, "user@a"),
                host(400, "user:pass@a"),
                host(400, "a/b"),
                host(400, "a?b"),
                host(400, "a#b"),
                host(400, "a\\b"),
                host(400, "http://a"),
                host(400, "a:"),
                host(400, "a:b"),
                host(400, "a:-1"),
                host(400, "a:0"),
                host(400, "a:65536"),
                host(400, "a:000080"),
                host(400, "a:80:80"),
                host(400, ":80"),
                host(400, "a%2eb"),
                host(400, "a..b"),
                host(400, ".a"),
                host(400, "[::1"),
                host(400, "::1"),
                host(400, "[::1]x"),
                host(400, "[::g]"),
                host(400, "[fe80::1%25eth0]"),
                host(400, "\u00e4.example"),
                host(400, "a;b"),
                host(400, "a".repeat(256)),
                // Target
                target(400, "http://b.example/", "absolute form that differs from Host"),
                target(400, "http://a.example:81/", "absolute form with another port"),
                target(400, "http://user@a.example/", "absolute form with user information"),
                target(400, "https://a.example/", "absolute form of another scheme than the connection's"),
                target(400, "http:///x", "absolute form without a host"),
                target(400, "http:/a.example/", "one slash"),
                target(400, "ftp://a.example/", "another scheme"),
                target(400, "x?u=://y", "neither form"),
                target(400, "a.example:80", "authority form"),
                target(400, "a.example", "a bare name"),
                target(400, "*", "asterisk for GET"),
                target(400, "*/", "asterisk and more"),
                target(400, "/a#b", "fragment"),
                target(400, "/a\u0000b", "NUL"),
                target(400, "/a\u00e9b", "high byte"),
                target(400, "/a\u007fb", "DEL"),
                target(400, "/a\tb", "tab"),
                target(400, "/a b", "space"),
                target(400, "", "nothing"),
                request(400, "CONNECT / HTTP/1.1\r\n" + HOST + "\r\n", "CONNECT with a path"),
                request(400, "CONNECT a.example HTTP/1.1\r\n" + HOST + "\r\n", "CONNECT without a port"),
                request(400, "CONNECT b.example:443 HTTP/1.1\r\n" + HOST + "\r\n", "CONNECT elsewhere"),
                request(
                        400,
                        "CONNECT a.example:80 HTTP/1.1\r\n" + HOST + "Content-Length: 3\r\n\r\nabc",
                        "CONNECT with content"),
                // Request line
                request(400, "GET  / HTTP/1.1\r\n" + HOST + "\r\n", "two spaces before the target"),
                request(400, "GET /  HTTP/1.1\r\n" + HOST + "\r\n", "two spaces behind the target"),
                request(400, "GET / HTTP/1.1 \r\n" + HOST + "\r\n", "space behind the version"),
                request(400, "GET\t/ HTTP/1.1\r\n" + HOST + "\r\n", "tab as separator"),
                request(400, "GET /\tHTTP/1.1\r\n" + HOST + "\r\n", "tab before the version"),
                request(400, " GET / HTTP/1.1\r\n" + HOST + "\r\n", "space before the method"),
                request(400, "G\u00cbT / HTTP/1.1\r\n" + HOST + "\r\n", "high byte in the method"),
                request(400, "G(T / HTTP/1.1\r\n" + HOST + "\r\n", "delimiter in the method"),
                request(400, "M".repeat(65) + " / HTTP/1.1\r\n" + HOST + "\r\n", "method too long"),
                request(400, "GET /\r\n", "HTTP/0.9"),
                request(400, "GET /\r\n" + HOST + "\r\n", "no version"),
                request(505, "GET / HTTP/1.2\r\n" + HOST + "\r\n", "HTTP/1.2"),
                request(505, "GET / HTTP/0.9\r\n" + HOST + "\r\n", "HTTP/0.9 by name"),
                request(505, "GET / HTTP/3.0\r\n" + HOST + "\r\n", "HTTP/3.0"),
                request(505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "the preface of HTTP/2"),
                request(400, "GET / HTTP/1.10\r\n" + HOST + "\r\n", "HTTP/1.10"),
                request(400, "GET / HTTP/1\r\n" + HOST + "\r\n", "HTTP/1"),
                request(400, "GET / http/1.1\r\n" + HOST + "\r\n", "small letters"),
                request(400, "GET / ICAP/1.1\r\n" + HOST + "\r\n", "another protocol"),
                request(400, "\r\n\r\nGET / HTTP/1.1\r\n" + HOST + "\r\n", "two empty lines before"),
                request(400, "\nGET / HTTP/1.1\r\n" + HOST + "\r\n", "a bare LF before"),
                request(400, "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003", "a TLS ClientHello"),
                // Limits and expectations
                target(414, "/" + "a".repeat(8 * 1024), "target over 8 KiB"),
                get(431, "X: " + "a".repeat(60 * 1024) + "\r\n", "headers over 60 KiB"),
                get(431, ("X: " + "a".repeat(1000) + "\r\n").repeat(62), "headers over 60 KiB together"),
                get(431, "X: a\r\n".repeat(100), "101 fields"),
                get(431, "X".repeat(300) + ": a\r\n", "name too long"),
                get(417, "Expect: 200-ok\r\n", "an unknown expectation"),
                post(
                        417,
                        "Expect: 100-continue, x\r\nContent-Length: 3\r\n",
                        "an unknown expectation beside a known one"),
                get(400, "Connection: " + "x,".repeat(40) + "\r\n", "too many connection options"),
                get(400, "Connection: upgrade\r\nUpgrade: web socket\r\n", "a protocol that is no token"));
    }

    @ParameterizedTest(name = "{2} is answered {1}")
    @MethodSource
    void refused(String bytes, int status, String what) {
        try (ServerHarness server = ServerHarness.echoing()) {
            server.send(bytes + "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n");

            assertThat(server.exchanges).as(what).isEmpty();
            assertThat(server.rejections).singleElement().asString().startsWith(status + " http1.");
            assertThat(server.output()).startsWith("HTTP/1.1 " + status + " ").contains("connection: close\r\n");
        }
    }

    @ParameterizedTest(name = "{2} is answered {1} when it comes byte by byte")
    @MethodSource("refused")
    void refusedByteByByte(String bytes, int status, String what) {
        try (ServerHarness server = ServerHarness.echoing()) {
            server.sendByteByByte(bytes);
            server.send("GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n");

            assertThat(server.exchanges).as(what).isEmpty();
            assertThat(server.rejections).singleElement().asString().startsWith(status + " http1.");
        }
    }

    private static Arguments request(int status, String bytes, String what) {
        return Arguments.of(bytes, status, what);
    }

    private static Arguments get(int status, String fields, String what) {
        return request(status, "GET / HTTP/1.1\r\n" + HOST + fields + "\r\n", what);
    }

    private static Arguments post(int status, String fields, String what) {
        return request(status, "POST / HTTP/1.1\r\n" + HOST + fields + "\r\n", what);
    }

    private static Arguments host(int status, String value) {
        return request(status, "GET / HTTP/1.1\r\nHost: " + value + "\r\n\r\n", "Host: " + value);
    }

    private static Arguments target(int status, String target, String what) {
        return request(status, "GET " + target + " HTTP/1.1\r\n" + HOST + "\r\n", what);
    }
}
