package io.sallyport.http.h2;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.util.AsciiString;
import io.sallyport.http.Headers;

/// Trailer fields as they are passed on: without those that would change the meaning of the message whose end they are
/// (RFC 9110, 6.5.1).
final class Trailers {
    private static final AsciiString[] DROPPED = {
        HttpHeaderNames.CONTENT_LENGTH, HttpHeaderNames.TE, HttpHeaderNames.EXPECT, HttpHeaderNames.TRAILER
    };

    private Trailers() {}

    static Headers of(DecodedFields fields) {
        fields.joinCookies();
        for (AsciiString name : DROPPED) {
            fields.fields.remove(name);
        }
        return fields.fields;
    }
}
