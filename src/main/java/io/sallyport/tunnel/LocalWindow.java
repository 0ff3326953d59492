package io.sallyport.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import org.jspecify.annotations.Nullable;

/// Back-pressure for one end of a connection within the process. A local channel hands bytes to its peer however many
/// wait there; this makes it unwritable while the peer has not read what was written, as a socket would be.
final class LocalWindow extends ChannelDuplexHandler {
    /// Bytes, as the water marks of a socket.
    private static final int HIGH = 64 * 1024;

    private static final int LOW = 32 * 1024;
    /// Which of the channel's user-defined flags of writability is ours.
    private static final int FLAG = 1;

    private @Nullable LocalWindow peer;
    private @Nullable ChannelHandlerContext context;
    private int unread;
    private boolean full;

    private LocalWindow() {}

    /// The handlers for both ends, to be first in their pipelines; both ends belong to one event loop.
    static LocalWindow[] pair() {
        LocalWindow[] ends = {new LocalWindow(), new LocalWindow()};
        ends[0].peer = ends[1];
        ends[1].peer = ends[0];
        return ends;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        context = added;
    }

    @Override
    public void write(ChannelHandlerContext writing, Object message, ChannelPromise promise) {
        if (message instanceof ByteBuf bytes) {
            unread += bytes.readableBytes();
            judge();
        }
        writing.write(message, promise);
    }

    @Override
    public void channelRead(ChannelHandlerContext reading, Object message) {
        if (message instanceof ByteBuf bytes && peer != null) {
            peer.taken(bytes.readableBytes());
        }
        reading.fireChannelRead(message);
    }

    private void taken(int bytes) {
        unread -= bytes;
        judge();
    }

    private void judge() {
        boolean now = unread > (full ? LOW : HIGH);
        if (now != full) {
            full = now;
            ChannelOutboundBuffer buffer =
                    context == null ? null : context.channel().unsafe().outboundBuffer();
            if (buffer != null) {
                buffer.setUserDefinedWritability(FLAG, !full);
            }
        }
    }
}
