package io.sallyport.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.sallyport.tunnel.RequestLine.Result;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// `_` stands for a blank, `~` for a tab, `r` and `n` after `^` for line ends.
class RequestLineTest {
    @ParameterizedTest
    @CsvSource({
        "GET_/_HTTP/1.1^r^n,        REQUEST",
        "GET_/_HTTP/,               REQUEST",
        "GET_/_http/1.0^n,          REQUEST",
        "PURGE_/x_HTTP/1.1^r^n,     REQUEST",
        "PRI_*_HTTP/2.0^r^n,        REQUEST",
        "get_/_HTTP/1.1^r^n,        REQUEST",
        "GET~/~HTTP/1.1^r^n,        REQUEST",
        "GET__/a_b__HTTP/1.1^r^n,   REQUEST",
        "^r^n^r^nGET_/_HTTP/1.1^n,  REQUEST",
        "_GET_/_HTTP/1.1^n,         REQUEST",
        "GET_/admin^r^n,            REQUEST",
        "POST_/_FOO/1.1^r^n,        REQUEST",
        "GET_/admin,                NEED_MORE",
        "GE,                        NEED_MORE",
        "^r^n,                      NEED_MORE",
        "PURGE_/x_HTTP,             NEED_MORE",
        "EHLO_client.example^r^n,   OTHER",
        "EHLO_client,               NEED_MORE",
        "USER_anonymous^r^n,        OTHER",
        "CONNECT_{x:_1}^r^n,        OTHER",
        "OPTIONS_rtsp://h_RTSP/1.0^r^n, OTHER",
        "PING^r^n,                  OTHER",
        "GET^r^n,                   OTHER",
        "*1^r^n,                    OTHER",
        "{a:_1},                    OTHER",
        "SSH-2.0-x^r^n,             OTHER",
        "abcdefghijklmnopqrstuvwxyzabcdefg_, OTHER"
    })
    void tellsARequestFromOtherLines(String text, Result result) {
        byte[] bytes = text.replace('_', ' ')
                .replace('~', '\t')
                .replace("^r", "\r")
                .replace("^n", "\n")
                .getBytes(StandardCharsets.ISO_8859_1);
        RequestLine whole = new RequestLine();
        whole.read(Unpooled.wrappedBuffer(bytes));
        assertThat(whole.result()).isEqualTo(result);
        RequestLine inPieces = new RequestLine();
        for (byte octet : bytes) {
            inPieces.read(Unpooled.wrappedBuffer(new byte[] {octet}));
        }
        assertThat(inPieces.result()).isEqualTo(result);
    }

    @ParameterizedTest
    @CsvSource({"GET_/admin, REQUEST", "GE, OTHER", "EHLO_x, OTHER"})
    void anEndEndsTheLine(String text, Result result) {
        RequestLine line = new RequestLine();
        line.read(Unpooled.copiedBuffer(text.replace('_', ' '), StandardCharsets.US_ASCII));
        assertThat(line.end()).isEqualTo(result);
    }

    @ParameterizedTest
    @CsvSource({"^n, 1024, NEED_MORE", "^n, 1025, BLANK", "x, 33, OTHER"})
    void isBounded(String text, int times, Result result) {
        RequestLine line = new RequestLine();
        line.read(Unpooled.copiedBuffer(text.replace("^n", "\n").repeat(times), StandardCharsets.US_ASCII));
        assertThat(line.result()).isEqualTo(result);
    }

    @ParameterizedTest
    @CsvSource({"8000, NEED_MORE", "9000, REQUEST"})
    void aLineThatDoesNotEndIsLeftToTheRequests(int times, Result result) {
        RequestLine line = new RequestLine();
        line.read(Unpooled.copiedBuffer("AUTH " + "x".repeat(times), StandardCharsets.US_ASCII));
        assertThat(line.result()).isEqualTo(result);
    }
}
