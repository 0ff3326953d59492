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
import io.sallyport.http.WebSocketHandshake;
import org.jspecify.annotations.Nullable;

/// An HTTP/1.1 connection to an endpoint: one exchange at a time.
///
/// It becomes available again when all that arrived with one read of the socket has been processed, so that surplus
/// bytes are seen before a next request is sent; what arrives before a request has been flushed is not its response
/// either. Another request is sent only if the one before ended cleanly on both sides and no bytes follow it.
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
    private final RequestEncoder encoder = new RequestEncoder();
    private final BodyDecoder decoder;

    private State state = State.IDLE;
    private @Nullable Http1ClientStream stream;
    /// Of the exchange that is [State#SETTLING].
    private @Nullable ResponseListener settling;
    /// By the response's head, and by what arrived after it.
    private boolean reusable;
    private boolean draining;
    private boolean rawInputEnded;
    /// The endpoint closed its side to the request. It may have answered before: what it sent is read first.
    private boolean outputBroken;

    /// A handler for a connected channel; it belongs behind the `SslHandler` where there is one.
    public Http1ClientConnection(HttpLimits limits, Owner owner) {
        super(limits);
        this.owner = owner;
        this.decoder = new BodyDecoder(FieldParser.ofResponses(limits));
        this.parser = new Http1ResponseParser(limits);
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
    void onOpen() {
        // The owner knows by itself that a request may be opened.
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
        return switch (state) {
            case HEAD -> readHead(current, in);
            case BODY -> decoder.decode(in, this);
            default -> {
                current.listener().onData(in.readRetainedSlice(in.readableBytes()), false);
                yield false;
            }
        };
    }

    private boolean readHead(Http1ClientStream current, ByteBuf in) {
        if (!current.isFlushed()) {
            fail(StreamError.REFUSED, "http1.unsolicited_response");
            return true;
        }
        ResponseHead head = parser.read(in, current.method);
        if (head == null) {
            return false;
        }
        if (head.status == 101) {
            switchProtocol(current, head);
        } else if (head.status < 200) {
            onInterimHead(current, head);
        } else if (head.status < 300 && current.method.equals(Methods.CONNECT)) {
            beginRaw(current, head);
        } else {
            onFinalHead(current, head);
        }
        return true;
    }

    private static void onInterimHead(Http1ClientStream current, ResponseHead head) {
        if (current.countInterimResponse() > MAX_INTERIM_RESPONSES) {
            throw MalformedMessage.badRequest("http1.too_many_interim_responses");
        }
        if (head.status != 100 || current.expectsContinue) {
            current.listener().onInformational(head.status, head.headers);
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
            decoder.begin(length);
        }
        current.listener().onHead(head, length == 0);
    }

    private void switchProtocol(Http1ClientStream current, ResponseHead head) {
        AsciiString chosen = parser.upgrade();
        if (current.upgrade == null || chosen == null || !chosen.contentEqualsIgnoreCase(current.upgrade)) {
            throw MalformedMessage.badRequest("http1.unsolicited_switch");
        }
        if (current.ownKey != null) {
            // The gateway is the WebSocket's client, and checks what a client must (RFC 6455, 4.1).
            if (!parser.namesUpgrade()) {
                throw MalformedMessage.badRequest("websocket.connection");
            }
            if (parser.declaresBody()) {
                throw MalformedMessage.badRequest("websocket.switch_with_content");
            }
            if (!WebSocketHandshake.isAccepted(head.headers, current.ownKey)) {
                throw MalformedMessage.badRequest("websocket.accept");
            }
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

    /// Whatever follows a response is worthless.
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
    void onWritable() {
        Http1ClientStream current = stream;
        if (current != null) {
            current.listener().onWritable();
        }
    }

    /// A write that fails ends what is written, not what is read.
    @Override
    void onAdded() {
        channel().config().setAutoClose(false);
    }

    @Override
    void onOutputEnd() {
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
    boolean isOutputBroken() {
        return outputBroken;
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
    public void drain() {
        draining = true;
        if (state == State.IDLE) {
            close();
        }
    }

    @Override
    public void close() {
        if (stream == null) {
            state = State.CLOSED;
        }
        ctx().close();
    }

    boolean isCurrent(Http1ClientStream candidate) {
        return stream == candidate;
    }

    /// Ends the exchange without notifying its listener, and with it the connection.
    void cut(Http1ClientStream current) {
        if (isCurrent(current)) {
            if (current.isFlushed()) {
                // What a switched connection carries counts piece by piece; a request that has not left is not sent.
                output().run();
            }
            stream = null;
            state = State.CLOSED;
            ctx().close();
        }
    }

    /// Notifies the listener, and ends the connection.
    private void fail(StreamError error, String details) {
        Http1ClientStream current = stream;
        stream = null;
        state = State.CLOSED;
        if (current != null) {
            current.listener().onReset(error, details);
        }
        ctx().close();
    }

    /// The response has ended, though its listener is yet to be notified. Unless the request has ended too, the
    /// connection cannot be reused.
    private void settle(Http1ClientStream current) {
        reusable &= current.isEnded() && !outputBroken;
        settling = current.listener();
        stream = null;
        state = State.SETTLING;
    }

    /// Bytes arrived that belong to no response.
    private void onSurplus() {
        reusable = false;
        if (state == State.IDLE) {
            close();
        }
    }

    private void startDraining() {
        if (!draining) {
            draining = true;
            owner.onDraining(this);
        }
    }

    /// What the stream sends has ended.
    void onRequestEnd() {
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

    @Override
    void onInputEnd(boolean clean) {
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
    void onMalformed(MalformedMessage malformed) {
        fail(MalformedMessage.errorOf(malformed.status()), malformed.details());
    }

    @Override
    void onFailure(Throwable cause) {
        fail(StreamError.INTERNAL_ERROR, "http1.internal_error");
    }

    @Override
    public void onDeadline() {
        // None is set: the route limits the time of a response, and the pool that of an idle connection.
    }

    @Override
    public void onWriteStalled() {
        fail(StreamError.TIMEOUT, "http1.write_timeout");
    }

    @Override
    void onGone() {
        Http1ClientStream current = stream;
        if (current != null) {
            boolean unsent = state == State.HEAD && !current.isFlushed();
            fail(unsent ? StreamError.REFUSED : StreamError.CONNECTION_CLOSED, "http1.upstream_closed");
        }
        state = State.CLOSED;
        owner.onClosed(this);
    }
}
