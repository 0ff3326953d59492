package io.sallyport.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.SslHandler;
import org.jspecify.annotations.Nullable;

/// Stands before a TLS handler whose engine can write nothing any more once it has read the client's close_notify
/// (RFC 8446, 6.1), as BoringSSL's binding does: while an answer is owed, that record is held back. Everything else
/// passes at once, so that an alert answers what is broken.
///
/// TLS 1.3 hides which record it is, and it often comes in one piece with the request; so the last record is looked at
/// by itself if it has a close_notify's size. Whatever arrives after it shows that it was not one. Before
/// TLS 1.3 an alert says that it is one.
public final class InputGate extends ChannelInboundHandlerAdapter {
    private static final String TLS_1_3 = "TLSv1.3";
    private static final int HEADER = 5;
    /// Where a record's header has its length.
    private static final int LENGTH = 3;
    private static final int ALERT = 21;
    private static final int APPLICATION_DATA = 23;
    private static final int ALERT_BYTES = 2;
    /// With one byte of content type, 16 of authentication tag.
    private static final int HIDDEN_ALERT = ALERT_BYTES + 17;
    /// With the padding of the JDK's records.
    private static final int PADDED_ALERT = HIDDEN_ALERT + 16;
    /// In TLS 1.2: with a block cipher, its vector, a tag of SHA-384 and padding.
    private static final int LONGEST_ALERT = 96;

    /// What the gate is for.
    public interface Owner {
        /// A record has arrived, behind everything else, that may be the client's end. Whether it is held back until
        /// [InputGate#open()].
        ///
        /// @param content bytes that it may carry instead, or 0 if it is an alert without doubt
        boolean holds(int content);

        /// Hands to the engine what was written: once the engine has read the end, it takes nothing more.
        void sendWritten();

        /// A record that may be the client's end has arrived and is held back.
        void onEndHeld();
    }

    private @Nullable Owner owner;
    private @Nullable ChannelHandlerContext ctx;
    /// The beginning of a record, or all of one that may be the client's end.
    private @Nullable ByteBuf held;
    /// A whole record is held.
    private boolean holdsEnd;
    /// It is an alert without doubt.
    private boolean certain;
    /// Of a record that has begun to go through.
    private int bytesLeft;

    /// From now on. To be called on the event loop.
    public void guard(Owner newOwner) {
        owner = newOwner;
    }

    public boolean isHoldingEnd() {
        return holdsEnd;
    }

    /// Whether what is held is an alert without doubt.
    public boolean isCertain() {
        return certain;
    }

    /// Lets the end through. To be called on the event loop.
    public void open() {
        ByteBuf record = held;
        if (record != null && holdsEnd && ctx != null) {
            forget();
            pass(ctx, record);
            ctx.fireChannelReadComplete();
        }
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        ctx = added;
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext removed) {
        ByteBuf rest = held;
        forget();
        if (rest != null) {
            removed.fireChannelRead(rest);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext inactive) {
        if (held != null) {
            held.release();
            forget();
        }
        inactive.fireChannelInactive();
    }

    private void forget() {
        held = null;
        holdsEnd = false;
        certain = false;
    }

    @Override
    public void channelRead(ChannelHandlerContext from, Object message) {
        ByteBuf in = (ByteBuf) message;
        if (held != null) {
            in = ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(from.alloc(), held, in);
            forget();
        }
        int last = lastRecord(in);
        if (last < 0) {
            from.fireChannelRead(in);
            return;
        }
        if (last > in.readerIndex()) {
            from.fireChannelRead(in.readRetainedSlice(last - in.readerIndex()));
        }
        boolean whole = in.readableBytes() >= HEADER
                && in.readableBytes() == HEADER + in.getUnsignedShort(in.readerIndex() + LENGTH);
        if (whole) {
            decide(from, in);
        } else {
            held = in;
        }
    }

    private void decide(ChannelHandlerContext from, ByteBuf record) {
        Owner waiting = owner;
        int content = content(record);
        if (waiting == null || (content > 0 && !hidesAlerts(from)) || !waiting.holds(content)) {
            pass(from, record);
            return;
        }
        held = record;
        holdsEnd = true;
        certain = content == 0;
        waiting.onEndHeld();
    }

    private static boolean hidesAlerts(ChannelHandlerContext at) {
        SslHandler tls = at.pipeline().get(SslHandler.class);
        return tls == null || tls.engine().getSession().getProtocol().equals(TLS_1_3);
    }

    private static int content(ByteBuf record) {
        int overhead = HIDDEN_ALERT - ALERT_BYTES;
        return record.getUnsignedByte(record.readerIndex()) == ALERT ? 0 : record.readableBytes() - HEADER - overhead;
    }

    /// Lets through what may be the client's end.
    private void pass(ChannelHandlerContext to, ByteBuf record) {
        if (owner != null) {
            owner.sendWritten();
        }
        to.fireChannelRead(record);
    }

    /// Follows the records, in however many pieces they come.
    ///
    /// @return where the last record begins, complete or not, if it may be a close_notify; else -1
    private int lastRecord(ByteBuf in) {
        int end = in.writerIndex();
        int at = in.readerIndex() + Math.min(bytesLeft, in.readableBytes());
        bytesLeft -= at - in.readerIndex();
        while (at < end) {
            if (end - at < HEADER) {
                return at;
            }
            int length = in.getUnsignedShort(at + LENGTH);
            int next = at + HEADER + length;
            if (next >= end && isLikeAnEnd(in.getUnsignedByte(at), length)) {
                return at;
            }
            bytesLeft = Math.max(0, next - end);
            at = next;
        }
        return -1;
    }

    /// An alert of two bytes is not encrypted, and so not the client's end.
    private static boolean isLikeAnEnd(int type, int length) {
        return type == ALERT
                ? length > 2 && length <= LONGEST_ALERT
                : type == APPLICATION_DATA && (length == HIDDEN_ALERT || length == PADDED_ALERT);
    }
}
