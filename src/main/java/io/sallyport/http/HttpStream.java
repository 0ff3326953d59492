package io.sallyport.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;

/// One request and its response on one connection, seen from the side that writes.
///
/// Every call is made on [#eventLoop()]. Writes are queued until [#flush()], so that what arrived with one read
/// leaves in one system call. After the end was written, or after [#reset], further writes release their data and
/// do nothing.
public interface HttpStream {
    EventLoop eventLoop();

    /// Writes a part of the body and takes over the buffer. `end` ends the message; an empty buffer is allowed.
    void writeData(ByteBuf data, boolean end);

    /// Ends the message with trailer fields (dropped for a receiver that cannot take them: HTTP/1.0).
    void writeTrailers(Headers trailers);

    void flush();

    /// Ends the exchange at once, both ways. On HTTP/1.1 this closes the connection, so that a cut response is seen as
    /// cut; on HTTP/2 it sends RST_STREAM. The stream's listener is not notified any more.
    void reset(StreamError error);

    /// False while the peer, or the network to it, does not keep up. [StreamListener#onWritable()] reports the change.
    /// Writing more than a little after that makes memory grow.
    boolean isWritable();

    /// Asks the peer to send no more of the body: the socket is not read (HTTP/1.1), the window is not refilled
    /// (HTTP/2). What was on its way still arrives, at most one read or one window.
    void pauseReading();

    void resumeReading();
}
