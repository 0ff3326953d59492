package io.sallyport.http.h2;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Exception.HeaderListSizeException;
import io.netty.handler.codec.http2.Http2Exception.StreamException;
import io.netty.handler.codec.http2.Http2RemoteFlowController;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import io.sallyport.http.HttpLimits;
import io.sallyport.http.StreamError;
import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// One HTTP/2 connection in a channel's pipeline: what both sides of the gateway do alike.
abstract class AbstractHttp2Connection extends Http2ConnectionHandler {
    /// How long a connection that said all it had to say waits for the peer to close it, so that what is still on its
    /// way from the peer does not make the kernel throw away what the peer has yet to read.
    static final long LINGER_MILLIS = 1_000;

    final HttpLimits limits;
    final GuardedFrameReader reader;
    final NanoClock clock;
    final StallWatch stalls = new StallWatch(this);
    final StreamNotices notices = new StreamNotices();
    final OutputFlush flushes = new OutputFlush(this);
    private final Http2Codec codec;
    private final Http2Connection.PropertyKey streamKey;
    private @Nullable ChannelHandlerContext context;
    private long readAt;

    AbstractHttp2Connection(Http2Codec codec, HttpLimits limits, LongSupplier nanoTime) {
        super(codec.decoder(), codec.encoder(), codec.settings(), true);
        this.codec = codec;
        this.limits = limits;
        reader = codec.reader();
        clock = new NanoClock(nanoTime);
        streamKey = connection().newKey();
        FrameDispatcher dispatcher = new FrameDispatcher(this);
        decoder().frameListener(dispatcher);
        connection().addListener(dispatcher.streamEvents());
        remoteFlow().listener(this::writabilityChanged);
    }

    final ChannelHandlerContext context() {
        return Objects.requireNonNull(context, "not in a pipeline");
    }

    public final Channel channel() {
        return context().channel();
    }

    final Http2RemoteFlowController remoteFlow() {
        return connection().remote().flowController();
    }

    final int maxOutboundFrame() {
        return encoder().configuration().frameSizePolicy().maxFrameSize();
    }

    /// Nanoseconds since the connection began.
    final long now() {
        return clock.now();
    }

    /// The time of the read that is being worked on.
    final long readAt() {
        return readAt;
    }

    final @Nullable AbstractHttp2Stream stream(@Nullable Http2Stream stream) {
        return stream == null ? null : stream.<AbstractHttp2Stream>getProperty(streamKey);
    }

    final void register(AbstractHttp2Stream stream) {
        stream.codecStream().setProperty(streamKey, stream);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) throws Exception {
        context = ctx;
        // Who sends no more can neither open windows nor acknowledge anything: its streams have come to nothing.
        ctx.channel().config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, false);
        stalls.start(ctx.executor());
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
        if (!notices.isReading()) {
            notices.readBegins();
            readAt = now();
            reader.refill(readAt);
        }
        super.channelRead(ctx, message);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) throws Exception {
        notices.readEnds();
        stalls.readCompleted(readAt);
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
        stalls.stop();
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

    // What streams write

    final void writeHeaders(Http2Stream stream, EncodedFields fields, boolean end) {
        encoder().writeHeaders(context(), stream.id(), fields, 0, end, context().newPromise());
    }

    final void writeReset(Http2Stream stream, Http2Error code) {
        encoder().writeRstStream(context(), stream.id(), code.code(), context().newPromise());
    }

    @Override
    public void flush(ChannelHandlerContext ctx) {
        flushes.done();
        super.flush(ctx);
    }

    final void returnBytes(Http2Stream stream, int bytes) {
        try {
            if (decoder().flowController().consumeBytes(stream, bytes) && !notices.isReading()) {
                context().flush();
            }
        } catch (Http2Exception e) {
            onError(context(), true, e);
        }
    }

    /// The peer may answer useful work with this many frames that carry nothing.
    final void earn(int frames) {
        reader.earn(frames);
    }

    /// What waits for the next flush and fits the peer's windows goes before the reset. The stream is closed at once,
    /// which discards what does not fit: nothing follows a reset on its stream, not even another one (RFC 9113,
    // 5.1).
    @Override
    public ChannelFuture resetStream(ChannelHandlerContext ctx, int streamId, long code, ChannelPromise promise) {
        Http2Stream stream = connection().stream(streamId);
        if (stream == null) {
            if (reader.hasReset(streamId)) {
                return promise.setSuccess();
            }
            reader.ignore(streamId);
            return super.resetStream(ctx, streamId, code, promise);
        }
        writeWaiting(stream);
        reader.ignore(streamId);
        ChannelFuture written = super.resetStream(ctx, streamId, code, promise);
        stream.close();
        return written;
    }

    /// Hands to the channel what the stream has written and fits the peer's windows, before the next flush does.
    final void writeWaiting(Http2Stream stream) {
        if (!remoteFlow().hasFlowControlled(stream)) {
            return;
        }
        try {
            remoteFlow().writePendingBytes();
        } catch (Http2Exception e) {
            onError(context(), true, e);
        }
    }

    @Override
    public void closeStreamLocal(Http2Stream codecStream, ChannelFuture future) {
        AbstractHttp2Stream stream = stream(codecStream);
        if (stream != null) {
            stream.output.endWritten();
        }
        super.closeStreamLocal(codecStream, future);
    }

    final void goAway(int lastStream, Http2Error error) {
        goAway(
                context(),
                lastStream,
                error.code(),
                Unpooled.EMPTY_BUFFER,
                context().newPromise());
    }

    /// Closes once the peer has had time to read what was written.
    final void linger() {
        ChannelHandlerContext ctx = context();
        ctx.flush();
        ctx.executor().schedule(() -> ctx.close(), LINGER_MILLIS, TimeUnit.MILLISECONDS);
    }

    // What streams are told

    /// The stream gets something in this read.
    final void touch(AbstractHttp2Stream stream) {
        notices.touch(stream);
    }

    /// Something was delivered, perhaps outside a read.
    final void delivered(AbstractHttp2Stream stream) {
        if (!notices.isReading()) {
            stream.deliverReadComplete();
        }
    }

    private void writabilityChanged(Http2Stream codecStream) {
        AbstractHttp2Stream stream = stream(codecStream);
        if (stream != null && remoteFlow().isWritable(codecStream)) {
            notices.becameWritable(stream, context().executor());
        }
    }

    // What the peer does

    abstract void receiveHeaders(Http2Stream codecStream, DecodedFields fields, boolean end);

    final int receiveData(Http2Stream codecStream, ByteBuf data, int padding, boolean end) {
        AbstractHttp2Stream stream = stream(codecStream);
        return stream == null ? data.readableBytes() + padding : stream.receiveData(data, padding, end);
    }

    void receiveReset(Http2Stream codecStream, long code) {
        AbstractHttp2Stream stream = stream(codecStream);
        if (stream != null) {
            stream.receiveReset(code);
        }
    }

    void receiveGoAway(int lastStream) {}

    void receiveSettings(Http2Settings settings) {}

    void receiveSettingsAck() {}

    void receivePingAck(long data) {}

    void streamClosed(Http2Stream codecStream) {
        AbstractHttp2Stream stream = stream(codecStream);
        if (stream != null) {
            stream.receiveClose();
        }
    }

    /// Why the codec closed a stream that was not at its end.
    StreamError closeReason(int streamId) {
        return StreamError.CONNECTION_CLOSED;
    }

    /// The peer broke the protocol on a stream; too many of these and the connection goes.
    void countViolation(Http2Error error) {}

    /// Ends the connection of a peer that does too much of something.
    final void calmDown(String what) {
        reader.stop();
        onError(context(), false, Http2Exception.connectionError(Http2Error.ENHANCE_YOUR_CALM, what));
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

    /// Acts on what is due, and returns when to look again.
    long checkDeadlines(long now) {
        return stalls.check(now);
    }

    /// Nanoseconds that a body may pause, or 0 for ever.
    abstract long bodyTimeout();

    /// Tells the peer that it took too long over a frame, and closes.
    final void closeStalled() {
        goAway(connection().remote().lastStreamCreated(), Http2Error.ENHANCE_YOUR_CALM);
        context().flush();
        context().close();
    }
}
