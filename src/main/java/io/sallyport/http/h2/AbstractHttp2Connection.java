package io.sallyport.http.h2;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Exception.HeaderListSizeException;
import io.netty.handler.codec.http2.Http2Exception.StreamException;
import io.netty.handler.codec.http2.Http2FrameAdapter;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.sallyport.http.HttpLimits;
import io.sallyport.http.StreamError;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// One HTTP/2 connection in a channel's pipeline: what both sides of the gateway do alike. Its streams do not know it:
/// they write by way of [Http2Transport].
abstract class AbstractHttp2Connection extends Http2ConnectionHandler {
    /// How long a connection that has sent everything waits for the peer to close it, so that what is still on its way
    /// from the peer does not make the kernel discard what the peer has yet to read.
    static final long LINGER_MILLIS = 1_000;

    final HttpLimits limits;
    final Http2Transport transport;
    final StreamNotices notices;
    private final StallWatch stalls;
    private final Http2Codec codec;
    /// For what the connection ends: mostly what the peer has sent, on whichever stream.
    private @Nullable Http2Error violation;

    /// @param bodyTimeout nanoseconds that a body from the peer may pause, or 0 for ever
    AbstractHttp2Connection(Http2Codec codec, HttpLimits limits, long bodyTimeout, LongSupplier nanoTime) {
        super(codec.decoder(), codec.encoder(), codec.settings(), true);
        this.codec = codec;
        this.limits = limits;
        transport = new Http2Transport(this, codec.reader(), limits, bodyTimeout, nanoTime, this::countViolation);
        notices = new StreamNotices(transport);
        stalls = new StallWatch(transport, connection());
        decoder().frameListener(new Dispatcher());
        connection().addListener(new Http2ConnectionAdapter() {
            @Override
            public void onStreamClosed(Http2Stream stream) {
                streamClosed(stream);
            }
        });
        connection().remote().flowController().listener(this::writabilityChanged);
    }

    final ChannelHandlerContext context() {
        return transport.context();
    }

    public final Channel channel() {
        return context().channel();
    }

    final @Nullable AbstractHttp2Stream stream(@Nullable Http2Stream stream) {
        return stream == null ? null : stream.<AbstractHttp2Stream>getProperty(transport.streamKey);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) throws Exception {
        transport.attach(ctx);
        transport.timeouts.start(ctx.executor(), this::checkDeadlines);
        super.handlerAdded(ctx);
        if (ctx.channel().isActive()) {
            opened(ctx);
        }
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) throws Exception {
        super.channelActive(ctx);
        opened(ctx);
    }

    /// The connection preface is written.
    void opened(ChannelHandlerContext ctx) throws Http2Exception {
        codec.openWindow(ctx);
        ctx.flush();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
        transport.beginRead();
        super.channelRead(ctx, message);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) throws Exception {
        notices.endRead();
        stalls.readCompleted();
        super.channelReadComplete(ctx);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) throws Exception {
        super.channelWritabilityChanged(ctx);
        stalls.writabilityChanged();
        notices.deliverWritable();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) throws Exception {
        transport.timeouts.stop();
        super.channelInactive(ctx);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) throws Exception {
        if (cause instanceof IOException) {
            ctx.close();
            return;
        }
        onError(ctx, false, cause);
    }

    /// An engine that has read the peer's close_notify may encrypt nothing more, and drops what is written without a
    /// promise in silence.
    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
        super.userEventTriggered(ctx, event);
        SslHandler tls =
                event instanceof SslCloseCompletionEvent ? ctx.pipeline().get(SslHandler.class) : null;
        if (tls != null && tls.engine().isOutboundDone()) {
            ctx.close();
        }
    }

    @Override
    public void flush(ChannelHandlerContext ctx) {
        transport.flushed();
        super.flush(ctx);
    }

    /// What waits for the next flush and fits the peer's windows goes before the reset. The stream is closed at
    /// once, which discards what does not fit: nothing follows a reset on its stream, not even another one (RFC
    /// 9113, 5.1).
    @Override
    public ChannelFuture resetStream(ChannelHandlerContext ctx, int streamId, long code, ChannelPromise promise) {
        Http2Stream stream = connection().stream(streamId);
        if (stream == null) {
            if (transport.reader.hasReset(streamId)) {
                return promise.setSuccess();
            }
            transport.reader.ignore(streamId);
            return super.resetStream(ctx, streamId, code, promise);
        }
        transport.writeWaiting(stream);
        transport.reader.ignore(streamId);
        ChannelFuture written = super.resetStream(ctx, streamId, code, promise);
        stream.close();
        return written;
    }

    @Override
    public void closeStreamLocal(Http2Stream codecStream, ChannelFuture future) {
        AbstractHttp2Stream stream = stream(codecStream);
        if (stream != null) {
            stream.output.endWritten();
        }
        super.closeStreamLocal(codecStream, future);
    }

    /// Closes once the peer has had time to read what was written.
    final void linger() {
        ChannelHandlerContext ctx = context();
        ctx.flush();
        ctx.executor().schedule(() -> ctx.close(), LINGER_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void writabilityChanged(Http2Stream codecStream) {
        AbstractHttp2Stream stream = stream(codecStream);
        if (stream != null && transport.isWritable(codecStream)) {
            notices.becameWritable(stream);
        }
    }

    // What the peer does

    abstract void receiveHeaders(Http2Stream codecStream, DecodedFields fields, boolean end);

    void receiveReset(Http2Stream codecStream, long code) {
        AbstractHttp2Stream stream = stream(codecStream);
        if (stream != null) {
            stream.receiveReset(code);
        }
    }

    void receiveGoAway() {}

    void receiveSettings(Http2Settings settings) {}

    void receiveSettingsAck() {}

    void receivePingAck(long data) {}

    void streamClosed(Http2Stream codecStream) {
        AbstractHttp2Stream stream = stream(codecStream);
        if (stream != null) {
            stream.interrupt(
                    closeReason(codecStream.id()),
                    violation == null ? "http2.connection_closed" : "http2." + ErrorCodes.name(violation.code()));
        }
    }

    /// Why the codec closed a stream that was not at its end.
    StreamError closeReason(int streamId) {
        return StreamError.CONNECTION_CLOSED;
    }

    /// The peer broke the protocol on a stream; too many of these and the connection is closed.
    void countViolation(Http2Error error) {}

    /// Ends the connection of a peer that does too much of something.
    final void calmDown(String what) {
        transport.reader.stop();
        onError(context(), false, Http2Exception.connectionError(Http2Error.ENHANCE_YOUR_CALM, what));
    }

    /// An error of the gateway's own comes without an HTTP/2 exception.
    @Override
    protected void onConnectionError(
            ChannelHandlerContext ctx, boolean outbound, Throwable cause, @Nullable Http2Exception error) {
        if (error != null && error.error() != Http2Error.INTERNAL_ERROR) {
            violation = error.error();
        }
        super.onConnectionError(ctx, outbound, cause, error);
    }

    @Override
    protected void onStreamError(ChannelHandlerContext ctx, boolean outbound, Throwable cause, StreamException error) {
        AbstractHttp2Stream stream = stream(connection().stream(error.streamId()));
        if (stream != null) {
            boolean tooLarge = outbound && error instanceof HeaderListSizeException;
            stream.interrupt(
                    tooLarge ? StreamError.HEAD_REFUSED : StreamError.PROTOCOL_ERROR,
                    tooLarge
                            ? "http2.head_refused"
                            : "http2." + ErrorCodes.name(error.error().code()));
        }
        super.onStreamError(ctx, outbound, cause, error);
        if (!outbound) {
            countViolation(error.error());
        }
    }

    /// Acts on what is due.
    ///
    /// @return when to look again
    long checkDeadlines(long now) {
        return stalls.check(now);
    }

    /// Closes the connection of a peer that took too long, with GOAWAY.
    final void closeStalled() {
        stalls.closeConnection();
    }

    /// Receives frames from the codec, which has checked the state of their streams.
    private final class Dispatcher extends Http2FrameAdapter {
        @Override
        public void onHeadersRead(
                ChannelHandlerContext ctx, int id, Http2Headers headers, int padding, boolean endOfStream) {
            receiveHeaders(connection().stream(id), (DecodedFields) headers, endOfStream);
        }

        @Override
        public void onHeadersRead(
                ChannelHandlerContext ctx,
                int id,
                Http2Headers headers,
                int dependency,
                short weight,
                boolean exclusive,
                int padding,
                boolean endOfStream) {
            onHeadersRead(ctx, id, headers, padding, endOfStream);
        }

        @Override
        public int onDataRead(ChannelHandlerContext ctx, int id, ByteBuf data, int padding, boolean endOfStream) {
            AbstractHttp2Stream stream = stream(connection().stream(id));
            return stream == null ? data.readableBytes() + padding : stream.receiveData(data, padding, endOfStream);
        }

        @Override
        public void onRstStreamRead(ChannelHandlerContext ctx, int id, long errorCode) {
            receiveReset(connection().stream(id), errorCode);
        }

        @Override
        public void onSettingsRead(ChannelHandlerContext ctx, Http2Settings settings) {
            receiveSettings(settings);
        }

        @Override
        public void onSettingsAckRead(ChannelHandlerContext ctx) {
            receiveSettingsAck();
        }

        @Override
        public void onPingAckRead(ChannelHandlerContext ctx, long data) {
            receivePingAck(data);
        }

        @Override
        public void onGoAwayRead(ChannelHandlerContext ctx, int lastStreamId, long errorCode, ByteBuf debugData) {
            receiveGoAway();
        }
    }
}
