package io.sallyport.http.h1;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.util.AsciiString;
import io.sallyport.http.ClientConnection;
import io.sallyport.http.ClientStream;
import io.sallyport.http.HeaderNames;
import io.sallyport.http.Headers;
import io.sallyport.http.HttpVersion;
import io.sallyport.http.RequestHead;
import io.sallyport.http.ResponseListener;
import io.sallyport.http.StreamError;
import io.sallyport.http.WebSocketHandshake;
import org.jspecify.annotations.Nullable;

/// One exchange of an upstream connection.
final class Http1ClientStream implements ClientStream {
    private final Http1ClientConnection connection;
    private final RequestEncoder request;
    private final ResponseListener listener;

    final String method;
    final @Nullable String upgrade;
    final boolean expectsContinue;
    /// Of a WebSocket that the client asked for over HTTP/2, where there is none: the gateway's own. Else null.
    final @Nullable AsciiString ownKey;

    private boolean ended;
    /// The connection's count of flushes as the head was written.
    private int flushes;
    private boolean paused;
    private int interimResponses;

    /// Made before the head is written.
    Http1ClientStream(
            Http1ClientConnection connection, RequestEncoder request, RequestHead head, ResponseListener listener) {
        this.connection = connection;
        this.request = request;
        this.listener = listener;
        this.method = head.method;
        this.upgrade = head.upgrade;
        this.expectsContinue = head.expectsContinue;
        this.ownKey = head.version == HttpVersion.HTTP_2 && WebSocketHandshake.isRequested(head)
                ? WebSocketHandshake.newKey()
                : null;
    }

    @Override
    public ClientConnection connection() {
        return connection;
    }

    @Override
    public EventLoop eventLoop() {
        return connection.channel().eventLoop();
    }

    void writeHead(RequestHead head, boolean end) {
        if (ownKey != null) {
            head.headers.set(HeaderNames.SEC_WEBSOCKET_KEY, ownKey);
        }
        request.head(connection.output(), head, end);
        flushes = connection.output().flushes();
        ended = end;
    }

    @Override
    public void writeData(ByteBuf data, boolean end) {
        if (isWriting()) {
            afterWrite(request.data(connection.output(), data, end), end);
        } else {
            data.release();
        }
    }

    @Override
    public void writeTrailers(Headers trailers) {
        if (isWriting()) {
            afterWrite(request.trailers(connection.output(), trailers), true);
        }
    }

    private void afterWrite(boolean fits, boolean end) {
        if (!fits) {
            ended = true;
            connection.cut(this);
            eventLoop().execute(() -> listener.onReset(StreamError.INTERNAL_ERROR, "http1.content_length_mismatch"));
        } else if (end) {
            ended = true;
            connection.onRequestEnd();
        }
    }

    @Override
    public void flush() {
        if (connection.isCurrent(this)) {
            connection.flush();
        }
    }

    @Override
    public void reset(StreamError error) {
        ended = true;
        connection.cut(this);
    }

    @Override
    public boolean isWritable() {
        return connection.channel().isWritable();
    }

    @Override
    public void pauseReading() {
        pause(true);
    }

    @Override
    public void resumeReading() {
        pause(false);
    }

    private void pause(boolean pause) {
        paused = pause;
        if (connection.isCurrent(this)) {
            connection.updateReading();
        }
    }

    private boolean isWriting() {
        return !ended && connection.isCurrent(this) && !connection.isOutputBroken();
    }

    ResponseListener listener() {
        return listener;
    }

    /// The request, or after a switch all that is sent, was written to its end.
    boolean isEnded() {
        return ended;
    }

    /// If not, nothing of the request can have reached the peer.
    boolean isFlushed() {
        return connection.output().flushes() != flushes;
    }

    boolean isPaused() {
        return paused;
    }

    /// The response switched the connection: content is raw, and has not ended.
    void beginRaw() {
        request.beginRaw();
        ended = false;
    }

    int countInterimResponse() {
        return ++interimResponses;
    }
}
