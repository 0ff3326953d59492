package io.sallyport.http.h1;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.sallyport.http.ConnectionInfo;
import io.sallyport.http.Headers;
import io.sallyport.http.RequestHead;
import io.sallyport.http.ResponseHead;
import io.sallyport.http.ServerStream;
import io.sallyport.http.StreamError;
import io.sallyport.http.StreamListener;
import org.jspecify.annotations.Nullable;

/// One exchange of a downstream connection.
final class Http1ServerStream implements ServerStream {
    private final Http1ServerConnection connection;
    private final ResponseEncoder response;

    private @Nullable StreamListener listener;
    private boolean closing;
    private boolean headWritten;
    private boolean ended;
    private boolean paused;
    /// The client may be waiting for `100 Continue` before it sends the body.
    private boolean awaitsContinue;
    private long bodyBytes;

    /// @param response the connection's encoder, which is this stream's while it is current
    /// @param request what is known of it, or null
    /// @param persistent false if the connection ends after this response in any case
    Http1ServerStream(
            Http1ServerConnection connection,
            ResponseEncoder response,
            @Nullable RequestHead request,
            boolean persistent) {
        this.connection = connection;
        this.response = response;
        response.begin(request);
        this.closing = !persistent;
        this.awaitsContinue = request != null && request.expectsContinue;
    }

    @Override
    public ConnectionInfo connection() {
        return connection.info();
    }

    @Override
    public EventLoop eventLoop() {
        return connection.channel().eventLoop();
    }

    @Override
    public void writeInformational(int status, Headers headers) {
        if (isWriting() && !headWritten && response.informational(connection.output(), status, headers)) {
            connection.flush();
            if (status == 100 && awaitsContinue) {
                awaitsContinue = false;
                connection.onBodyAwaited(this);
            }
        }
    }

    @Override
    public void writeHead(ResponseHead head, boolean end) {
        if (!isWriting() || headWritten) {
            return;
        }
        // Without a 100 the client may send the body or not: what follows could be either.
        boolean close = closing || connection.isLast() || awaitsContinue;
        closing = response.head(connection.output(), head, end, close);
        headWritten = true;
        if (response.isRaw()) {
            connection.switchToRaw();
        }
        if (end) {
            writeData(Unpooled.EMPTY_BUFFER, true);
        }
    }

    @Override
    public void writeData(ByteBuf data, boolean end) {
        if (!headWritten || !isWriting()) {
            data.release();
        } else {
            afterWrite(response.data(connection.output(), data, end), end);
        }
    }

    @Override
    public void writeTrailers(Headers trailers) {
        if (headWritten && isWriting()) {
            afterWrite(response.trailers(connection.output(), trailers), true);
        }
    }

    private void afterWrite(boolean fits, boolean end) {
        if (!fits) {
            ended = true;
            StreamListener last = silence();
            connection.cut(this, false);
            if (last != null) {
                eventLoop().execute(() -> last.onReset(StreamError.INTERNAL_ERROR, "http1.content_length_mismatch"));
            }
        } else if (end) {
            ended = true;
            connection.onResponseEnd(this);
        } else if (response.isRaw()) {
            connection.awaitRaw();
        } else if (connection.isInputEnded()) {
            connection.awaitNextPart();
        }
    }

    @Override
    public void flush() {
        connection.flush();
    }

    @Override
    public void reset(StreamError error) {
        if (connection.isCurrent(this)) {
            ended = true;
            listener = null;
            connection.cut(this, response.isDelimitedByClose());
        }
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

    @Override
    public @Nullable Channel bareChannel() {
        Channel channel = connection.channel();
        boolean bare = connection.isCurrent(this)
                && response.isRaw()
                && channel.pipeline().first() == connection;
        return bare ? channel : null;
    }

    @Override
    public boolean sendNow() {
        if (isWriting()) {
            connection.sendWritten();
        }
        return isWriting();
    }

    @Override
    public void closeAfterResponse() {
        closing = true;
    }

    private void pause(boolean pause) {
        if (pause != paused && connection.isCurrent(this)) {
            paused = pause;
            connection.onBodyAwaited(this);
        }
    }

    private boolean isWriting() {
        return !ended && connection.isCurrent(this);
    }

    boolean isClosing() {
        return closing;
    }

    boolean isHeadWritten() {
        return headWritten;
    }

    boolean isConnect() {
        return response.isConnect();
    }

    boolean isPaused() {
        return paused;
    }

    /// The client is to send content now, and has a time-out to do so.
    boolean awaitsBody() {
        return !paused && !awaitsContinue;
    }

    void listen(StreamListener to) {
        if (connection.isCurrent(this)) {
            listener = to;
        }
    }

    /// Takes the listener out: it is notified once more by the caller, or not at all.
    @Nullable
    StreamListener silence() {
        StreamListener last = listener;
        listener = null;
        return last;
    }

    /// Content of the request, or what came after a switch; takes over the buffer.
    ///
    /// @param limit of the whole body in bytes, or 0
    /// @throws MalformedMessage beyond it
    void onBody(ByteBuf data, boolean end, long limit) {
        awaitsContinue = false;
        bodyBytes += data.readableBytes();
        if (listener == null || (limit > 0 && bodyBytes > limit)) {
            data.release();
            if (listener != null) {
                throw new MalformedMessage(413, "http1.body_too_large");
            }
        } else {
            listener.onData(data, end);
        }
    }

    void onTrailers(Headers trailers) {
        if (listener != null) {
            listener.onTrailers(trailers);
        }
    }

    void onWritable() {
        if (listener != null) {
            listener.onWritable();
        }
    }

    void onReadComplete() {
        if (listener != null) {
            listener.onReadComplete();
        }
    }

    void onReset(StreamError error, String details) {
        StreamListener last = silence();
        if (last != null) {
            last.onReset(error, details);
        }
    }
}
