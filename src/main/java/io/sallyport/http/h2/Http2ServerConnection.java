package io.sallyport.http.h2;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.util.AsciiString;
import io.sallyport.http.ConnectionInfo;
import io.sallyport.http.HttpLimits;
import io.sallyport.http.InputGate;
import io.sallyport.http.Methods;
import io.sallyport.http.RequestHead;
import io.sallyport.http.RequestReceiver;
import io.sallyport.http.StreamListener;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// A client's HTTP/2 connection: the last handler of its pipeline, after TLS agreed on `h2`, or on a plain-text port
/// once the client's preface was seen.
///
/// A client that ends its side is answered what it has asked for completely, as far as its windows go and if no answer
/// stands still; then the connection ends.
public final class Http2ServerConnection extends AbstractHttp2Connection implements InputGate.Owner {
    private static final Logger LOG = Logger.getLogger(Http2ServerConnection.class);

    /// Streams that may end badly in a row, by RST_STREAM or by breaking the protocol; each that ends well gives one
    /// back.
    private static final int BAD_STREAMS = 200;

    private static final int BAD_STREAMS_PER_SECOND = 10;

    private static final int CONTROL_FRAMES_PER_STREAM = 4;

    /// Streams that a client may open beyond the limit before it acknowledges our SETTINGS, which it need never do.
    private static final int MOST_UNAWARE = 1_000;

    private static final long DRAIN_PING = 0x64726169_6e2e2e2eL;
    private static final long DRAIN_WAIT_MILLIS = 5_000;

    /// From the client's acknowledgement to the last GOAWAY: clients that had chosen this connection for a request
    /// when they read the first one, such as Java's `HttpClient`, still open its stream.
    static final long LATE_STREAMS_MILLIS = 500;

    /// How long an answer may stand still for a client that has ended its side, as over HTTP/1.1.
    static final long HALF_CLOSE_MILLIS = 5_000;

    private static final int FRAME_HEADER_BYTES = 9;
    private static final long UNSET = -1;

    private final RequestReceiver receiver;
    private final ConnectionInfo info;
    private final RequestHeads heads;
    private @Nullable InputGate gate;
    private boolean inputEnded;
    private long awaitedSince;
    /// When everything is written: how long the client may take to read it.
    private long closeBy = UNSET;
    private final TokenBucket badStreams = new TokenBucket(BAD_STREAMS, BAD_STREAMS_PER_SECOND);
    private boolean settingsAcknowledged;
    /// Before that.
    private int refused;
    private boolean draining;
    private boolean lastGoAwaySent;
    private long requests;
    private long idleAt;

    private Http2ServerConnection(
            RequestReceiver receiver,
            ConnectionInfo info,
            HttpLimits limits,
            Http2Options options,
            LongSupplier nanoTime) {
        super(
                Http2Codec.server(limits, options.underscores()),
                limits,
                limits.bodyTimeout().toNanos(),
                nanoTime);
        this.receiver = receiver;
        this.info = info;
        this.heads = new RequestHeads(info.scheme(), options.forwardProxy());
    }

    /// The handler for a pipeline.
    public static Http2ServerConnection create(
            RequestReceiver receiver, ConnectionInfo info, HttpLimits limits, Http2Options options) {
        return create(receiver, info, limits, options, System::nanoTime);
    }

    /// @param nanoTime the clock of the time-outs, like [System#nanoTime()]
    public static Http2ServerConnection create(
            RequestReceiver receiver,
            ConnectionInfo info,
            HttpLimits limits,
            Http2Options options,
            LongSupplier nanoTime) {
        return new Http2ServerConnection(receiver, info, limits, options, nanoTime);
    }

    public ConnectionInfo info() {
        return info;
    }

    /// Requests that are open now.
    public int activeStreams() {
        return connection().numActiveStreams();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) throws Exception {
        super.handlerAdded(ctx);
        ctx.channel().config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        gate = ctx.pipeline().get(InputGate.class);
        if (gate != null) {
            gate.guard(this);
        }
    }

    @Override
    void opened(ChannelHandlerContext ctx) throws Http2Exception {
        super.opened(ctx);
        idleAt = transport.now();
        transport.timeouts.checkBy(idleAt + limits.headTimeout().toNanos());
    }

    @Override
    void receiveHeaders(Http2Stream codecStream, DecodedFields fields, boolean end) {
        AbstractHttp2Stream open = stream(codecStream);
        if (open != null) {
            if (open instanceof Http2ServerStream request && request.isConnect()) {
                // RFC 9113, 8.5.
                open.violate("http2.headers_in_tunnel");
            } else {
                open.receiveTrailers(fields);
            }
            return;
        }
        Http2ServerStream stream = new Http2ServerStream(this, codecStream);
        notices.touch(stream);
        if (end) {
            stream.input.end();
        } else {
            transport.awaitInput();
        }
        if (fields.isTooLarge()) {
            if (isTooLong(fields.path)) {
                // As in HTTP/1.1, where the target comes first.
                reject(stream, fields, end, 414, "http2.target_too_long");
            } else {
                reject(stream, fields, end, 431, "http2.head_too_large");
            }
            return;
        }
        String violation = heads.violation(fields, end);
        if (violation != null) {
            stream.cut(Http2Error.PROTOCOL_ERROR);
            countViolation(Http2Error.PROTOCOL_ERROR);
            reject(stream, fields, end, 400, violation);
            return;
        }
        receive(stream, fields, end);
        if (++requests == limits.requestsPerConnection()) {
            drain();
        }
    }

    private void receive(Http2ServerStream stream, DecodedFields fields, boolean end) {
        RequestHead head = heads.head(fields, end);
        if (isTooLong(fields.path)) {
            reject(stream, head, 414, "http2.target_too_long");
        } else if (fields.expect != null && !head.expectsContinue) {
            reject(stream, head, 417, "http2.unknown_expectation");
        } else if (limits.bodyBytes() > 0 && head.contentLength > limits.bodyBytes()) {
            reject(stream, head, 413, "http2.body_too_large");
        } else {
            if (head.method.equals(Methods.CONNECT)) {
                stream.expectTunnel();
            } else if (head.upgrade != null) {
                stream.expectSwitch(end);
            } else {
                stream.input.declare(head.contentLength);
            }
            try {
                StreamListener listener = receiver.onRequest(stream, head, end || head.upgrade != null);
                stream.listener(listener);
            } catch (RuntimeException e) {
                stream.failed(e);
            }
        }
    }

    private boolean isTooLong(@Nullable AsciiString path) {
        return path != null && path.length() > limits.targetBytes();
    }

    private void reject(Http2ServerStream stream, DecodedFields fields, boolean end, int status, String details) {
        reject(stream, heads.readable(fields, end), status, details);
    }

    private void reject(Http2ServerStream stream, @Nullable RequestHead head, int status, String details) {
        LOG.debugf("%s stream %d: %s", info.remote(), stream.id(), details);
        try {
            receiver.onRejected(stream, head, status, details);
        } catch (RuntimeException e) {
            stream.failed(e);
        }
    }

    @Override
    void receiveReset(Http2Stream codecStream, long code) {
        AbstractHttp2Stream stream = stream(codecStream);
        // A tunnel that is cut has been of use, as a TCP connection that is reset has.
        boolean tunnel = stream instanceof Http2ServerStream request && request.isTunnel();
        boolean early = stream != null && !stream.isDone() && !tunnel;
        super.receiveReset(codecStream, code);
        if (early) {
            countBadStream();
        }
    }

    @Override
    void receiveSettingsAck() {
        settingsAcknowledged = true;
    }

    @Override
    void countViolation(Http2Error error) {
        // A client may open too many streams as long as it does not know how many are allowed.
        boolean unaware = error == Http2Error.REFUSED_STREAM && !settingsAcknowledged && refused++ < MOST_UNAWARE;
        if (!unaware) {
            countBadStream();
        }
    }

    private void countBadStream() {
        badStreams.refill(transport.now());
        if (!badStreams.take()) {
            calmDown("Too many streams that end early");
        }
    }

    @Override
    public void closeStreamLocal(Http2Stream codecStream, ChannelFuture future) {
        super.closeStreamLocal(codecStream, future);
        if (stream(codecStream) instanceof Http2ServerStream stream) {
            stream.responseWritten();
        }
    }

    @Override
    void streamClosed(Http2Stream codecStream) {
        super.streamClosed(codecStream);
        if (stream(codecStream) instanceof Http2ServerStream stream && !stream.isCut()) {
            badStreams.give(1);
            transport.earn(CONTROL_FRAMES_PER_STREAM);
        }
        if (connection().numActiveStreams() > 0) {
            return;
        }
        if (inputEndedAt() != UNSET) {
            // In a turn of its own: the codec may be in the middle of writing what has ended the stream.
            context().executor().execute(this::closeIfOver);
        }
        if (lastGoAwaySent) {
            linger();
        } else {
            idleAt = transport.now();
            transport.timeouts.checkBy(idleAt + limits.idleTimeout().toNanos());
        }
    }

    // The client's end

    /// What is shorter than a frame's header does not come between frames, but a small DATA frame's payload may come by
    /// itself.
    @Override
    public boolean holds(int content) {
        return connection().numActiveStreams() > 0
                && (content == 0 || (content < FRAME_HEADER_BYTES && !transport.reader.isPartial()));
    }

    /// Also within a read.
    @Override
    public void sendWritten() {
        flush(context());
    }

    @Override
    public void onEndHeld() {
        if (gate != null && gate.isCertain()) {
            endInput();
        } else {
            awaitAnswers();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
        super.userEventTriggered(ctx, event);
        if (event instanceof ChannelInputShutdownEvent || event instanceof SslCloseCompletionEvent) {
            endInput();
        }
    }

    /// Requests that are not complete will not be.
    private void endInput() {
        if (inputEnded || !channel().isActive()) {
            return;
        }
        inputEnded = true;
        awaitAnswers();
        dropIncomplete();
        transport.flush();
        closeIfOver();
    }

    private void dropIncomplete() {
        try {
            connection().forEachActiveStream(codecStream -> {
                if (stream(codecStream) instanceof Http2ServerStream stream && !stream.input.hasEnded()) {
                    stream.drop();
                }
                return true;
            });
        } catch (Http2Exception e) {
            throw new IllegalStateException("Visiting streams throws nothing", e);
        }
    }

    private void awaitAnswers() {
        awaitedSince = transport.now();
        transport.timeouts.checkBy(awaitedSince + TimeUnit.MILLISECONDS.toNanos(HALF_CLOSE_MILLIS));
    }

    /// When the client has ended its side, or seems to have, in nanoseconds since the connection began; else -1.
    long inputEndedAt() {
        return inputEnded || (gate != null && gate.isHoldingEnd()) ? awaitedSince : UNSET;
    }

    private void closeIfOver() {
        if (inputEndedAt() == UNSET || connection().numActiveStreams() > 0 || closeBy != UNSET) {
            return;
        }
        closeBy = transport.now() + limits.writeTimeout().toNanos();
        transport.timeouts.checkBy(closeBy);
        transport.goAway(connection().remote().lastStreamCreated(), Http2Error.NO_ERROR);
        context().writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }

    /// Takes no more requests once the client knows, lets open ones end, then closes. The client is notified in
    /// two steps (RFC 9113, 6.8), so that requests which are on their way are still answered.
    public void drain() {
        if (draining) {
            return;
        }
        draining = true;
        transport.goAway(Integer.MAX_VALUE, Http2Error.NO_ERROR);
        transport.writePing(DRAIN_PING);
        transport.flush();
        context().executor().schedule(this::sendLastGoAway, DRAIN_WAIT_MILLIS, TimeUnit.MILLISECONDS);
    }

    @Override
    void receivePingAck(long data) {
        if (draining && data == DRAIN_PING) {
            context().executor().schedule(this::sendLastGoAway, LATE_STREAMS_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void sendLastGoAway() {
        if (lastGoAwaySent || !channel().isActive()) {
            return;
        }
        lastGoAwaySent = true;
        transport.goAway(connection().remote().lastStreamCreated(), Http2Error.NO_ERROR);
        transport.flush();
        if (connection().numActiveStreams() == 0) {
            linger();
        }
    }

    @Override
    long checkDeadlines(long now) {
        if (closeBy != UNSET) {
            if (closeBy > now) {
                return closeBy;
            }
            context().close();
            return Timeouts.NONE;
        }
        if (!decoder().prefaceReceived()) {
            long due = idleAt + limits.headTimeout().toNanos();
            if (due <= now) {
                closeStalled();
                return Timeouts.NONE;
            }
            return due;
        }
        long next = super.checkDeadlines(now);
        if (connection().numActiveStreams() > 0 || draining) {
            return next;
        }
        long due = idleAt + limits.idleTimeout().toNanos();
        if (due <= now) {
            drain();
            return next;
        }
        return Math.min(next, due);
    }
}
