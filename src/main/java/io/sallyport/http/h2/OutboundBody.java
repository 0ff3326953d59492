package io.sallyport.http.h2;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.handler.codec.http2.Http2Stream;

/// The body that is written to one stream: parts of it wait in the codec's flow controller for the peer's window.
final class OutboundBody {
    private static final int CONTROL_FRAMES_PER_DATA = 4;

    /// Of a DATA frame that the peer's window made smaller than it could be: a peer that reads some hundred bytes at a
    /// time, and says so for the stream and the connection, is a usual one; one that reads single bytes is not.
    private static final int BYTES_PER_CONTROL_FRAME = 64;

    private final Http2Transport transport;
    private final Http2Stream stream;
    private boolean ended;
    private boolean endWritten;
    private long progressAt;

    OutboundBody(Http2Transport transport, Http2Stream stream) {
        this.transport = transport;
        this.stream = stream;
    }

    /// The message's end was written, though it may still wait for the window.
    boolean hasEnded() {
        return ended;
    }

    void end() {
        ended = true;
    }

    int streamId() {
        return stream.id();
    }

    int maxFrameSize() {
        return transport.maxFrameSize();
    }

    boolean isWritable() {
        return transport.isWritable(stream);
    }

    void write(ByteBuf data, boolean end) {
        if (!isWaiting()) {
            progressAt = transport.now();
            transport.awaitOutput();
        }
        transport.writeData(stream, new DataPart(this, data, end));
    }

    /// A DATA frame was handed to the channel.
    ///
    /// @param whole the frame ended with its part of the body, not with the peer's window
    void wrote(int length, boolean whole) {
        progressAt = transport.now();
        transport.earn(
                whole ? CONTROL_FRAMES_PER_DATA : Math.min(CONTROL_FRAMES_PER_DATA, length / BYTES_PER_CONTROL_FRAME));
    }

    /// A DATA frame that ends the message was handed to the channel.
    void wroteEnd(ChannelFuture written) {
        transport.wroteEnd(stream, written);
    }

    /// The frame that ends the message, of whatever type, was handed to the channel.
    void endWritten() {
        endWritten = true;
    }

    boolean isEndWritten() {
        return endWritten;
    }

    /// Something waits for the peer's window.
    boolean isWaiting() {
        return transport.isWaiting(stream);
    }

    /// When something was last written, in nanoseconds since the connection began.
    long progressAt() {
        return progressAt;
    }
}
