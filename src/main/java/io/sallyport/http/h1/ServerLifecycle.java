package io.sallyport.http.h1;

import io.netty.buffer.Unpooled;
import io.sallyport.http.Headers;
import io.sallyport.http.HttpLimits;
import io.sallyport.http.ResponseHead;
import io.sallyport.http.StreamError;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// How exchanges of a downstream connection end, and the connection with them: in order, refused, timed out, or cut.
abstract class ServerLifecycle extends Http1Connection {
    private final Http1Options options;

    ServerState state = ServerState.HEAD;

    @Nullable
    Http1ServerStream stream;

    private boolean inputEnded;
    private boolean rawInputEnded;
    private boolean rawOutputEnded;
    private boolean draining;
    private long discarded;

    ServerLifecycle(HttpLimits limits, Http1Options options) {
        super(limits);
        this.options = options;
    }

    /// True within a head.
    abstract boolean isHeadStarted();

    /// As [BodyDecoder#remaining].
    abstract long remainingBody();

    /// Whether the client has ended its side, or its last record, which is held back, may be its end.
    abstract boolean mayHaveEnded();

    /// Releases the record that is held back.
    abstract void readHeldEnd();

    /// Has a request refused that was never begun; `stream` is where to answer.
    abstract void reject(int status, String details);

    /// Ends the connection after the exchange under way, with `connection: close` on its response. An idle one is
    /// given a moment first: a request that is on its way already is answered, and its client told not to send
    /// another. To be called on the event loop, also before the connection is in its pipeline.
    public final void drain() {
        if (!draining && isAdded() && state == ServerState.HEAD && !isHeadStarted()) {
            expect(options.drainIdleTime());
        }
        draining = true;
    }

    final boolean isCurrent(Http1ServerStream candidate) {
        return stream == candidate;
    }

    /// No request will be read after the one under way.
    final boolean isLast() {
        return draining || state == ServerState.REFUSED || (inputEnded && !hasPending());
    }

    final boolean isInputEnded() {
        return inputEnded;
    }

    final void expect(Duration time) {
        timer().expect(time.toNanos());
    }

    /// It is the endpoint's turn: with all the time that the route gives it, or little where nobody may be waiting.
    final void awaitNextPart() {
        if (!mayHaveEnded()) {
            timer().clear();
        } else if (state == ServerState.RESPONSE) {
            expect(options.halfCloseTime());
        }
    }

    /// The response was written to its end.
    final void onResponseEnd(Http1ServerStream ended) {
        if (state == ServerState.RAW) {
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
        if (state == ServerState.REFUSED) {
            linger();
        } else if (state != ServerState.BODY) {
            endExchange(closing);
        } else if (closing || remainingBody() > options.discardBytes()) {
            linger();
        } else {
            state = ServerState.DISCARD;
            discarded = 0;
            expect(options.discardTime());
            updateReading();
        }
    }

    /// Counts what is read past.
    final void onDiscarded(int bytes) {
        discarded += bytes;
        if (state == ServerState.DISCARD && discarded > options.discardBytes()) {
            linger();
        }
    }

    final void endExchange(boolean closing) {
        if (closing || draining) {
            if (hasPending()) {
                linger();
            } else {
                close();
            }
            return;
        }
        state = ServerState.HEAD;
        expect(limits().idleTimeout());
        if (hasPending()) {
            resumeSoon();
        } else if (inputEnded && !isConsuming()) {
            close();
        }
        updateReading();
    }

    /// Answers with that status, if the receiver does not, and ends the connection.
    final void refuse(int status, String details) {
        Http1ServerStream current = stream;
        boolean answered = state == ServerState.DISCARD;
        dropPending();
        state = ServerState.REFUSED;
        expect(limits().headTimeout());
        updateReading();
        if (answered) {
            linger();
        } else if (current == null) {
            reject(status, details);
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
    final void onMalformed(MalformedMessage malformed) {
        refuse(malformed.status(), malformed.details());
    }

    /// Sends what was written, then closes.
    final void close() {
        stream = null;
        state = ServerState.CLOSED;
        dropPending();
        output().flush();
        ChannelClosing.afterWrites(ctx());
    }

    /// Ends the connection without ending the response.
    ///
    /// @param abruptly where a plain end would look like the response's
    final void cut(Http1ServerStream current, boolean abruptly) {
        if (!isCurrent(current)) {
            return;
        }
        stream = null;
        state = ServerState.CLOSED;
        dropPending();
        if (abruptly) {
            ChannelClosing.abruptly(ctx());
        } else {
            output().flush();
            ctx().close();
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
        state = ServerState.LINGER;
        timer().clear();
        updateReading();
        // The client's time to close starts when it has been sent everything; until then it only has to keep reading.
        ChannelClosing.output(ctx()).addListener(_ -> expect(options.discardTime()));
    }

    @Override
    final void onInputEnd(boolean clean) {
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
    final void onConsumed() {
        if (!inputEnded || hasPending()) {
            return;
        }
        if (state == ServerState.HEAD) {
            close();
        } else if (state == ServerState.RAW && !rawInputEnded) {
            rawInputEnded = true;
            Http1ServerStream current = stream;
            if (current != null) {
                current.onBody(Unpooled.EMPTY_BUFFER, true, 0);
                // The end of input is no read of its own, so nobody else says that it has been delivered.
                current.onReadComplete();
            }
            if (rawOutputEnded) {
                close();
            }
        }
    }

    @Override
    public final void onDeadline() {
        switch (state) {
            case HEAD -> {
                if (isHeadStarted()) {
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
                // How long a response may take is for the route to say, unless nobody may be waiting for it.
                readHeldEnd();
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
    public final void onWriteStalled() {
        fail(StreamError.TIMEOUT, "http1.write_timeout");
        ChannelClosing.abruptly(ctx());
    }

    @Override
    final void onFailure(Throwable cause) {
        fail(StreamError.INTERNAL_ERROR, "http1.internal_error");
    }

    @Override
    final void onGone() {
        state = ServerState.CLOSED;
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
