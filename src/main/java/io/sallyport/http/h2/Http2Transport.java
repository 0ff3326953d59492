package io.sallyport.http.h2;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2RemoteFlowController;
import io.netty.handler.codec.http2.Http2Stream;
import io.sallyport.http.HttpLimits;
import io.sallyport.http.RoundEnd;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// What the streams of one connection share: they write frames here, give bytes back to the peer's windows, flush and
/// set time-outs. Nothing here knows the streams, or more of the connection than Netty's handler.
final class Http2Transport implements Runnable {
    /// What one TLS record holds.
    private static final int MUCH_BYTES = 16 * 1024;

    final HttpLimits limits;
    final GuardedFrameReader reader;
    final Timeouts timeouts;
    /// The property of a codec's stream that holds ours.
    final Http2Connection.PropertyKey streamKey;
    /// Nanoseconds that a body from the peer may pause, or 0 for ever.
    final long bodyTimeout;

    final long writeTimeout;
    private final Http2ConnectionHandler handler;
    private final Consumer<Http2Error> violations;
    private @Nullable ChannelHandlerContext context;
    private @Nullable RoundEnd round;
    /// Given where the codec wants a promise that [CompactFrameWriter] does not look at, whatever its state.
    private @Nullable ChannelPromise ignored;

    private boolean reading;
    private long readAt;
    private boolean flushPending;
    private int unflushedBytes;

    /// @param violations is notified of each stream on which the peer broke the protocol
    Http2Transport(
            Http2ConnectionHandler handler,
            GuardedFrameReader reader,
            HttpLimits limits,
            long bodyTimeout,
            LongSupplier nanoTime,
            Consumer<Http2Error> violations) {
        this.handler = handler;
        this.reader = reader;
        this.limits = limits;
        this.bodyTimeout = bodyTimeout;
        this.violations = violations;
        writeTimeout = limits.writeTimeout().toNanos();
        timeouts = new Timeouts(nanoTime);
        streamKey = handler.connection().newKey();
    }

    void attach(ChannelHandlerContext added) {
        context = added;
        round = RoundEnd.of(added.executor());
        ignored = added.newPromise();
    }

    ChannelHandlerContext context() {
        return Objects.requireNonNull(context, "not in a pipeline");
    }

    // Time

    /// Nanoseconds since the connection began.
    long now() {
        return timeouts.now();
    }

    /// The time of the read that is being processed.
    long readAt() {
        return readAt;
    }

    /// There is input to wait for.
    void awaitInput() {
        if (bodyTimeout > 0) {
            timeouts.checkBy(now() + bodyTimeout);
        }
    }

    /// There is output that may come to wait for the peer.
    void awaitOutput() {
        timeouts.checkBy(now() + writeTimeout);
    }

    // Reads

    /// Bytes of the socket are being processed; the end of that delivers and flushes.
    boolean isReading() {
        return reading;
    }

    void beginRead() {
        if (!reading) {
            reading = true;
            readAt = now();
            reader.refill(readAt);
        }
    }

    void endRead() {
        reading = false;
    }

    /// Gives bytes back to the window of the stream that they came on.
    void returnBytes(Http2Stream stream, int bytes) {
        try {
            if (handler.decoder().flowController().consumeBytes(stream, bytes) && !reading) {
                context().flush();
            }
        } catch (Http2Exception e) {
            handler.onError(context(), true, e);
        }
    }

    /// The peer may answer useful work with this many frames that carry nothing.
    void earn(int frames) {
        reader.earn(frames);
    }

    /// The peer broke the protocol on a stream.
    void countViolation(Http2Error error) {
        violations.accept(error);
    }

    // Writes

    void writeHeaders(Http2Stream stream, EncodedFields fields, boolean end) {
        ChannelPromise sent = end ? context().newPromise() : ignored();
        handler.encoder().writeHeaders(context(), stream.id(), fields, 0, end, sent);
    }

    private ChannelPromise ignored() {
        return Objects.requireNonNull(ignored, "not in a pipeline");
    }

    void writeReset(Http2Stream stream, Http2Error code) {
        handler.encoder()
                .writeRstStream(context(), stream.id(), code.code(), context().newPromise());
    }

    void writePing(long data) {
        handler.encoder().writePing(context(), false, data, context().newPromise());
    }

    void goAway(int lastStream, Http2Error error) {
        handler.goAway(
                context(),
                lastStream,
                error.code(),
                Unpooled.EMPTY_BUFFER,
                context().newPromise());
    }

    /// Queues a part of a body, which is written as the peer's windows allow.
    void writeData(Http2Stream stream, DataPart part) {
        flow().addFlowControlled(stream, part);
    }

    /// A DATA frame that ends the stream's message was handed to the channel.
    void wroteEnd(Http2Stream stream, ChannelFuture written) {
        handler.closeStreamLocal(stream, written);
    }

    int maxFrameSize() {
        return handler.encoder().configuration().frameSizePolicy().maxFrameSize();
    }

    boolean isWritable(Http2Stream stream) {
        return flow().isWritable(stream);
    }

    /// Some of the stream's body waits for the peer's windows.
    boolean isWaiting(Http2Stream stream) {
        return flow().hasFlowControlled(stream);
    }

    /// Hands to the channel what the stream has written and fits the peer's windows, before the next flush does.
    void writeWaiting(Http2Stream stream) {
        if (!isWaiting(stream)) {
            return;
        }
        try {
            flow().writePendingBytes();
        } catch (Http2Exception e) {
            handler.onError(context(), true, e);
        }
    }

    private Http2RemoteFlowController flow() {
        return handler.connection().remote().flowController();
    }

    // Flushes: within a read never here, since its end flushes for all streams.

    /// Bytes of a body have been written.
    void wrote(ByteBuf data) {
        unflushedBytes += data.readableBytes();
    }

    void flushed() {
        unflushedBytes = 0;
    }

    void flush() {
        if (!reading) {
            handler.flush(context());
        }
    }

    /// Flushes at the end of the event loop's round: what several endpoints have answered in the meantime leaves
    /// in one TLS record and one write. Much at once is flushed at once, since it counts against the socket's
    /// limit only then.
    void flushSoon() {
        RoundEnd current = Objects.requireNonNull(round, "not in a pipeline");
        if (unflushedBytes >= MUCH_BYTES) {
            flush();
        } else if (!flushPending && !reading) {
            flushPending = true;
            current.add(this);
        }
    }

    /// Does what [#flushSoon()] has deferred.
    @Override
    public void run() {
        if (flushPending) {
            flushPending = false;
            handler.flush(context());
        }
    }
}
