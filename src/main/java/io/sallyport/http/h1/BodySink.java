package io.sallyport.http.h1;

import io.netty.buffer.ByteBuf;
import io.sallyport.http.Headers;

/// Takes the content that a [BodyDecoder] cuts out of a connection's bytes.
interface BodySink {
    /// Takes over the buffer. `end` with the last one, unless trailers follow.
    void onBody(ByteBuf data, boolean end);

    /// Ends the message.
    void onBodyTrailers(Headers trailers);
}
