package io.sallyport.http.h2;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Stream;
import io.sallyport.http.Headers;
import io.sallyport.http.HopByHop;
import io.sallyport.http.HttpStream;
import io.sallyport.http.StreamError;
import io.sallyport.http.StreamListener;
import org.jboss.logging.Logger;

/// One stream of a connection: what both sides of the gateway do alike.
///
/// A stream is *cut* once either side ended it early; from then on writes are dropped and nothing is delivered.
abstract class AbstractHttp2Stream implements HttpStream {
    private static final Logger LOG = Logger.getLogger(AbstractHttp2Stream.class);

    /// A DATA frame of this size is worth an answer, even where the peer's window made it smaller than it could be.
    private static final int WORTHY_FRAME = 1024;

    private static final int CONTROL_FRAMES_PER_DATA = 4;

    final InboundBody input = new InboundBody(this);
    /// The listener waits for [StreamListener#onReadComplete()].
    boolean touched;
    /// The listener is about to hear [StreamListener#onWritable()].
    boolean becameWritable;

    private final AbstractHttp2Connection connection;
    private final Http2Stream stream;
    private StreamListener listener = DiscardingListener.INSTANCE;
    private boolean outputEnded;
    private boolean inputAbandoned;
    private boolean cut;
    private long inputAt;
    private long outputAt;

    AbstractHttp2Stream(AbstractHttp2Connection connection, Http2Stream stream) {
        this.connection = connection;
        this.stream = stream;
        inputAt = connection.now();
    }

    final int id() {
        return stream.id();
    }

    final Http2Stream codecStream() {
        return stream;
    }

    final void listener(StreamListener listener) {
        this.listener = listener;
    }

    final boolean isCut() {
        return cut;
    }

    final boolean isOutputEnded() {
        return outputEnded;
    }

    final boolean isDone() {
        return cut || (outputEnded && input.hasEnded());
    }

    @Override
    public final EventLoop eventLoop() {
        return connection.context().channel().eventLoop();
    }

    // What the gateway writes

    /// Whether something may be written; notes the end.
    final boolean beginWrite(boolean end) {
        if (cut || outputEnded) {
            return false;
        }
        outputEnded = end;
        return true;
    }

    @Override
    public final void writeData(ByteBuf data, boolean end) {
        if ((!end && !data.isReadable()) || !beginWrite(end)) {
            data.release();
            return;
        }
        if (!connection.remoteFlow().hasFlowControlled(stream)) {
            outputAt = connection.now();
            connection.watchOutput(outputAt);
        }
        connection.remoteFlow().addFlowControlled(stream, new DataPart(this, data, end));
    }

    @Override
    public final void writeTrailers(Headers trailers) {
        if (beginWrite(true)) {
            connection.writeHeaders(stream, EncodedFields.trailers(trailers), true);
        }
    }

    @Override
    public final void flush() {
        connection.flushOutput();
    }

    @Override
    public final boolean isWritable() {
        return cut || outputEnded || connection.remoteFlow().isWritable(stream);
    }

    @Override
    public final void reset(StreamError error) {
        if (cut) {
            return;
        }
        if (stream.state() == Http2Stream.State.CLOSED) {
            cutQuietly();
            return;
        }
        cut(ErrorCodes.toWire(error));
        connection.flushOutput();
    }

    final int maxFrameSize() {
        return connection.maxOutboundFrame();
    }

    /// A DATA frame was handed to the channel.
    ///
    /// @param whole the frame ended with its part of the body, not with the peer's window
    final void wroteData(int length, boolean whole) {
        outputAt = connection.now();
        if (whole || length >= WORTHY_FRAME) {
            connection.earn(CONTROL_FRAMES_PER_DATA);
        }
    }

    final void wroteEnd(ChannelFuture written) {
        connection.closeStreamLocal(stream, written);
    }

    // What the peer sends

    @Override
    public final void pauseReading() {
        input.pause();
    }

    @Override
    public final void resumeReading() {
        if (!input.isPaused()) {
            return;
        }
        boolean delivers = input.hasHeld();
        int returned = input.resume();
        inputAt = connection.now();
        if (!input.hasEnded()) {
            connection.watchInput(inputAt);
        }
        if (returned > 0) {
            connection.returnBytes(stream, returned);
        }
        if (delivers) {
            connection.delivered(this);
        }
    }

    /// What is still to come of the message is dropped; the listener is told otherwise, and hears nothing more.
    final void abandonInput() {
        inputAbandoned = true;
        input.discard();
    }

    private boolean ignoresInput() {
        return cut || inputAbandoned || input.hasEnded();
    }

    final int receiveData(ByteBuf data, int padding, boolean end) {
        if (ignoresInput()) {
            return data.readableBytes() + padding;
        }
        inputAt = connection.readAt();
        return input.receive(data, padding, end);
    }

    final void receiveTrailers(DecodedFields fields) {
        if (ignoresInput()) {
            return;
        }
        if (fields.violation() != null || fields.hasPseudoFields() || fields.isTooLarge()) {
            String reason = fields.violation();
            violate(reason != null ? reason : fields.isTooLarge() ? "http2.trailers_too_large" : "http2.bad_trailers");
            return;
        }
        fields.joinCookies();
        HopByHop.sanitizeTrailers(fields.fields);
        input.receiveTrailers(fields.fields);
    }

    final void deliver(ByteBuf data, boolean end) {
        connection.touch(this);
        try {
            listener.onData(data, end);
        } catch (RuntimeException e) {
            failed(e);
        }
    }

    final void deliver(Headers trailers) {
        connection.touch(this);
        try {
            listener.onTrailers(trailers);
        } catch (RuntimeException e) {
            failed(e);
        }
    }

    final void deliverReadComplete() {
        touched = false;
        if (cut) {
            return;
        }
        try {
            listener.onReadComplete();
        } catch (RuntimeException e) {
            failed(e);
        }
    }

    final void deliverWritable() {
        becameWritable = false;
        if (cut || outputEnded || !connection.remoteFlow().isWritable(stream)) {
            return;
        }
        try {
            listener.onWritable();
        } catch (RuntimeException e) {
            failed(e);
        }
    }

    /// The peer sent RST_STREAM.
    final void receiveReset(long code) {
        if (!isDone() && !isSettled()) {
            interrupt(ErrorCodes.fromWire(code), "http2.remote_reset." + ErrorCodes.name(code));
        } else {
            settle();
        }
    }

    /// The codec closed the stream, in the normal course or because the connection is gone.
    final void receiveClose() {
        if (isDone() || isSettled()) {
            settle();
        } else {
            interrupt(connection.closeReason(stream.id()), "http2.connection_closed");
        }
    }

    /// The exchange has given all that its listener is owed, though not every side has ended.
    abstract boolean isSettled();

    /// Nothing more is written; what was received and is kept back still reaches its listener.
    private void settle() {
        if (!cut) {
            outputEnded = true;
        }
    }

    /// The peer broke the protocol on this stream: it is reset and the listener told.
    final void violate(String details) {
        if (!cut) {
            cut(Http2Error.PROTOCOL_ERROR);
            connection.countViolation(Http2Error.PROTOCOL_ERROR);
            tell(StreamError.PROTOCOL_ERROR, details);
        }
    }

    /// Ends the exchange without a frame, because the peer or the codec has done so.
    final void interrupt(StreamError error, String details) {
        if (cut) {
            return;
        }
        cutQuietly();
        if (!inputAbandoned) {
            tell(error, details);
        }
    }

    /// Ends the exchange and resets the stream.
    final void cut(Http2Error code) {
        cutQuietly();
        connection.writeReset(stream, code);
    }

    final void cutQuietly() {
        cut = true;
        input.discard();
    }

    final void tell(StreamError error, String details) {
        try {
            listener.onReset(error, details);
        } catch (RuntimeException e) {
            failed(e);
        }
    }

    final void failed(RuntimeException cause) {
        LOG.errorf(
                cause,
                "The listener of stream %d on %s failed",
                stream.id(),
                connection.context().channel());
        reset(StreamError.INTERNAL_ERROR);
    }

    // Limits

    boolean isOverLimit(long received) {
        return false;
    }

    abstract void bodyTooLarge();

    abstract void inputStalled();

    /// Acts on a body that stalls, either way.
    ///
    /// @return when to look again
    final long checkProgress(long now, long bodyTimeout, long writeTimeout) {
        long next = Deadline.NONE;
        if (bodyTimeout > 0 && !ignoresInput() && !input.isPaused()) {
            if (now - inputAt >= bodyTimeout) {
                inputAt = now;
                inputStalled();
            }
            next = inputAt + bodyTimeout;
        }
        if (!cut && connection.remoteFlow().hasFlowControlled(stream)) {
            if (now - outputAt >= writeTimeout) {
                cut(Http2Error.CANCEL);
                tell(StreamError.TIMEOUT, "http2.write_timeout");
                return next;
            }
            next = Math.min(next, outputAt + writeTimeout);
        }
        return next;
    }
}
