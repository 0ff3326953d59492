/// HTTP/2 (RFC 9113) on both sides of the gateway: frames, header blocks, flow control and limits.
///
/// Netty's codec keeps the state of streams, HPACK and windows; one handler a connection turns its events into the
/// calls of [io.sallyport.http.StreamListener] and back, without a child channel for each stream. Two things are
/// stricter than in the codec: every header block is checked field by field while it is decoded, and every frame is
/// counted against what a peer that behaves would send.
///
/// Calls go downwards: a connection ([Http2ServerConnection], [Http2ClientConnection]) makes streams, a stream
/// writes by way of the [Http2Transport] that all streams of the connection share, and that one knows Netty's
/// handler alone.
@NullMarked
package io.sallyport.http.h2;

import org.jspecify.annotations.NullMarked;
