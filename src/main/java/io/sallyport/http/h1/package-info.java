/// HTTP/1.1 (RFC 9112) on both sides of the gateway: a codec that is strict by construction, straight on Netty
/// channels.
///
/// Bytes to events: [HeadBlock] holds a message's head, [HeadParser] and [FieldParser] read it,
/// [RequestFraming] and [MessageFields] decide what it means for the connection, [BodyDecoder] cuts the content out of
/// what follows. Events to bytes: [HeadWriter], [BodyEncoder], [OutputBatch]. The two connections,
/// [Http1ServerConnection] and [Http1ClientConnection], carry one exchange at a time and decide whether another may
/// follow.
///
/// Whatever two implementations could read differently is refused, never repaired: that is what keeps a request from
/// hiding another one.
@NullMarked
package io.sallyport.http.h1;

import org.jspecify.annotations.NullMarked;
