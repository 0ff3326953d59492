package io.sallyport.http.h2;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Stream;
import io.sallyport.http.Headers;
import io.sallyport.http.HttpStream;
import io.sallyport.http.StreamError;
import io.sallyport.http.StreamListener;
import org.jboss.logging.Logger;

/// One stream of a connection: what both sides of the gateway do alike.
///
/// A stream is *cut* once either side ended it early; from then on writes are dropped and nothing is delivered.
abstract class AbstractHttp2Stream implements HttpStream {
    private static final Logger LOG = Logger.getLogger(AbstractHttp2Stream.class);

    final InboundBody input;
    final OutboundBody output;
    /// The listener waits for [StreamListener#onReadComplete()].
    boolean touched;
    /// The listener is about to be notified by [StreamListener#onWritable()].
    boolean becameWritable;

    private final Http2Transport transport;
    private final StreamNotices notices;
    private final Http2Stream stream;
    private StreamListener listener = Discarding.INSTANCE;
    private boolean cut;

    AbstractHttp2Stream(Http2Transport transport, StreamNotices notices, Http2Stream stream) {
        this.transport = transport;
        this.notices = notices;
        this.stream = stream;
        input = new InboundBody(this, transport.readAt());
        output = new OutboundBody(transport, stream);
        stream.setProperty(transport.streamKey, this);
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

    final boolean isDone() {
        return cut || (output.hasEnded() && input.hasEnded());
    }

    @Override
    public final EventLoop eventLoop() {
        return transport.context().channel().eventLoop();
    }

    // What the gateway writes

    /// Whether something may be written; notes the end.
    final boolean beginWrite(boolean end) {
        if (cut || output.hasEnded()) {
            return false;
        }
        if (end) {
            output.end();
        }
        return true;
    }

    @Override
    public final void writeData(ByteBuf data, boolean end) {
        if ((!end && !data.isReadable()) || !beginWrite(end)) {
            data.release();
            return;
        }
        transport.wrote(data);
        output.write(data, end);
    }

    @Override
    public final void writeTrailers(Headers trailers) {
        if (beginWrite(true)) {
            transport.writeHeaders(stream, EncodedFields.trailers(trailers), true);
        }
    }

    @Override
    public final void flush() {
        transport.flushSoon();
    }

    @Override
    public final boolean isWritable() {
        return cut || output.hasEnded() || output.isWritable();
    }

    @Override
    public final void reset(StreamError error) {
        if (cut) {
            return;
        }
        transport.run();
        transport.writeWaiting(stream);
        if (isOver()) {
            cutQuietly();
            return;
        }
        cut(ErrorCodes.toWire(error));
        transport.flush();
    }

    /// Both sides have ended, though the frame that says so may still wait for the socket.
    private boolean isOver() {
        return switch (stream.state()) {
            case CLOSED -> true;
            case HALF_CLOSED_REMOTE -> output.isEndWritten();
            default -> false;
        };
    }

    // What the peer sends

    @Override
    public void pauseReading() {
        input.pause();
    }

    @Override
    public void resumeReading() {
        if (!input.isPaused()) {
            return;
        }
        boolean delivers = input.hasHeld();
        int returned = input.resume(transport.now());
        if (!input.hasEnded()) {
            transport.awaitInput();
        }
        if (returned > 0) {
            transport.returnBytes(stream, returned);
        }
        if (delivers) {
            notices.delivered(this);
        }
    }

    int receiveData(ByteBuf data, int padding, boolean end) {
        return cut ? data.readableBytes() + padding : input.receive(data, padding, end, transport.readAt());
    }

    final void receiveTrailers(DecodedFields fields) {
        if (!cut) {
            input.receive(fields);
        }
    }

    final void deliver(ByteBuf data, boolean end) {
        notices.touch(this);
        try {
            listener.onData(data, end);
        } catch (RuntimeException e) {
            failed(e);
        }
    }

    final void deliver(Headers trailers) {
        notices.touch(this);
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
        if (cut || output.hasEnded() || !output.isWritable()) {
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
        interrupt(ErrorCodes.fromWire(code), "http2.remote_reset." + ErrorCodes.name(code));
    }

    /// The listener has received everything, though not both sides may have ended.
    boolean isSettled() {
        return isDone();
    }

    /// The peer broke the protocol on this stream: resets it and notifies the listener.
    final void violate(String details) {
        if (!cut) {
            cut(Http2Error.PROTOCOL_ERROR);
            transport.countViolation(Http2Error.PROTOCOL_ERROR);
            notifyReset(StreamError.PROTOCOL_ERROR, details);
        }
    }

    /// Ends the exchange without a frame, because the peer or the codec has done so. If the listener is owed nothing
    /// but what is held back for it, that is still delivered when it resumes.
    final void interrupt(StreamError error, String details) {
        if (isSettled()) {
            output.end();
            settled();
            return;
        }
        boolean notified = input.isAbandoned();
        cutQuietly();
        if (!notified) {
            notifyReset(error, details);
        }
    }

    /// The stream is gone, and the listener is not notified.
    void settled() {}

    /// Ends the exchange and resets the stream.
    final void cut(Http2Error code) {
        cutQuietly();
        transport.writeReset(stream, code);
    }

    final void cutQuietly() {
        cut = true;
        input.discard();
    }

    final void notifyReset(StreamError error, String details) {
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
                transport.context().channel());
        reset(StreamError.INTERNAL_ERROR);
    }

    // Limits

    boolean isOverLimit(long received) {
        return false;
    }

    abstract void bodyTooLarge();

    abstract void inputStalled();

    /// Ends the stream if it has been silent for too long.
    ///
    /// @return when to look again
    long checkIdle(long now) {
        return Timeouts.NONE;
    }

    /// Acts on a body that stalls, either way.
    ///
    /// @return when to look again
    final long checkProgress(long now) {
        long next = checkIdle(now);
        if (!cut && transport.bodyTimeout > 0 && input.isAwaited()) {
            next = Math.min(next, input.checkProgress(now, transport.bodyTimeout));
        }
        if (cut || !output.isWaiting()) {
            return next;
        }
        if (now - output.progressAt() >= transport.writeTimeout) {
            giveUp(StreamError.TIMEOUT, "http2.write_timeout");
            return next;
        }
        return Math.min(next, output.progressAt() + transport.writeTimeout);
    }

    /// Cuts what the peer does not take any more.
    final void giveUp(StreamError error, String details) {
        boolean owed = !isSettled() && !input.isAbandoned();
        cut(Http2Error.CANCEL);
        if (owed) {
            notifyReset(error, details);
        }
    }

    /// Discards what follows a request that nobody handles.
    enum Discarding implements StreamListener {
        INSTANCE;

        @Override
        public void onData(ByteBuf data, boolean end) {
            data.release();
        }

        @Override
        public void onTrailers(Headers trailers) {}

        @Override
        public void onReset(StreamError error, String details) {}

        @Override
        public void onWritable() {}

        @Override
        public void onReadComplete() {}
    }
}
