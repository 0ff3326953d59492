package io.sallyport.http.h1;

import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;
import io.sallyport.http.ClientStream;
import io.sallyport.http.Headers;
import io.sallyport.http.HttpLimits;
import io.sallyport.http.Methods;
import io.sallyport.http.RequestHead;
import io.sallyport.http.ResponseHead;
import io.sallyport.http.ResponseListener;
import io.sallyport.http.StreamError;
import io.sallyport.http.WebSocketHandshake;

/// An HTTP/1.1 connection to an endpoint: one exchange at a time.
///
/// It becomes available again when all that one read of the socket brought has been looked at, so that surplus bytes
/// are seen before a next request is sent; what arrives before a request has been flushed is not its response either.
public final class Http1ClientConnection extends ClientLifecycle {
    private static final int MAX_INTERIM_RESPONSES = 32;

    private final Http1ResponseParser parser;
    private final RequestEncoder encoder = new RequestEncoder();

    /// A handler for a connected channel; it belongs behind the `SslHandler` where there is one.
    public Http1ClientConnection(HttpLimits limits, Owner owner) {
        super(limits, owner);
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
        // A request may be opened, which is for the owner to know.
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
}
