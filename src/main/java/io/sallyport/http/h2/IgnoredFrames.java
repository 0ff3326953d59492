package io.sallyport.http.h2;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameAdapter;

/// Takes the frames of streams that were reset: what counts for the connection is still counted.
final class IgnoredFrames extends Http2FrameAdapter {
    private final Http2Connection connection;

    IgnoredFrames(Http2Connection connection) {
        this.connection = connection;
    }

    @Override
    public int onDataRead(ChannelHandlerContext ctx, int id, ByteBuf data, int padding, boolean endOfStream)
            throws Http2Exception {
        connection.local().flowController().receiveFlowControlledFrame(null, data, padding, endOfStream);
        return data.readableBytes() + padding;
    }
}
