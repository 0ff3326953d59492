package io.sallyport.http.h1;

import io.netty.buffer.Unpooled;
import io.sallyport.http.ClientConnection;
import io.sallyport.http.HttpLimits;
import io.sallyport.http.HttpVersion;
import io.sallyport.http.ResponseListener;
import io.sallyport.http.StreamError;
import org.jspecify.annotations.Nullable;

/// How exchanges of an upstream connection end, and whether the connection outlives them: another request is let on
/// only if the one before ended cleanly on both sides and nothing stands behind it.
abstract class ClientLifecycle extends Http1Connection implements ClientConnection {
    enum State {
        IDLE,
        HEAD,
        BODY,
        /// The exchange has ended; the read that brought its end has not.
        SETTLING,
        /// Upgraded, or a tunnel.
        RAW,
        CLOSED
    }

    private final Owner owner;
    final BodyDecoder decoder;

    State state = State.IDLE;

    @Nullable
    Http1ClientStream stream;
    /// Of the exchange that is [State#SETTLING].
    private @Nullable ResponseListener settling;
    /// As far as the response's head says, and what came after it.
    boolean reusable;
    private boolean draining;
    private boolean rawInputEnded;
    /// The endpoint closed its side to the request. It may have answered before: what it sent is read first.
    private boolean outputBroken;

    ClientLifecycle(HttpLimits limits, Owner owner) {
        super(limits);
        this.owner = owner;
        this.decoder = new BodyDecoder(FieldParser.ofResponses(limits));
    }

    /// A write that fails ends what is written, not what is read.
    @Override
    final void onAdded() {
        channel().config().setAutoClose(false);
    }

    @Override
    final void onOutputEnd() {
        Http1ClientStream current = stream;
        if (state == State.RAW) {
            // If the stream has ended, it is the gateway that has ended its output.
            if (current != null && !current.isEnded()) {
                close();
            }
        } else if (current == null) {
            close();
        } else {
            outputBroken = true;
        }
    }

    @Override
    final boolean isOutputBroken() {
        return outputBroken;
    }

    @Override
    public final HttpVersion version() {
        return HttpVersion.HTTP_1_1;
    }

    @Override
    public final int availableStreams() {
        return state == State.IDLE && !draining ? 1 : 0;
    }

    @Override
    public final int activeStreams() {
        return stream == null ? 0 : 1;
    }

    @Override
    public final void drain() {
        draining = true;
        if (state == State.IDLE) {
            close();
        }
    }

    @Override
    public final void close() {
        if (stream == null) {
            state = State.CLOSED;
        }
        ctx().close();
    }

    final boolean isCurrent(Http1ClientStream candidate) {
        return stream == candidate;
    }

    /// Ends the exchange without a word to its listener, and with it the connection.
    final void cut(Http1ClientStream current) {
        if (isCurrent(current)) {
            stream = null;
            state = State.CLOSED;
            ctx().close();
        }
    }

    /// Tells the listener, and ends the connection.
    final void fail(StreamError error, String details) {
        Http1ClientStream current = stream;
        stream = null;
        state = State.CLOSED;
        if (current != null) {
            current.listener().onReset(error, details);
        }
        ctx().close();
    }

    /// The response has ended, though its listener has not heard so yet. Unless the request has too, the connection
    /// is of no use any more.
    final void settle(Http1ClientStream current) {
        reusable &= current.isEnded() && !outputBroken;
        settling = current.listener();
        stream = null;
        state = State.SETTLING;
    }

    /// Bytes came that belong to no response.
    final void onSurplus() {
        reusable = false;
        if (state == State.IDLE) {
            close();
        }
    }

    final void startDraining() {
        if (!draining) {
            draining = true;
            owner.onDraining(this);
        }
    }

    /// What the stream sends has ended.
    final void onRequestEnd() {
        if (state != State.RAW) {
            return;
        }
        if (rawInputEnded) {
            endRaw();
        } else {
            output().flush();
            ChannelClosing.output(ctx());
        }
    }

    @Override
    final void onReadBatchEnd() {
        Http1ClientStream current = stream;
        ResponseListener ended = settling;
        if (current != null) {
            current.listener().onReadComplete();
        } else if (ended != null) {
            settling = null;
            ended.onReadComplete();
            endSettling();
        }
    }

    private void endSettling() {
        if (state != State.SETTLING) {
            return;
        }
        if (reusable && !draining) {
            state = State.IDLE;
            updateReading();
            owner.onAvailable(this);
        } else {
            close();
        }
    }

    @Override
    final void onInputEnd(boolean clean) {
        Http1ClientStream current = stream;
        if (current == null || state == State.HEAD) {
            close();
        } else if (state == State.RAW) {
            endRawInput(current);
        } else if (decoder.endsWithConnection() && clean) {
            decoder.endWithConnection(this);
            onReadBatchEnd();
        } else {
            fail(StreamError.CONNECTION_CLOSED, "http1.truncated_response");
        }
    }

    private void endRawInput(Http1ClientStream current) {
        if (!rawInputEnded) {
            rawInputEnded = true;
            current.listener().onData(Unpooled.EMPTY_BUFFER, true);
            if (current.isEnded()) {
                endRaw();
            }
        }
    }

    private void endRaw() {
        stream = null;
        state = State.CLOSED;
        output().flush();
        ChannelClosing.afterWrites(ctx());
    }

    @Override
    final void onMalformed(MalformedMessage malformed) {
        fail(MalformedMessage.errorOf(malformed.status()), malformed.details());
    }

    @Override
    final void onFailure(Throwable cause) {
        fail(StreamError.INTERNAL_ERROR, "http1.internal_error");
    }

    @Override
    public final void onDeadline() {
        // None is set: how long a response may take is for the route to say, and an idle connection is the pool's.
    }

    @Override
    public final void onWriteStalled() {
        fail(StreamError.TIMEOUT, "http1.write_timeout");
    }

    @Override
    final void onGone() {
        Http1ClientStream current = stream;
        if (current != null) {
            boolean unsent = state == State.HEAD && !current.isFlushed();
            fail(unsent ? StreamError.REFUSED : StreamError.CONNECTION_CLOSED, "http1.upstream_closed");
        }
        state = State.CLOSED;
        owner.onClosed(this);
    }
}
