package io.sallyport.http.h1;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelOutputShutdownEvent;
import io.netty.channel.socket.ChannelOutputShutdownException;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.sallyport.http.HttpLimits;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// What both ends of HTTP/1.1 connections share: feeding bytes to a state machine, holding back what it cannot take
/// yet, and gathering what it writes until the socket has been read.
abstract class Http1Connection extends ChannelInboundHandlerAdapter implements ConnectionTimer.Owner, BodySink {
    private static final Logger LOG = Logger.getLogger(Http1Connection.class);

    private final HttpLimits limits;

    @SuppressWarnings("NullAway.Init") // from handlerAdded on
    private ChannelHandlerContext ctx;

    @SuppressWarnings("NullAway.Init")
    private OutputBatch output;

    @SuppressWarnings("NullAway.Init")
    private ConnectionTimer timer;

    /// Arrived, and not to be looked at yet; the socket is not read while there is any.
    private @Nullable ByteBuf pending;

    /// Being looked at.
    private @Nullable ByteBuf input;

    private boolean autoRead = true;
    private boolean consuming;
    private boolean reading;
    private boolean flushWanted;
    private boolean open;
    private boolean gone;
    /// TLS has reported the peer's end, which it does once, when only this side had ended.
    private boolean endReportedEarly;

    Http1Connection(HttpLimits limits) {
        this.limits = limits;
    }

    /// It has its place in the pipeline.
    void onAdded() {}

    /// The channel is open.
    abstract void onOpen();

    /// Takes one step with what arrived; false if nothing more can be done with it now.
    abstract boolean advance(ByteBuf in);

    /// What [#advance] left is still wanted; else it is dropped.
    abstract boolean keepsSurplus();

    /// Content is not to be read now.
    abstract boolean isReadingPaused();

    abstract void onMalformed(MalformedMessage malformed);

    /// All that arrived has been looked at.
    abstract void onConsumed();

    abstract void onReadBatchEnd();

    /// What is wanted of the peer may have changed.
    void onReadingUpdated() {}

    /// The peer sends nothing more. `clean` is false on a TLS connection that ended without saying so (RFC 9112, 9.8).
    abstract void onInputEnd(boolean clean);

    abstract void onWritable();

    /// Nothing more can be written: the peer does not accept it, or this side has ended its output.
    void onOutputEnd() {}

    /// Whether writing has failed while the peer may still send: failed writes are then no reason to close.
    boolean isOutputBroken() {
        return false;
    }

    /// Something of ours failed.
    abstract void onFailure(Throwable cause);

    abstract void onGone();

    final HttpLimits limits() {
        return limits;
    }

    final ChannelHandlerContext ctx() {
        return ctx;
    }

    public final Channel channel() {
        return ctx.channel();
    }

    final OutputBatch output() {
        return output;
    }

    final ConnectionTimer timer() {
        return timer;
    }

    /// There is more behind what was looked at.
    final boolean hasPending() {
        return pending != null || (input != null && input.isReadable());
    }

    final boolean isConsuming() {
        return consuming;
    }

    /// Sends what was written, once the read under way has been worked off and the event loop's round ends.
    final void flush() {
        if (reading) {
            flushWanted = true;
        } else {
            output.flushSoon();
        }
    }

    /// Looks again at what was held back, in a turn of its own: the caller may be in the middle of something.
    final void resumeSoon() {
        if (pending != null && !consuming) {
            ctx.executor().execute(this::resume);
        }
    }

    final void dropPending() {
        if (pending != null) {
            pending.release();
            pending = null;
        }
    }

    final void updateReading() {
        boolean wanted = pending == null && !isReadingPaused();
        if (wanted != autoRead && !gone) {
            autoRead = wanted;
            ctx.channel().config().setAutoRead(wanted);
        }
        onReadingUpdated();
    }

    /// Sends what was written, now, whatever is under way.
    public final void sendWritten() {
        flushWanted = false;
        output.flush();
    }

    private void consume(ByteBuf arrived) {
        ByteBuf in = arrived;
        if (pending != null) {
            in = ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(ctx.alloc(), pending, arrived);
            pending = null;
        }
        input = in;
        consuming = true;
        try {
            try {
                while (advance(in)) {
                    // Each step sees what the one before has left.
                }
            } catch (MalformedMessage malformed) {
                onMalformed(malformed);
            }
        } finally {
            input = null;
            consuming = false;
            if (in.isReadable() && keepsSurplus()) {
                pending = in;
            } else {
                in.release();
            }
        }
        onConsumed();
        updateReading();
    }

    private void resume() {
        ByteBuf in = pending;
        if (in != null && !gone) {
            pending = null;
            reading = true;
            try {
                consume(in);
            } catch (RuntimeException e) {
                exceptionCaught(ctx, e);
            }
            channelReadComplete(ctx);
        }
    }

    /// Whether it is in its pipeline.
    final boolean isAdded() {
        return ctx != null;
    }

    @Override
    public final void handlerAdded(ChannelHandlerContext added) {
        ctx = added;
        output = new OutputBatch(added);
        timer = new ConnectionTimer(added.channel(), limits, this);
        ChannelClosing.allowHalfClosure(added.channel());
        onAdded();
        if (added.channel().isActive()) {
            open();
        }
    }

    @Override
    public final void handlerRemoved(ChannelHandlerContext removed) {
        goAway();
    }

    @Override
    public final void channelActive(ChannelHandlerContext active) {
        open();
        active.fireChannelActive();
    }

    @Override
    public final void channelRead(ChannelHandlerContext from, Object message) {
        reading = true;
        consume((ByteBuf) message);
    }

    @Override
    public final void channelReadComplete(ChannelHandlerContext from) {
        reading = false;
        onReadBatchEnd();
        if (flushWanted) {
            flushWanted = false;
            output.flushSoon();
        }
        if (endReportedEarly && ChannelClosing.isEndOfInput(from.channel(), SslCloseCompletionEvent.SUCCESS)) {
            endReportedEarly = false;
            onInputEnd(true);
        }
    }

    @Override
    public final void channelWritabilityChanged(ChannelHandlerContext from) {
        if (from.channel().isWritable()) {
            onWritable();
        }
    }

    @Override
    public final void userEventTriggered(ChannelHandlerContext from, Object event) {
        if (event instanceof SslCloseCompletionEvent closed) {
            endReportedEarly = closed.isSuccess() && !ChannelClosing.isEndOfInput(from.channel(), event);
            if (!endReportedEarly) {
                onInputEnd(closed.isSuccess());
            }
        } else if (event instanceof ChannelInputShutdownEvent) {
            onInputEnd(from.pipeline().get(SslHandler.class) == null);
        } else if (event instanceof ChannelOutputShutdownEvent) {
            onOutputEnd();
        } else {
            from.fireUserEventTriggered(event);
        }
    }

    @Override
    public final void channelInactive(ChannelHandlerContext from) {
        goAway();
        from.fireChannelInactive();
    }

    @Override
    public final void exceptionCaught(ChannelHandlerContext from, Throwable cause) {
        if (cause instanceof ChannelOutputShutdownException) {
            onOutputEnd();
        }
        if (isOutputBroken()
                && (cause instanceof ChannelOutputShutdownException || cause instanceof ClosedChannelException)) {
            return;
        }
        output.run();
        if (!(cause instanceof IOException) && !(cause instanceof DecoderException)) {
            LOG.error("An HTTP/1.1 connection failed", cause);
            onFailure(cause);
        }
        from.close();
    }

    /// An accepted channel is active before its handlers are added.
    private void open() {
        if (!open) {
            open = true;
            timer.start();
            onOpen();
        }
    }

    private void goAway() {
        if (!gone) {
            gone = true;
            timer.stop();
            dropPending();
            try {
                onGone();
            } finally {
                output.release();
            }
        }
    }
}
