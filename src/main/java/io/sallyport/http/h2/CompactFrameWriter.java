package io.sallyport.http.h2;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http2.DefaultHttp2FrameWriter;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Flags;
import io.netty.handler.codec.http2.Http2FrameTypes;
import io.netty.handler.codec.http2.Http2Headers;

/// Writes a HEADERS frame as one buffer, its header block encoded in place behind the frame's own header. Where
/// the stream goes on, the promise is left alone: nobody waits for such a frame, and a write that fails is
/// reported to the connection's handler, which closes.
final class CompactFrameWriter extends DefaultHttp2FrameWriter {
    private static final int HEADER_BYTES = 9;
    private static final int USUAL_BYTES = 256;

    private final HpackEncoder encoder;

    CompactFrameWriter(HpackEncoder encoder) {
        super(encoder);
        this.encoder = encoder;
    }

    @Override
    public ChannelFuture writeHeaders(
            ChannelHandlerContext ctx,
            int streamId,
            Http2Headers headers,
            int padding,
            boolean endStream,
            ChannelPromise promise) {
        ByteBuf frame = ctx.alloc().buffer(USUAL_BYTES);
        frame.writerIndex(HEADER_BYTES);
        try {
            encoder.encodeHeaders(streamId, headers, frame);
        } catch (Http2Exception | RuntimeException e) {
            frame.release();
            return endStream ? promise.setFailure(e) : ctx.newFailedFuture(e);
        }
        int flags = endStream ? Http2Flags.END_STREAM : 0;
        ChannelPromise sent = endStream ? promise : ctx.voidPromise();
        int length = frame.readableBytes() - HEADER_BYTES;
        if (length > maxFrameSize()) {
            split(ctx, streamId, frame, flags, sent);
        } else {
            putHeader(frame, length, Http2FrameTypes.HEADERS, flags | Http2Flags.END_HEADERS, streamId);
            ctx.write(frame, sent);
        }
        return endStream ? promise : ctx.newSucceededFuture();
    }

    /// The rest of a block over the peer's largest frame follows in CONTINUATION frames (RFC 9113, 6.10).
    private void split(ChannelHandlerContext ctx, int streamId, ByteBuf block, int flags, ChannelPromise sent) {
        int most = maxFrameSize();
        putHeader(block, most, Http2FrameTypes.HEADERS, flags, streamId);
        ctx.write(block.readRetainedSlice(HEADER_BYTES + most), ctx.voidPromise());
        while (block.readableBytes() > most) {
            ctx.write(continuation(ctx, streamId, most, 0), ctx.voidPromise());
            ctx.write(block.readRetainedSlice(most), ctx.voidPromise());
        }
        ctx.write(continuation(ctx, streamId, block.readableBytes(), Http2Flags.END_HEADERS), ctx.voidPromise());
        ctx.write(block, sent);
    }

    private static ByteBuf continuation(ChannelHandlerContext ctx, int streamId, int length, int flags) {
        ByteBuf header = ctx.alloc().buffer(HEADER_BYTES);
        header.writerIndex(HEADER_BYTES);
        putHeader(header, length, Http2FrameTypes.CONTINUATION, flags, streamId);
        return header;
    }

    private static void putHeader(ByteBuf out, int length, int type, int flags, int streamId) {
        out.setMedium(0, length).setByte(3, type).setByte(4, flags).setInt(5, streamId);
    }
}
