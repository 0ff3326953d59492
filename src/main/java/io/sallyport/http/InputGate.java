package io.sallyport.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.ByteToMessageDecoder;
import org.jspecify.annotations.Nullable;

/// Stands before a TLS handler whose engine can write nothing any more once it has read the client's end, as
/// BoringSSL's binding does: while an answer is owed, what else the client sends is kept back, its close_notify
/// (RFC 8446, 6.1) among it. TLS 1.3 hides which record that is, and it often comes in one piece with the
/// request; so the last record is looked at by itself where it has a close_notify's size.
public final class InputGate extends ChannelInboundHandlerAdapter {
    private static final int HEADER = 5;
    private static final int ALERT = 21;
    private static final int APPLICATION_DATA = 23;
    /// Two bytes of alert, one of content type, 16 of authentication tag.
    private static final int HIDDEN_ALERT = 19;
    /// With some padding: the JDK's records have 16 bytes of it.
    private static final int MOST_HIDDEN_ALERT = HIDDEN_ALERT + 32;
    /// Then the socket is left alone.
    private static final int MOST_HELD = 64 * 1024;

    /// What the gate is for.
    public interface Owner {
        /// It has a request, all of it, and has not answered yet.
        boolean owesAnswer();
    }

    private @Nullable Owner owner;
    private @Nullable ChannelHandlerContext ctx;
    private @Nullable ByteBuf held;
    private boolean paused;

    /// Of the record whose end has not come yet.
    private int bytesLeft;

    private int headerSeen;
    private int headerLength;

    /// From now on. To be called on the event loop.
    public void guard(Owner newOwner) {
        owner = newOwner;
    }

    public boolean isHolding() {
        return held != null;
    }

    /// Lets through what is kept, if it is wanted by now. To be called on the event loop.
    public void open() {
        ByteBuf all = held;
        if (all == null || ctx == null || owesAnswer()) {
            return;
        }
        held = null;
        ctx.fireChannelRead(all);
        ctx.fireChannelReadComplete();
        if (paused) {
            paused = false;
            ctx.channel().config().setAutoRead(true);
        }
    }

    private boolean owesAnswer() {
        return owner != null && owner.owesAnswer();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        ctx = added;
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext removed) {
        drop();
    }

    @Override
    public void channelInactive(ChannelHandlerContext inactive) {
        drop();
        inactive.fireChannelInactive();
    }

    private void drop() {
        if (held != null) {
            held.release();
            held = null;
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext from, Object message) {
        ByteBuf in = (ByteBuf) message;
        int last = possibleEnd(in);
        if (held != null || owesAnswer()) {
            hold(from, in);
            return;
        }
        if (last > in.readerIndex()) {
            from.fireChannelRead(in.readRetainedSlice(last - in.readerIndex()));
            if (owesAnswer()) {
                hold(from, in);
                return;
            }
        }
        from.fireChannelRead(in);
    }

    private void hold(ChannelHandlerContext from, ByteBuf in) {
        held = held == null ? in : ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(from.alloc(), held, in);
        if (held.readableBytes() > MOST_HELD && !paused) {
            paused = true;
            from.channel().config().setAutoRead(false);
        }
    }

    /// Follows the records, in however many pieces they come.
    ///
    /// @return where the record begins that ends with these bytes and may be a close_notify; -1 for none
    private int possibleEnd(ByteBuf in) {
        int at = in.readerIndex();
        int end = in.writerIndex();
        while (at < end) {
            if (bytesLeft > 0) {
                int step = Math.min(bytesLeft, end - at);
                bytesLeft -= step;
                at += step;
                continue;
            }
            if (headerSeen == 0 && end - at >= HEADER) {
                int type = in.getUnsignedByte(at);
                int length = in.getUnsignedShort(at + 3);
                boolean alike = type == ALERT
                        || (type == APPLICATION_DATA && length >= HIDDEN_ALERT && length <= MOST_HIDDEN_ALERT);
                if (alike && at + HEADER + length == end) {
                    return at;
                }
                bytesLeft = length;
                at += HEADER;
            } else {
                readHeaderByte(in.getUnsignedByte(at++));
            }
        }
        return -1;
    }

    private void readHeaderByte(int value) {
        headerSeen++;
        if (headerSeen > 3) {
            headerLength = (headerLength << 8) | value;
        }
        if (headerSeen == HEADER) {
            bytesLeft = headerLength;
            headerSeen = 0;
            headerLength = 0;
        }
    }
}
