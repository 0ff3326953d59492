package io.sallyport.call;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sallyport.http.Headers;
import io.sallyport.http.Methods;

/// A request of the gateway's own.
///
/// @param authority the value of `host`
/// @param path with its query
/// @param headers without fields that frame a message or belong to a connection; content-length is written from the
/// body
/// @param body the call takes it over; empty for none
public record HttpQuestion(String method, String authority, String path, Headers headers, ByteBuf body) {
    public static HttpQuestion get(String authority, String path) {
        return new HttpQuestion(Methods.GET, authority, path, new Headers(), Unpooled.EMPTY_BUFFER);
    }
}
