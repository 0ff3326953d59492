package io.sallyport.http.h1;

import io.netty.buffer.ByteBuf;
import io.sallyport.http.ConnectionInfo;
import io.sallyport.http.Headers;
import io.sallyport.http.HttpLimits;
import io.sallyport.http.InputGate;
import io.sallyport.http.RequestHead;
import io.sallyport.http.RequestReceiver;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// A client's HTTP/1.1 connection: one exchange after the other, in order.
///
/// While an exchange is under way, what the client sends ahead is kept, but no more than one read of it: then the
/// socket is left alone. A request that is not one to forward is the last: nothing behind it is ever parsed.
///
/// Where the body of a request turns out broken, too long or too slow, the listener hears `onReset` and may still
/// answer before it returns. If it does not, the connection answers 400, 413 or 408 itself or, with a response under
/// way, cuts it.
public final class Http1ServerConnection extends ServerLifecycle implements InputGate.Owner {
    private final RequestReceiver receiver;
    private final ConnectionInfo info;
    private final Http1RequestParser parser;
    private final BodyDecoder decoder;

    private @Nullable InputGate gate;
    private int requests;
    private Duration firstHead;

    /// A handler for one channel, open already or not; it belongs behind the `SslHandler` where there is one.
    public Http1ServerConnection(
            RequestReceiver receiver, ConnectionInfo info, HttpLimits limits, Http1Options options) {
        super(limits, options);
        this.receiver = receiver;
        this.info = info;
        this.parser = new Http1RequestParser(limits, options, info.scheme());
        this.decoder = new BodyDecoder(FieldParser.ofRequests(limits, options.underscores()));
        this.firstHead = limits.headTimeout();
    }

    /// The first head began to come before this handler had its place: it must be complete within that time instead of
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
    public boolean owesAnswer() {
        return state == ServerState.RESPONSE;
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
        awaitNextPart();
    }

    @Override
    boolean mayHaveEnded() {
        return isInputEnded() || (gate != null && gate.isHoldingEnd());
    }

    @Override
    void readHeldEnd() {
        if (gate != null) {
            gate.open();
        }
    }

    @Override
    void onOpen() {
        expect(firstHead);
    }

    @Override
    boolean isHeadStarted() {
        return parser.isStarted();
    }

    @Override
    long remainingBody() {
        return decoder.remaining();
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
        return state == ServerState.RESPONSE || state == ServerState.HEAD || state == ServerState.RAW;
    }

    @Override
    boolean isReadingPaused() {
        boolean paused = stream != null && stream.isPaused();
        return switch (state) {
            case BODY -> paused;
            // Asking for more behind the end would wake us once more to hear of it again.
            case RAW -> paused || isInputEnded();
            default -> false;
        };
    }

    /// Nothing new is begun for a client that does not read the answers to what it asked before.
    private boolean readHead(ByteBuf in) {
        if (!channel().isWritable()) {
            return false;
        }
        if (!parser.isStarted() && requests > 0) {
            expect(limits().headTimeout());
        }
        RequestHead head = parser.read(in);
        if (head == null) {
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
        Http1ServerStream next = new Http1ServerStream(this, head, parser.isPersistent() && !last);
        boolean end = head.contentLength == 0;
        stream = next;
        state = end ? ServerState.RESPONSE : ServerState.BODY;
        if (head.contentLength > 0) {
            decoder.beginLength(head.contentLength);
        } else if (!end) {
            decoder.beginChunked();
        }
        onBodyAwaited(next);
        next.listen(receiver.onRequest(next, head, end && !next.isConnect()));
    }

    @Override
    void reject(int status, String details) {
        RequestHead partial = parser.partial();
        Http1ServerStream last = new Http1ServerStream(this, partial, false);
        stream = last;
        receiver.onRejected(last, partial, status, details);
    }

    /// Makes the connection a channel for something that is not HTTP, as the response's head said. The client may have
    /// ended its side before that: the listener, which is only being told now of what comes, hears of it too.
    void switchToRaw() {
        state = ServerState.RAW;
        awaitRaw();
        updateReading();
        if (hasPending()) {
            resumeSoon();
        } else if (isInputEnded()) {
            channel().eventLoop().execute(this::onConsumed);
        }
    }

    /// Something went through an upgraded connection. How long a CONNECT tunnel may be silent is for its owner to say:
    /// what passes in it is not HTTP's to time.
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
        if (ended && state == ServerState.DISCARD) {
            endExchange(false);
        } else if (!ended && current != null) {
            onBodyAwaited(current);
        }
        return true;
    }

    @Override
    public void onBody(ByteBuf data, boolean end) {
        Http1ServerStream current = stream;
        if (current != null && state == ServerState.RAW) {
            awaitRaw();
            current.onBody(data, end, 0);
        } else if (current != null && state == ServerState.BODY) {
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
        if (current != null && state == ServerState.BODY) {
            onRequestEnd();
            current.onTrailers(trailers);
        }
    }

    private void onRequestEnd() {
        state = ServerState.RESPONSE;
        timer().clear();
    }

    /// Sets the time-out for more of the body, if it is the client's turn.
    void onBodyAwaited(Http1ServerStream current) {
        if (state == ServerState.BODY && current.awaitsBody()) {
            expect(limits().bodyTimeout());
        } else if (state != ServerState.RAW) {
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
        output().flush();
    }

    @Override
    void onWritable() {
        Http1ServerStream current = stream;
        if (current != null) {
            current.onWritable();
        } else if (state == ServerState.HEAD) {
            resumeSoon();
        }
    }
}
