package io.sallyport.http.h1;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sallyport.http.ConnectionInfo;
import io.sallyport.http.Headers;
import io.sallyport.http.HttpLimits;
import io.sallyport.http.InputGate;
import io.sallyport.http.RequestHead;
import io.sallyport.http.RequestReceiver;
import io.sallyport.http.ResponseHead;
import io.sallyport.http.StreamError;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// A client's HTTP/1.1 connection: one exchange after the other, in order.
///
/// While an exchange is under way, what the client sends ahead is kept, but no more than one read of it: then the
/// socket is not read. A request that is not to be forwarded is the last: nothing behind it is ever parsed.
///
/// If the body of a request turns out broken, too long or too slow, the listener is notified by `onReset` and may still
/// answer before it returns. If it does not, the connection answers 400, 413 or 408 itself or, with a response under
/// way, cuts it.
public final class Http1ServerConnection extends Http1Connection implements InputGate.Owner {
    /// The state of a downstream connection.
    private enum State {
        /// Between requests, or within a head.
        HEAD,
        BODY,
        /// The request is complete, its response is not.
        RESPONSE,
        /// The response is complete; what is left of the request's body is discarded.
        DISCARD,
        /// Upgraded, or a tunnel.
        RAW,
        /// Input is worthless; a last response is being written.
        REFUSED,
        /// Everything is sent; input is discarded until the client closes, so that it gets to read the response.
        LINGER,
        CLOSED
    }

    private final Http1Options options;
    private final RequestReceiver receiver;
    private final ConnectionInfo info;
    private final Http1RequestParser parser;
    private final BodyDecoder decoder;
    private final ResponseEncoder encoder = new ResponseEncoder();
    private @Nullable InputGate gate;
    private int requests;
    private Duration firstHead;
    private State state = State.HEAD;
    private @Nullable Http1ServerStream stream;
    private boolean inputEnded;
    private boolean rawInputEnded;
    private boolean rawOutputEnded;
    private boolean draining;
    private long discarded;

    /// A handler for one channel, open already or not; it belongs behind the `SslHandler` where there is one.
    public Http1ServerConnection(
            RequestReceiver receiver, ConnectionInfo info, HttpLimits limits, Http1Options options) {
        super(limits);
        this.options = options;
        this.receiver = receiver;
        this.info = info;
        this.parser = new Http1RequestParser(limits, options, info.scheme());
        this.decoder = new BodyDecoder(FieldParser.ofRequests(limits, options.underscores()));
        this.firstHead = limits.headTimeout();
    }

    /// The first head began to arrive before this handler was added: it must be complete within that time instead of
    /// the whole of [HttpLimits#headTimeout].
    public Http1ServerConnection awaitingFirstHead(Duration left) {
        firstHead = left;
        return this;
    }

    ConnectionInfo info() {
        return info;
    }

    @Override
    void onAdded() {
        gate = channel().pipeline().get(InputGate.class);
        if (gate != null) {
            gate.guard(this);
        }
    }

    @Override
    public boolean holds(int content) {
        // What may be a message is not kept from an endpoint that may be waiting for it.
        return state == State.RAW ? content == 0 && !rawOutputEnded : owesAnswer();
    }

    boolean owesAnswer() {
        return switch (state) {
            case RESPONSE -> true;
            // To a request that was sent ahead, and is about to be read.
            case HEAD -> hasPending();
            // If it is the end for certain, the endpoint is notified without the engine's having read it.
            case RAW -> gate != null && gate.isCertain() && !rawOutputEnded;
            default -> false;
        };
    }

    @Override
    void onReadingUpdated() {
        InputGate current = gate;
        if (current != null && current.isHoldingEnd() && !owesAnswer()) {
            // In a turn of its own: the answer may not have been written yet.
            channel().eventLoop().execute(() -> {
                if (!owesAnswer()) {
                    current.open();
                }
            });
        }
    }

    @Override
    public void onEndHeld() {
        if (state == State.RAW) {
            onInputEnd(true);
        } else {
            awaitNextPart();
        }
    }

    @Override
    void onOpen() {
        expect(firstHead);
    }

    @Override
    boolean advance(ByteBuf in) {
        if (!in.isReadable()) {
            return false;
        }
        return switch (state) {
            case HEAD -> readHead(in);
            case BODY, DISCARD -> readBody(in);
            case RAW -> {
                onBody(in.readRetainedSlice(in.readableBytes()), false);
                yield false;
            }
            case RESPONSE -> false;
            case REFUSED, LINGER, CLOSED -> {
                in.skipBytes(in.readableBytes());
                yield false;
            }
        };
    }

    /// Surplus belongs to the next request, or behind the switch that the response may bring.
    @Override
    boolean keepsSurplus() {
        return state == State.RESPONSE || state == State.HEAD || state == State.RAW;
    }

    @Override
    boolean isReadingPaused() {
        boolean paused = stream != null && stream.isPaused();
        return switch (state) {
            case BODY -> paused;
            // Reading behind the end would only report the end again.
            case RAW -> paused || inputEnded;
            default -> false;
        };
    }

    /// Nothing new is begun for a client that does not read the answers to its earlier requests.
    private boolean readHead(ByteBuf in) {
        if (!channel().isWritable()) {
            return false;
        }
        boolean next = !parser.isStarted() && requests > 0;
        RequestHead head = parser.read(in);
        if (head == null) {
            if (next) {
                expect(limits().headTimeout());
            }
            return false;
        }
        if (limits().bodyBytes() > 0 && head.contentLength > limits().bodyBytes()) {
            throw new MalformedMessage(413, "http1.body_too_large");
        }
        begin(head);
        return true;
    }

    private void begin(RequestHead head) {
        requests++;
        boolean last = limits().requestsPerConnection() > 0 && requests >= limits().requestsPerConnection();
        Http1ServerStream next = new Http1ServerStream(this, encoder, head, parser.isPersistent() && !last);
        boolean end = head.contentLength == 0;
        stream = next;
        state = end ? State.RESPONSE : State.BODY;
        decoder.begin(head.contentLength);
        onBodyAwaited(next);
        next.listen(receiver.onRequest(next, head, end && !next.isConnect()));
    }

    /// Makes the connection a channel for something that is not HTTP, as the response's head says. If the client has
    /// ended its side before, the listener is notified of that too, in a turn of its own.
    void switchToRaw() {
        state = State.RAW;
        awaitRaw();
        updateReading();
        if (hasPending()) {
            resumeSoon();
        } else if (inputEnded) {
            channel().eventLoop().execute(this::onConsumed);
        }
        if (!inputEnded && gate != null && gate.isCertain()) {
            // Behind what is pending.
            channel().eventLoop().execute(() -> onInputEnd(true));
        }
    }

    /// Something passed through an upgraded connection. How long a CONNECT tunnel may be silent is its owner's
    /// decision.
    void awaitRaw() {
        Http1ServerStream current = stream;
        if (current == null || current.isConnect()) {
            timer().clear();
        } else {
            expect(limits().idleTimeout());
        }
    }

    private boolean readBody(ByteBuf in) {
        boolean ended = decoder.decode(in, this);
        Http1ServerStream current = stream;
        if (ended && state == State.DISCARD) {
            endExchange(false);
        } else if (!ended && current != null) {
            onBodyAwaited(current);
        }
        return true;
    }

    @Override
    public void onBody(ByteBuf data, boolean end) {
        Http1ServerStream current = stream;
        if (current != null && state == State.RAW) {
            awaitRaw();
            current.onBody(data, end, 0);
        } else if (current != null && state == State.BODY) {
            if (end) {
                onRequestEnd();
            }
            current.onBody(data, end, limits().bodyBytes());
        } else {
            int bytes = data.readableBytes();
            data.release();
            onDiscarded(bytes);
        }
    }

    @Override
    public void onBodyTrailers(Headers trailers) {
        Http1ServerStream current = stream;
        if (current != null && state == State.BODY) {
            onRequestEnd();
            current.onTrailers(trailers);
        }
    }

    private void onRequestEnd() {
        state = State.RESPONSE;
        timer().clear();
    }

    /// Sets the time-out for more of the body, if it is the client's turn.
    void onBodyAwaited(Http1ServerStream current) {
        if (state == State.BODY && current.awaitsBody()) {
            expect(limits().bodyTimeout());
        } else if (state != State.RAW) {
            awaitNextPart();
        }
        updateReading();
    }

    @Override
    void onReadBatchEnd() {
        Http1ServerStream current = stream;
        if (current != null) {
            current.onReadComplete();
        }
        flush();
    }

    @Override
    void onWritable() {
        Http1ServerStream current = stream;
        if (current != null) {
            current.onWritable();
        } else if (state == State.HEAD) {
            resumeSoon();
        }
    }

    /// Ends the connection after the exchange under way, with `connection: close` on its response. An idle one is
    /// given a moment first: a request that is on its way already is answered, and tells its client not to send
    /// another. To be called on the event loop, also before the connection is in its pipeline.
    public void drain() {
        if (!draining && isAdded() && state == State.HEAD && !parser.isStarted()) {
            expect(options.drainIdleTime());
        }
        draining = true;
    }

    /// Takes [#drain] back: the connection stays, unless a response has announced its end already.
    public void resume() {
        if (draining && isAdded() && state == State.HEAD && !parser.isStarted()) {
            expect(requests == 0 ? firstHead : limits().idleTimeout());
        }
        draining = false;
    }

    boolean isCurrent(Http1ServerStream candidate) {
        return stream == candidate;
    }

    /// No request will be read after the one under way, if its response ends now.
    boolean isLast() {
        return draining || state == State.REFUSED || (inputEnded && !hasPending()) || isTooMuchLeft();
    }

    /// More of the request's body is to come than is read only to reach the next request.
    private boolean isTooMuchLeft() {
        return state == State.BODY && decoder.remaining() > options.discardBytes();
    }

    boolean isInputEnded() {
        return inputEnded;
    }

    private void expect(Duration time) {
        timer().expect(time.toNanos());
    }

    /// It is the endpoint's turn: with all the time that the route gives it, or little if nobody may be waiting.
    void awaitNextPart() {
        // The last record, if it is held back, may be the client's end.
        boolean mayHaveEnded = inputEnded || (gate != null && gate.isHoldingEnd());
        if (!mayHaveEnded) {
            timer().clear();
        } else if (state == State.RESPONSE) {
            expect(options.halfCloseTime());
        }
    }

    /// The response was written to its end.
    void onResponseEnd(Http1ServerStream ended) {
        if (state == State.RAW) {
            rawOutputEnded = true;
            if (rawInputEnded) {
                close();
            } else {
                output().flush();
                ChannelClosing.output(ctx());
            }
            return;
        }
        stream = null;
        boolean closing = ended.isClosing();
        if (state == State.REFUSED) {
            linger();
        } else if (state != State.BODY) {
            endExchange(closing);
        } else if (closing || isTooMuchLeft()) {
            linger();
        } else {
            state = State.DISCARD;
            discarded = 0;
            expect(options.discardTime());
            updateReading();
        }
    }

    /// Counts what is discarded.
    private void onDiscarded(int bytes) {
        discarded += bytes;
        if (state == State.DISCARD && discarded > options.discardBytes()) {
            linger();
        }
    }

    private void endExchange(boolean closing) {
        if (closing || draining) {
            closeInStages();
            return;
        }
        state = State.HEAD;
        expect(limits().idleTimeout());
        if (hasPending()) {
            resumeSoon();
        } else if (inputEnded && !isConsuming()) {
            close();
        }
        updateReading();
    }

    /// Answers with that status, if the receiver does not, and ends the connection.
    private void refuse(int status, String details) {
        if (state == State.LINGER || state == State.CLOSED) {
            // The last response was given, or cut, by whoever took the part of the body before.
            return;
        }
        Http1ServerStream current = stream;
        boolean answered = state == State.DISCARD;
        dropPending();
        state = State.REFUSED;
        expect(limits().headTimeout());
        updateReading();
        if (answered) {
            linger();
        } else if (current == null) {
            RequestHead partial = parser.partial();
            Http1ServerStream last = new Http1ServerStream(this, encoder, partial, false);
            stream = last;
            receiver.onRejected(last, partial, status, details);
        } else {
            current.onReset(MalformedMessage.errorOf(status), details);
            if (isCurrent(current) && current.isHeadWritten()) {
                current.reset(StreamError.PROTOCOL_ERROR);
            } else if (isCurrent(current)) {
                current.writeHead(new ResponseHead(status, new Headers(0)), true);
            }
        }
    }

    @Override
    void onMalformed(MalformedMessage malformed) {
        refuse(malformed.status(), malformed.details());
    }

    /// Sends what was written, then closes.
    private void close() {
        stream = null;
        state = State.CLOSED;
        dropPending();
        output().flush();
        ChannelClosing.afterWrites(ctx());
    }

    /// Ends the connection without ending the response.
    ///
    /// @param abruptly if a plain end would look like the end of the response
    void cut(Http1ServerStream current, boolean abruptly) {
        if (!isCurrent(current)) {
            return;
        }
        if (!abruptly) {
            closeInStages();
            return;
        }
        stream = null;
        state = State.CLOSED;
        dropPending();
        output().run();
        ChannelClosing.abruptly(ctx());
    }

    /// Ends the connection behind what was written (RFC 9112, 9.6). A socket that is closed answers whatever the client
    /// still sends, and be it close_notify, by RST, and what the client has not received by then is lost.
    private void closeInStages() {
        if (ChannelClosing.canEndOutput(channel())) {
            linger();
        } else {
            close();
        }
    }

    private void linger() {
        stream = null;
        dropPending();
        output().flush();
        if (inputEnded) {
            close();
            return;
        }
        state = State.LINGER;
        timer().clear();
        updateReading();
        // The client's time to close starts when it has been sent everything; until then it only has to keep reading.
        ChannelClosing.outputForGood(ctx()).addListener(_ -> expect(options.discardTime()));
    }

    @Override
    void onInputEnd(boolean clean) {
        if (inputEnded) {
            return;
        }
        inputEnded = true;
        switch (state) {
            case HEAD -> onConsumed();
            case RAW -> {
                updateReading();
                onConsumed();
            }
            case BODY -> fail(StreamError.CONNECTION_CLOSED, "http1.downstream_closed");
            case DISCARD, LINGER -> close();
            // What was asked for is still answered: the client may only have closed its sending side.
            case RESPONSE -> awaitNextPart();
            case REFUSED, CLOSED -> {}
        }
    }

    @Override
    void onConsumed() {
        if (!inputEnded || hasPending()) {
            return;
        }
        if (state == State.HEAD) {
            close();
        } else if (state == State.RAW && !rawInputEnded) {
            rawInputEnded = true;
            Http1ServerStream current = stream;
            if (current != null) {
                current.onBody(Unpooled.EMPTY_BUFFER, true, 0);
                // The end of input is not a read of its own, so nobody else reports that it has been delivered.
                current.onReadComplete();
            }
            if (rawOutputEnded) {
                close();
            } else {
                ChannelClosing.closeOnceReset(channel());
            }
        }
    }

    @Override
    public void onDeadline() {
        switch (state) {
            case HEAD -> {
                if (parser.isStarted()) {
                    refuse(408, "http1.head_timeout");
                } else {
                    close();
                }
            }
            case BODY -> refuse(408, "http1.body_timeout");
            case RAW -> fail(StreamError.TIMEOUT, "http1.idle_timeout");
            case DISCARD -> linger();
            case REFUSED, LINGER -> ctx().close();
            case RESPONSE -> {
                // How long a response may take is the route's decision, unless nobody may be waiting for it.
                if (gate != null) {
                    gate.open();
                }
                if (inputEnded && ctx().channel().isWritable()) {
                    fail(StreamError.CONNECTION_CLOSED, "http1.downstream_closed");
                } else {
                    awaitNextPart();
                }
            }
            case CLOSED -> {}
        }
    }

    @Override
    public void onWriteStalled() {
        fail(StreamError.TIMEOUT, "http1.write_timeout");
        ChannelClosing.abruptly(ctx());
    }

    @Override
    void onFailure(Throwable cause) {
        fail(StreamError.INTERNAL_ERROR, "http1.internal_error");
    }

    @Override
    void onGone() {
        state = State.CLOSED;
        Http1ServerStream last = stream;
        stream = null;
        if (last != null) {
            last.onReset(StreamError.CONNECTION_CLOSED, "http1.downstream_closed");
        }
    }

    private void fail(StreamError error, String details) {
        Http1ServerStream current = stream;
        if (current != null) {
            current.onReset(error, details);
            current.reset(error);
        } else {
            ctx().close();
        }
    }
}
