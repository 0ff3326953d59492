package io.sallyport.http.h2;

import static io.netty.handler.codec.http2.Http2Error.ENHANCE_YOUR_CALM;
import static io.netty.handler.codec.http2.Http2Exception.connectionError;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http2.DecoratingHttp2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2LifecycleManager;
import org.jspecify.annotations.Nullable;

/// Bounds what a peer can make the encoder keep: answers that it provokes but does not read (acknowledgements of
/// SETTINGS and PING, and RST_STREAM). The table of HPACK, for which a peer may ask any size, is [HpackEncoder]'s.
final class BoundedControlEncoder extends DecoratingHttp2ConnectionEncoder {
    /// Frames that may wait for the socket.
    static final int MAX_WAITING = 1_000;

    private final ChannelFutureListener written = _ -> written();
    private @Nullable Http2LifecycleManager lifecycle;
    private int waiting;
    private boolean exceeded;

    BoundedControlEncoder(Http2ConnectionEncoder delegate) {
        super(delegate);
    }

    @Override
    public void lifecycleManager(Http2LifecycleManager lifecycleManager) {
        lifecycle = lifecycleManager;
        super.lifecycleManager(lifecycleManager);
    }

    @Override
    public ChannelFuture writeSettingsAck(ChannelHandlerContext ctx, ChannelPromise promise) {
        return admit(ctx) ? super.writeSettingsAck(ctx, count(promise)) : promise;
    }

    @Override
    public ChannelFuture writePing(ChannelHandlerContext ctx, boolean ack, long data, ChannelPromise promise) {
        if (!ack) {
            return super.writePing(ctx, false, data, promise);
        }
        return admit(ctx) ? super.writePing(ctx, true, data, count(promise)) : promise;
    }

    @Override
    public ChannelFuture writeRstStream(ChannelHandlerContext ctx, int streamId, long error, ChannelPromise promise) {
        return admit(ctx) ? super.writeRstStream(ctx, streamId, error, count(promise)) : promise;
    }

    private boolean admit(ChannelHandlerContext ctx) {
        if (exceeded) {
            return false;
        }
        if (waiting == MAX_WAITING) {
            ctx.flush();
        }
        if (waiting < MAX_WAITING) {
            return true;
        }
        exceeded = true;
        if (lifecycle != null) {
            lifecycle.onError(ctx, true, connectionError(ENHANCE_YOUR_CALM, "Answers pile up unread"));
        }
        // GOAWAY would wait behind what the peer does not read.
        ctx.close();
        return false;
    }

    private ChannelPromise count(ChannelPromise promise) {
        waiting++;
        return promise.unvoid().addListener(written);
    }

    private void written() {
        waiting--;
    }
}
