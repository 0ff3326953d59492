package io.sallyport.http.h2;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.util.AsciiString;

/// The few fields that mean something to the framing of a message.
enum FieldKind {
    ORDINARY,
    /// Belongs to one HTTP/1.1 connection and makes an HTTP/2 message malformed (RFC 9113, 8.2.2).
    CONNECTION,
    TE,
    HOST,
    CONTENT_LENGTH,
    EXPECT,
    COOKIE;

    private static final AsciiString KEEP_ALIVE = AsciiString.cached("keep-alive");
    private static final AsciiString PROXY_CONNECTION = AsciiString.cached("proxy-connection");

    /// Told apart by length first: of most names, no byte is looked at.
    static FieldKind of(AsciiString name) {
        return switch (name.length()) {
            case 2 -> name.equals(HttpHeaderNames.TE) ? TE : ORDINARY;
            case 4 -> name.equals(HttpHeaderNames.HOST) ? HOST : ORDINARY;
            case 6 ->
                name.equals(HttpHeaderNames.COOKIE) ? COOKIE : name.equals(HttpHeaderNames.EXPECT) ? EXPECT : ORDINARY;
            case 7 -> name.equals(HttpHeaderNames.UPGRADE) ? CONNECTION : ORDINARY;
            case 10 -> name.equals(HttpHeaderNames.CONNECTION) || name.equals(KEEP_ALIVE) ? CONNECTION : ORDINARY;
            case 14 -> name.equals(HttpHeaderNames.CONTENT_LENGTH) ? CONTENT_LENGTH : ORDINARY;
            case 16 -> name.equals(PROXY_CONNECTION) ? CONNECTION : ORDINARY;
            case 17 -> name.equals(HttpHeaderNames.TRANSFER_ENCODING) ? CONNECTION : ORDINARY;
            default -> ORDINARY;
        };
    }

    /// Whether a field may be written into an HTTP/2 message; the host travels as `:authority`.
    static boolean isSendable(AsciiString name, AsciiString value) {
        return switch (of(name)) {
            case CONNECTION, HOST -> false;
            case TE -> value.contentEqualsIgnoreCase(HttpHeaderValues.TRAILERS);
            default -> true;
        };
    }
}
