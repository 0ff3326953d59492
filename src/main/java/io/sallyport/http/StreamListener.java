package io.sallyport.http;

import io.netty.buffer.ByteBuf;

/// What arrives for one stream after its head; called on the stream's event loop.
public interface StreamListener {
    /// A part of the body; the listener takes over the buffer. `end` is true with the last one.
    void onData(ByteBuf data, boolean end);

    /// The message ended with trailer fields, already free of framing and hop-by-hop names.
    void onTrailers(Headers trailers);

    /// The exchange was cut by the peer, the network, a time-out or a violation of the protocol. Nothing follows.
    ///
    /// On the downstream side of HTTP/1.1 a response that was not begun may still be written before this returns,
    /// where the error is about the request's body: PROTOCOL_ERROR (400), BODY_TOO_LARGE (413), HEAD_TOO_LARGE (its
    /// trailers; 431) and TIMEOUT (408). Where the listener does not, the connection answers so itself.
    void onReset(StreamError error, String details);

    /// [HttpStream#isWritable()] became true again.
    void onWritable();

    /// What arrived with one read of the socket has been delivered: the time to flush what was written because of
    /// it. Also called once for a read with the end of the exchange.
    void onReadComplete();
}
