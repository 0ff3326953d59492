package io.sallyport.http.h2;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Flags;
import io.netty.handler.codec.http2.Http2FrameTypes;
import io.netty.handler.codec.http2.Http2RemoteFlowController.FlowControlled;
import org.jspecify.annotations.Nullable;

/// A part of a body that waits for the peer's window, and becomes DATA frames as the window allows.
final class DataPart implements FlowControlled {
    private static final int HEADER_BYTES = 9;

    /// Payloads up to this are copied behind their frame's header: cheaper than a buffer of the channel's own for each.
    private static final int INLINE = 512;

    /// Parts below this are put together while they wait: neither their objects nor the buffers that they are slices of
    /// shall outweigh them.
    private static final int SMALL = 1024;

    private static final int MERGED = 4 * SMALL;

    private final OutboundBody body;
    private ByteBuf data;
    private boolean end;
    private boolean owned;
    private @Nullable ChannelFuture written;

    DataPart(OutboundBody body, ByteBuf data, boolean end) {
        this.body = body;
        this.data = data;
        this.end = end;
    }

    @Override
    public int size() {
        return data.readableBytes();
    }

    @Override
    public void write(ChannelHandlerContext ctx, int allowed) {
        int maxFrame = body.maxFrameSize();
        int left = Math.min(allowed, data.readableBytes());
        do {
            int length = Math.min(left, maxFrame);
            left -= length;
            boolean last = length == data.readableBytes();
            writeFrame(ctx, length, last);
            body.wrote(length, last);
        } while (left > 0);
    }

    private void writeFrame(ChannelHandlerContext ctx, int length, boolean last) {
        boolean closing = last && end;
        boolean inline = length <= INLINE;
        ByteBuf frame = ctx.alloc().buffer(inline ? HEADER_BYTES + length : HEADER_BYTES);
        frame.writeMedium(length);
        frame.writeByte(Http2FrameTypes.DATA);
        frame.writeByte(closing ? Http2Flags.END_STREAM : 0);
        frame.writeInt(body.streamId());
        if (inline) {
            frame.writeBytes(data, length);
            if (last) {
                data.release();
            }
        } else {
            ctx.write(frame, ctx.voidPromise());
            frame = last ? data : data.readRetainedSlice(length);
        }
        if (last) {
            data = Unpooled.EMPTY_BUFFER;
        }
        if (closing) {
            written = ctx.write(frame);
        } else {
            ctx.write(frame, ctx.voidPromise());
        }
    }

    @Override
    public void writeComplete() {
        if (written != null) {
            body.wroteEnd(written);
        }
    }

    @Override
    public void error(ChannelHandlerContext ctx, Throwable cause) {
        data.release();
    }

    @Override
    public boolean merge(ChannelHandlerContext ctx, FlowControlled next) {
        if (end || !(next instanceof DataPart more)) {
            return false;
        }
        int added = more.data.readableBytes();
        if (added > SMALL || data.readableBytes() > MERGED - SMALL || (!owned && data.readableBytes() > SMALL)) {
            return false;
        }
        if (owned && data.writableBytes() < added) {
            return false;
        }
        if (!owned) {
            ByteBuf merged = ctx.alloc().buffer(MERGED);
            merged.writeBytes(data);
            data.release();
            data = merged;
            owned = true;
        }
        data.writeBytes(more.data);
        more.data.release();
        end = more.end;
        return true;
    }
}
