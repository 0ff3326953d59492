package io.sallyport.http.h2;

import io.netty.util.AsciiString;
import io.sallyport.http.HeaderNames;
import io.sallyport.http.Headers;
import io.sallyport.http.HopByHop;

/// The few fields with a meaning for the framing of a message.
enum FieldKind {
    ORDINARY,
    /// Belongs to one HTTP/1.1 connection and makes an HTTP/2 message malformed (RFC 9113, 8.2.2).
    CONNECTION,
    /// Between a client and its proxy: see [HopByHop#isProxyAuthentication].
    PROXY_AUTHENTICATION,
    TE,
    HOST,
    CONTENT_LENGTH,
    EXPECT,
    COOKIE;

    private static final AsciiString TRAILERS = AsciiString.cached("trailers");

    /// Distinguished by length first: of most names, no byte is read.
    static FieldKind of(AsciiString name) {
        return switch (name.length()) {
            case 2 -> name.equals(HeaderNames.TE) ? TE : ORDINARY;
            case 4 -> name.equals(HeaderNames.HOST) ? HOST : ORDINARY;
            case 6 -> name.equals(HeaderNames.COOKIE) ? COOKIE : name.equals(HeaderNames.EXPECT) ? EXPECT : ORDINARY;
            case 14 -> name.equals(HeaderNames.CONTENT_LENGTH) ? CONTENT_LENGTH : ORDINARY;
            case 18, 19, 25 -> HopByHop.isProxyAuthentication(name) ? PROXY_AUTHENTICATION : ORDINARY;
            default -> HopByHop.isHopByHop(name) ? CONNECTION : ORDINARY;
        };
    }

    /// Whether a field may be written into an HTTP/2 message as it is. The host travels as `:authority`, an expectation
    /// as [io.sallyport.http.RequestHead#expectsContinue].
    static boolean isSendable(Headers fields, int index) {
        return switch (of(fields.name(index))) {
            case CONNECTION, HOST, EXPECT -> false;
            case TE -> fields.value(index).contentEqualsIgnoreCase(TRAILERS);
            default -> true;
        };
    }
}
