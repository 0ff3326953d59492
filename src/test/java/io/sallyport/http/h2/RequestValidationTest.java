package io.sallyport.http.h2;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http2.Http2Error;
import io.sallyport.http.RequestHead;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Malformed requests are reset, the receiver is told why, and the next request on the connection is served.
class RequestValidationTest {

    /// A request as names and values, changed by `with` (replaces the field of that name, or adds it) and `without`.
    private static List<String> request() {
        return new ArrayList<>(Arrays.asList(Frames.request("GET", "/")));
    }

    private static String[] with(String name, String value) {
        List<String> fields = request();
        for (int i = 0; i < fields.size(); i += 2) {
            if (fields.get(i).equals(name)) {
                fields.set(i + 1, value);
                return fields.toArray(String[]::new);
            }
        }
        fields.add(name);
        fields.add(value);
        return fields.toArray(String[]::new);
    }

    private static String[] without(String name, String... more) {
        List<String> fields = request();
        int index = fields.indexOf(name);
        fields.subList(index, index + 2).clear();
        fields.addAll(List.of(more));
        return fields.toArray(String[]::new);
    }

    private static String[] plus(String... more) {
        List<String> fields = request();
        fields.addAll(List.of(more));
        return fields.toArray(String[]::new);
    }

    static Stream<Arguments> malformed() {
        return Stream.of(
                Arguments.of("http2.missing_method", without(":method")),
                Arguments.of("http2.bad_method", with(":method", "G ET")),
                Arguments.of("http2.bad_method", with(":method", "GET\r\nX: y")),
                Arguments.of("http2.bad_method", with(":method", "")),
                Arguments.of("http2.bad_method", with(":method", "G\u00c9T")),
                Arguments.of("http2.missing_scheme", without(":scheme")),
                Arguments.of("http2.bad_scheme", with(":scheme", "ftp")),
                Arguments.of("http2.bad_scheme", with(":scheme", "http://evil/?")),
                Arguments.of("http2.bad_scheme", with(":scheme", "")),
                Arguments.of("http2.missing_path", without(":path")),
                Arguments.of("http2.bad_path", with(":path", "")),
                Arguments.of("http2.bad_path", with(":path", "a")),
                Arguments.of("http2.bad_path", with(":path", "*")),
                Arguments.of("http2.bad_path", with(":path", "http://b.example/")),
                Arguments.of("http2.bad_path", with(":path", "/a b")),
                Arguments.of("http2.bad_path", with(":path", "/a\tb")),
                Arguments.of("http2.bad_path", with(":path", "/a\r\nX: y")),
                Arguments.of("http2.bad_path", with(":path", "/a\u0000")),
                Arguments.of("http2.bad_path", with(":path", "/a#b")),
                Arguments.of("http2.bad_path", with(":path", "/\u00e4")),
                Arguments.of("http2.bad_path", with(":path", "/a HTTP/1.1\r\nHost: b")),
                Arguments.of("http2.missing_authority", without(":authority")),
                Arguments.of("http2.bad_authority", with(":authority", "")),
                Arguments.of("http2.bad_authority", with(":authority", "user@a.example")),
                Arguments.of("http2.bad_authority", with(":authority", "user:pass@a.example")),
                Arguments.of("http2.bad_authority", with(":authority", "a.example,b.example")),
                Arguments.of("http2.bad_authority", with(":authority", "a.example/x")),
                Arguments.of("http2.bad_authority", with(":authority", "a.example:")),
                Arguments.of("http2.bad_authority", with(":authority", "a.example:99999")),
                Arguments.of("http2.bad_authority", with(":authority", "a.example:8a")),
                Arguments.of("http2.bad_authority", with(":authority", ":80")),
                Arguments.of("http2.bad_authority", with(":authority", "[::1")),
                Arguments.of("http2.bad_authority", with(":authority", "[::1]x")),
                Arguments.of("http2.bad_authority", with(":authority", "[::g]")),
                Arguments.of("http2.bad_authority", with(":authority", "a b")),
                Arguments.of("http2.bad_authority", with(":authority", "a\r\nb")),
                Arguments.of("http2.bad_authority", without(":authority", "host", "user@a.example")),
                Arguments.of("http2.authority_differs_from_host", plus("host", "b.example")),
                Arguments.of("http2.authority_differs_from_host", plus("host", "a.example:81")),
                Arguments.of("http2.two_hosts", plus("host", "a.example", "host", "a.example")),
                Arguments.of("http2.two_hosts", without(":authority", "host", "a", "host", "b")),
                Arguments.of("http2.repeated_pseudo_header", plusPseudo(":method", "GET")),
                Arguments.of("http2.repeated_pseudo_header", plusPseudo(":path", "/")),
                Arguments.of("http2.repeated_pseudo_header", plusPseudo(":scheme", "http")),
                Arguments.of("http2.repeated_pseudo_header", plusPseudo(":authority", "a.example")),
                Arguments.of("http2.unknown_pseudo_header", plusPseudo(":foo", "x")),
                Arguments.of("http2.unknown_pseudo_header", plusPseudo(":", "x")),
                Arguments.of("http2.response_pseudo_header", plusPseudo(":status", "200")),
                Arguments.of("http2.protocol_without_connect", plusPseudo(":protocol", "websocket")),
                Arguments.of("http2.late_pseudo_header", without(":path", "a", "b", ":path", "/")),
                Arguments.of("http2.connection_header", plus("connection", "close")),
                Arguments.of("http2.connection_header", plus("keep-alive", "timeout=5")),
                Arguments.of("http2.connection_header", plus("proxy-connection", "close")),
                Arguments.of("http2.connection_header", plus("transfer-encoding", "chunked")),
                Arguments.of("http2.connection_header", plus("upgrade", "websocket")),
                Arguments.of("http2.bad_te", plus("te", "gzip")),
                Arguments.of("http2.bad_te", plus("te", "trailers, gzip")),
                Arguments.of("http2.bad_header_name", plus("Accept", "x")),
                Arguments.of("http2.bad_header_name", plus("", "x")),
                Arguments.of("http2.bad_header_name", plus("x_y", "z")),
                Arguments.of("http2.two_expects", plus("expect", "100-continue", "expect", "100-continue")),
                Arguments.of("http2.bad_header_name", plus("a b", "x")),
                Arguments.of("http2.bad_header_name", plus("a:b", "x")),
                Arguments.of("http2.bad_header_name", plus("a\r\nb", "x")),
                Arguments.of("http2.bad_header_name", plus("\u00e4", "x")),
                Arguments.of("http2.bad_header_value", plus("a", "x\r\ny")),
                Arguments.of("http2.bad_header_value", plus("a", "0123456789\n0123456789")),
                Arguments.of("http2.bad_header_value", plus("a", "x\u0000")),
                Arguments.of("http2.bad_header_value", plus("a", "01234567\u007f")),
                Arguments.of("http2.bad_header_value", plus("a", " x")),
                Arguments.of("http2.bad_header_value", plus("a", "x\t")),
                Arguments.of("http2.bad_content_length", plus("content-length", "")),
                Arguments.of("http2.bad_content_length", plus("content-length", "-1")),
                Arguments.of("http2.bad_content_length", plus("content-length", "+0")),
                Arguments.of("http2.bad_content_length", plus("content-length", "0x0")),
                Arguments.of("http2.bad_content_length", plus("content-length", "0, 0")),
                Arguments.of("http2.bad_content_length", plus("content-length", "9223372036854775808")),
                Arguments.of("http2.two_content_lengths", plus("content-length", "0", "content-length", "0")),
                Arguments.of("http2.content_length_mismatch", plus("content-length", "5")),
                Arguments.of("http2.bad_connect", with(":method", "CONNECT")),
                Arguments.of("http2.bad_connect", new String[] {":method", "CONNECT", ":authority", "a.example"}),
                Arguments.of("http2.bad_connect", new String[] {":method", "CONNECT", "host", "a.example:443"}),
                Arguments.of("http2.bad_connect", connect(":authority", "a.example:443", ":path", "/")),
                Arguments.of("http2.bad_connect", connect(":authority", "a.example:443", ":path", "")),
                Arguments.of("http2.bad_connect", connect(":authority", "a.example:443", ":scheme", "https")),
                Arguments.of("http2.bad_connect", connect(":authority", "a.example:")),
                Arguments.of("http2.bad_connect", connect(":authority", "a.example:0")),
                Arguments.of("http2.bad_connect", connect(":authority", ":443")),
                Arguments.of("http2.bad_connect", connect(":authority", "u@a.example:443")),
                Arguments.of("http2.bad_connect", connect(":authority", "https://a.example:443")),
                Arguments.of("http2.connect_with_content", connect(":authority", "a:443", "content-length", "5")),
                Arguments.of("http2.authority_differs_from_host", connect(":authority", "a:443", "host", "a:444")),
                Arguments.of("http2.authority_differs_from_host", connect(":authority", "a:443", "host", "a")),
                Arguments.of("http2.missing_scheme", connect(":authority", "a:443", ":protocol", "websocket")),
                Arguments.of("http2.missing_scheme", extended(":scheme", null)),
                Arguments.of("http2.bad_scheme", extended(":scheme", "ftp")),
                Arguments.of("http2.bad_scheme", extended(":scheme", "wss")),
                Arguments.of("http2.missing_path", extended(":path", null)),
                Arguments.of("http2.bad_path", extended(":path", "")),
                Arguments.of("http2.bad_path", extended(":path", "*")),
                Arguments.of("http2.bad_path", extended(":path", "chat")),
                Arguments.of("http2.bad_path", extended(":path", "/a b")),
                Arguments.of("http2.missing_authority", extended(":authority", null)),
                Arguments.of("http2.bad_authority", extended(":authority", "")),
                Arguments.of("http2.bad_authority", extended(":authority", "u@a.example")),
                Arguments.of("http2.bad_protocol", extended(":protocol", "")),
                Arguments.of("http2.bad_protocol", extended(":protocol", " ")),
                Arguments.of("http2.bad_protocol", extended(":protocol", " websocket")),
                Arguments.of("http2.bad_protocol", extended(":protocol", "websocket ")),
                Arguments.of("http2.bad_protocol", extended(":protocol", "web socket")),
                Arguments.of("http2.bad_protocol", extended(":protocol", "websocket,h2c")),
                Arguments.of("http2.bad_protocol", extended(":protocol", "websocket/13")),
                Arguments.of("http2.bad_protocol", extended(":protocol", "websocket\r\nX: y")),
                Arguments.of("http2.bad_protocol", extended(":protocol", "\u00a0websocket")),
                Arguments.of("http2.protocol_without_connect", extended(":method", "GET")),
                Arguments.of("http2.protocol_without_connect", extended(":method", "connect")),
                Arguments.of("http2.protocol_without_connect", extended(":method", "POST")),
                Arguments.of("http2.repeated_pseudo_header", extended("", "", ":protocol", "websocket")),
                Arguments.of("http2.repeated_pseudo_header", extended("", "", ":path", "/")),
                Arguments.of("http2.unknown_pseudo_header", extended("", "", ":Protocol", "websocket")),
                Arguments.of("http2.response_pseudo_header", extended("", "", ":status", "200")),
                Arguments.of(
                        "http2.late_pseudo_header", extended(":protocol", null, "a", "b", ":protocol", "websocket")),
                Arguments.of("http2.connection_header", extended("", "", "connection", "upgrade")),
                Arguments.of("http2.connection_header", extended("", "", "upgrade", "websocket")),
                Arguments.of("http2.connection_header", extended("", "", "transfer-encoding", "chunked")),
                Arguments.of("http2.connection_header", extended("", "", "keep-alive", "timeout=5")),
                Arguments.of("http2.bad_te", extended("", "", "te", "gzip")),
                Arguments.of("http2.two_hosts", extended("", "", "host", "a.example", "host", "a.example")),
                Arguments.of("http2.authority_differs_from_host", extended("", "", "host", "b.example")),
                Arguments.of("http2.connect_with_content", extended("", "", "content-length", "5")),
                Arguments.of("http2.bad_content_length", extended("", "", "content-length", "-1")));
    }

    private static String[] connect(String... more) {
        List<String> fields = new ArrayList<>(List.of(":method", "CONNECT"));
        fields.addAll(List.of(more));
        return fields.toArray(String[]::new);
    }

    /// An extended CONNECT, with that field replaced, or removed where the value is null, and others behind it.
    private static String[] extended(String name, String value, String... more) {
        List<String> fields = new ArrayList<>(List.of(
                ":method",
                "CONNECT",
                ":protocol",
                "websocket",
                ":scheme",
                "http",
                ":path",
                "/chat",
                ":authority",
                "a.example"));
        int at = fields.indexOf(name);
        if (value == null) {
            fields.subList(at, at + 2).clear();
        } else if (!name.isEmpty()) {
            fields.set(at + 1, value);
        }
        fields.addAll(List.of(more));
        return fields.toArray(String[]::new);
    }

    private static String[] plusPseudo(String name, String value) {
        List<String> fields = request();
        fields.add(name);
        fields.add(value);
        return fields.toArray(String[]::new);
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("malformed")
    void malformedRequestIsReset(String reason, String[] fields) {
        RecordingReceiver receiver = new RecordingReceiver();
        try (TestPeer peer = TestPeer.client(receiver)) {
            peer.send(Frames.headers(1, true, fields));

            assertThat(receiver.rejections).containsExactly("400 " + reason);
            assertThat(receiver.exchanges).isEmpty();
            assertThat(peer.sentText()).containsExactly("1 RST_STREAM " + Http2Error.PROTOCOL_ERROR.code());

            peer.send(Frames.get(3, "/next"));
            assertThat(receiver.only().head.path).isEqualTo("/next");
        }
    }

    static Stream<Arguments> wellFormed() {
        return Stream.of(
                Arguments.of("a.example", "/", without(":authority", "host", "a.example")),
                Arguments.of("a.example", "/", plus("host", "A.example")),
                Arguments.of("a.example:8080", "/", with(":authority", "a.example:8080")),
                Arguments.of("[::1]", "/", with(":authority", "[::1]")),
                Arguments.of("[2001:db8::1]:443", "/", with(":authority", "[2001:db8::1]:443")),
                Arguments.of("a.example", "/", with(":scheme", "https")),
                Arguments.of("a.example", "/", with(":method", "M-SEARCH")),
                Arguments.of("a.example", "/a%20b?c=d&e={f}|\"", with(":path", "/a%20b?c=d&e={f}|\"")),
                Arguments.of("a.example", "//x", with(":path", "//x")),
                Arguments.of("a.example", "/", plus("host", "a.example:80")),
                Arguments.of("a.example", "/", plus("te", "trailers")),
                Arguments.of("a.example", "/", plus("x-empty", "")),
                Arguments.of("a.example", "/", plus("x", "a\tb c\u00e4")),
                Arguments.of("a.example", "/", plus("content-length", "0")),
                Arguments.of("a.example", "*", new String[] {
                    ":method", "OPTIONS", ":scheme", "http", ":path", "*", ":authority", "a.example"
                }),
                Arguments.of("a.example:443", "", new String[] {":method", "CONNECT", ":authority", "a.example:443"}));
    }

    @ParameterizedTest(name = "{0}{1} {2}")
    @MethodSource("wellFormed")
    void wellFormedRequestIsReceived(String authority, String path, String[] fields) {
        RecordingReceiver receiver = new RecordingReceiver();
        try (TestPeer peer = TestPeer.client(receiver)) {
            peer.send(Frames.headers(1, true, fields));

            RequestHead head = receiver.only().head;
            assertThat(head.authority).isEqualTo(authority);
            assertThat(head.path).isEqualTo(path);
            assertThat(head.scheme).isEqualTo("http");
            assertThat(head.contentLength).isZero();
            assertThat(head.headers.toString()).doesNotContain("host:").doesNotContain(":path");
            assertThat(receiver.only().end).isTrue();
        }
    }

    @Test
    void cookieCrumbsAreJoined() {
        RecordingReceiver receiver = new RecordingReceiver();
        try (TestPeer peer = TestPeer.client(receiver)) {
            peer.send(Frames.headers(1, true, plus("cookie", "a=1", "x", "y", "cookie", "b=2", "cookie", "c=3")));

            assertThat(receiver.only().head.headers.toString()).isEqualTo("cookie: a=1; b=2; c=3\nx: y\n");
        }
    }

    @Test
    void bodyWithoutLengthIsUnknown() {
        RecordingReceiver receiver = new RecordingReceiver();
        try (TestPeer peer = TestPeer.client(receiver)) {
            peer.send(Frames.post(1, "/"), Frames.data(1, "abc", false), Frames.data(1, "def", true));

            assertThat(receiver.only().head.contentLength).isEqualTo(RequestHead.UNKNOWN_LENGTH);
            assertThat(receiver.only().body).hasToString("abcdef");
            assertThat(receiver.only().events).containsExactly("end", "read complete");
        }
    }

    @Test
    void expectationIsUnderstood() {
        RecordingReceiver receiver = new RecordingReceiver();
        try (TestPeer peer = TestPeer.client(receiver)) {
            peer.send(Frames.post(1, "/", "expect", "100-Continue"), Frames.post(3, "/", "expect", "200-ok"));

            assertThat(receiver.only().head.expectsContinue).isTrue();
            assertThat(receiver.rejections).containsExactly("417 http2.unknown_expectation");
            assertThat(peer.sentText()).startsWith("3 HEADERS :status=417 END");
        }
    }
}
