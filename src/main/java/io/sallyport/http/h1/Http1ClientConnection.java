package io.sallyport.http.h1;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.AsciiString;
import io.sallyport.http.ClientConnection;
import io.sallyport.http.ClientStream;
import io.sallyport.http.Headers;
import io.sallyport.http.HttpLimits;
import io.sallyport.http.HttpVersion;
import io.sallyport.http.Methods;
import io.sallyport.http.RequestHead;
import io.sallyport.http.ResponseHead;
import io.sallyport.http.ResponseListener;
import io.sallyport.http.StreamError;
import org.jspecify.annotations.Nullable;

/// An HTTP/1.1 connection to an endpoint: one exchange at a time, and another one only if the one before ended cleanly on
/// both sides and nothing stands behind it.
///
/// It becomes available again when all that one read of the socket brought has been looked at, so that surplus bytes are
/// seen before a next request is sent; what arrives before a request has been flushed is not its response either.
public final class Http1ClientConnection extends Http1Connection implements ClientConnection {
    private static final int MAX_INTERIM_RESPONSES = 32;

    private enum State {
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
    private final Http1ResponseParser parser;
    private final BodyDecoder decoder;
    private final RequestEncoder encoder = new RequestEncoder();

    private State state = State.IDLE;
    private @Nullable Http1ClientStream stream;
    /// Of the exchange that is [State#SETTLING].
    private @Nullable ResponseListener settling;
    private boolean reusable;
    private boolean draining;
    private boolean rawInputEnded;

    /// A handler for a connected channel; it belongs behind the `SslHandler` where there is one.
    public Http1ClientConnection(HttpLimits limits, Owner owner) {
        super(limits);
        this.owner = owner;
        this.parser = new Http1ResponseParser(limits);
        this.decoder = new BodyDecoder(limits, true);
    }

    @Override
    public HttpVersion version() {
        return HttpVersion.HTTP_1_1;
    }

    @Override
    public int availableStreams() {
        return state == State.IDLE && !draining ? 1 : 0;
    }

    @Override
    public int activeStreams() {
        return stream == null ? 0 : 1;
    }

    @Override
    public ClientStream open(RequestHead head, boolean end, ResponseListener listener) {
        if (availableStreams() == 0) {
            throw new IllegalStateException("The connection takes no request now");
        }
        Http1ClientStream next = new Http1ClientStream(this, encoder, head, listener);
        stream = next;
        state = State.HEAD;
        next.writeHead(head, end);
        return next;
    }

    @Override
    public void drain() {
        draining = true;
        if (state == State.IDLE) {
            close();
        }
    }

    @Override
    public void close() {
        if (state != State.CLOSED && stream == null) {
            state = State.CLOSED;
        }
        channel().close();
    }

    boolean isCurrent(Http1ClientStream candidate) {
        return stream == candidate;
    }

    /// Ends the exchange without a word to its listener, and with it the connection.
    void cut(Http1ClientStream current) {
        if (isCurrent(current)) {
            stream = null;
            state = State.CLOSED;
            ctx().close();
        }
    }

    void onRequestEnd(Http1ClientStream current) {
        if (state == State.RAW) {
            if (rawInputEnded) {
                endRaw();
            } else {
                output().flush();
                ChannelClosing.output(ctx());
            }
        }
    }

    @Override
    void onOpen() {
        // Time-outs are the route's and the pool's.
    }

    @Override
    boolean advance(ByteBuf in) {
        Http1ClientStream current = stream;
        if (!in.isReadable()) {
            return false;
        }
        if (current == null) {
            in.skipBytes(in.readableBytes());
            onSurplus();
            return false;
        }
        switch (state) {
            case HEAD -> {
                if (!current.isFlushed()) {
                    fail(StreamError.REFUSED, "http1.unsolicited_response");
                    return true;
                }
                ResponseHead head = parser.read(in, current.method);
                if (head == null) {
                    return false;
                }
                onHead(current, head);
            }
            case BODY -> {
                if (!decoder.decode(in, this)) {
                    return false;
                }
            }
            default -> current.listener().onData(in.readRetainedSlice(in.readableBytes()), false);
        }
        return true;
    }

    private void onHead(Http1ClientStream current, ResponseHead head) {
        if (head.status == 101) {
            switchProtocol(current, head);
        } else if (head.status < 200) {
            if (current.countInterimResponse() > MAX_INTERIM_RESPONSES) {
                throw MalformedMessage.badRequest("http1.too_many_interim_responses");
            }
            if (head.status != 100 || current.expectsContinue) {
                current.listener().onInformational(head.status, head.headers);
            }
        } else if (head.status < 300 && current.method.equals(Methods.CONNECT)) {
            beginRaw(current, head);
        } else {
            onFinalHead(current, head);
        }
    }

    private void onFinalHead(Http1ClientStream current, ResponseHead head) {
        long length = parser.contentLength();
        reusable = parser.isPersistent();
        if (!reusable) {
            startDraining();
        }
        if (length == 0) {
            settle(current);
        } else {
            state = State.BODY;
            if (length > 0) {
                decoder.beginLength(length);
            } else if (length == Http1ResponseParser.UNTIL_CLOSE) {
                decoder.beginUntilClose();
            } else {
                decoder.beginChunked();
            }
        }
        current.listener().onHead(head, length == 0);
    }

    private void switchProtocol(Http1ClientStream current, ResponseHead head) {
        AsciiString chosen = parser.upgrade();
        if (current.upgrade == null || chosen == null || !chosen.contentEqualsIgnoreCase(current.upgrade)) {
            throw MalformedMessage.badRequest("http1.unsolicited_switch");
        }
        beginRaw(current, head);
    }

    private void beginRaw(Http1ClientStream current, ResponseHead head) {
        state = State.RAW;
        current.beginRaw();
        startDraining();
        current.listener().onHead(head, false);
    }

    @Override
    public void onBody(ByteBuf data, boolean end) {
        Http1ClientStream current = stream;
        if (current == null) {
            data.release();
            return;
        }
        if (end) {
            settle(current);
        }
        current.listener().onData(data, end);
    }

    @Override
    public void onBodyTrailers(Headers trailers) {
        Http1ClientStream current = stream;
        if (current != null) {
            settle(current);
            current.listener().onTrailers(trailers);
        }
    }

    /// The response has ended. If the request has not, the connection is of no use any more.
    private void settle(Http1ClientStream current) {
        reusable &= current.isEnded();
        settling = current.listener();
        stream = null;
        state = State.SETTLING;
    }

    private void onSurplus() {
        if (state == State.IDLE) {
            close();
        }
        reusable = false;
    }

    @Override
    void onReadBatchEnd() {
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

    private void startDraining() {
        if (!draining) {
            draining = true;
            owner.onDraining(this);
        }
    }

    @Override
    boolean keepsSurplus() {
        return false;
    }

    @Override
    boolean isReadingPaused() {
        return stream != null && stream.isPaused();
    }

    @Override
    void onConsumed() {
        // Nothing is held back here.
    }

    @Override
    void onMalformed(MalformedMessage malformed) {
        boolean large = malformed.status() == 431;
        fail(large ? StreamError.HEAD_TOO_LARGE : StreamError.PROTOCOL_ERROR, malformed.details());
    }

    private void fail(StreamError error, String details) {
        Http1ClientStream current = stream;
        stream = null;
        state = State.CLOSED;
        if (current != null) {
            current.listener().onReset(error, details);
        }
        ctx().close();
    }

    @Override
    void onInputEnd(boolean clean) {
        Http1ClientStream current = stream;
        if (current == null || state == State.HEAD) {
            close();
        } else if (state == State.RAW) {
            if (!rawInputEnded) {
                rawInputEnded = true;
                current.listener().onData(Unpooled.EMPTY_BUFFER, true);
                if (current.isEnded()) {
                    endRaw();
                }
            }
        } else if (state == State.BODY && decoder.endsWithConnection() && clean) {
            decoder.endWithConnection(this);
            onReadBatchEnd();
        } else {
            fail(StreamError.CONNECTION_CLOSED, "http1.truncated_response");
        }
    }

    private void endRaw() {
        stream = null;
        state = State.CLOSED;
        output().flush();
        ChannelClosing.afterWrites(ctx());
    }

    @Override
    void onWritable() {
        if (stream != null) {
            stream.listener().onWritable();
        }
    }

    @Override
    void onFailure(Throwable cause) {
        fail(StreamError.INTERNAL_ERROR, "http1.internal_error");
    }

    @Override
    public void onDeadline() {
        // None is set.
    }

    @Override
    public void onWriteStalled() {
        fail(StreamError.TIMEOUT, "http1.write_timeout");
    }

    @Override
    void onGone() {
        Http1ClientStream current = stream;
        boolean untouched = state == State.HEAD && current != null && !current.isFlushed();
        if (current != null) {
            fail(untouched ? StreamError.REFUSED : StreamError.CONNECTION_CLOSED, "http1.upstream_closed");
        }
        state = State.CLOSED;
        decoder.release();
        owner.onClosed(this);
    }
}
