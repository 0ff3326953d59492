package io.sallyport.http.h2;

import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Stream;
import io.sallyport.http.ConnectionInfo;
import io.sallyport.http.HeaderNames;
import io.sallyport.http.Headers;
import io.sallyport.http.ResponseHead;
import io.sallyport.http.ServerStream;
import io.sallyport.http.StreamError;
import java.util.concurrent.TimeUnit;

/// A request that a client sent over HTTP/2.
final class Http2ServerStream extends AbstractHttp2Stream implements ServerStream {
    private static final int SWITCHING_PROTOCOLS = 101;
    private static final int OK = 200;

    private final Http2ServerConnection connection;
    private boolean headWritten;
    /// The request is a CONNECT: what follows is the tunnel's.
    private boolean connect;
    /// The CONNECT is an extended one, which asks for a protocol and is answered like an upgrade of HTTP/1.1.
    private boolean upgrade;
    /// A tunnel is open: each side ends on its own.
    private boolean tunnel;
    private boolean pausedByOwner;

    Http2ServerStream(Http2ServerConnection connection, Http2Stream stream) {
        super(connection.transport, connection.notices, stream);
        this.connection = connection;
    }

    @Override
    public ConnectionInfo connection() {
        return connection.info();
    }

    @Override
    public void writeInformational(int status, Headers headers) {
        if (!headWritten && beginWrite(false)) {
            connection.transport.writeHeaders(codecStream(), EncodedFields.response(status, headers), false);
            flush();
        }
    }

    @Override
    public void writeHead(ResponseHead head, boolean end) {
        if (!headWritten && beginWrite(end)) {
            headWritten = true;
            int status = head.status;
            if (upgrade && status == SWITCHING_PROTOCOLS) {
                status = OK;
                head.headers.remove(HeaderNames.SEC_WEBSOCKET_ACCEPT);
                openTunnel(head);
            } else if (connect && !upgrade && status / 100 == 2) {
                openTunnel(head);
            }
            connection.transport.writeHeaders(codecStream(), EncodedFields.response(status, head.headers), end);
        }
    }

    @Override
    public void closeAfterResponse() {
        connection.drain();
    }

    /// What the client sends from now on is neither limited nor awaited, and held back until the tunnel is open.
    void expectTunnel() {
        connect = true;
        input.waitWithoutEnd();
        input.pause();
    }

    /// As [#expectTunnel], for the extended CONNECT (RFC 8441).
    ///
    /// @param end the client has ended its side with the request, which is delivered once the tunnel is open
    void expectSwitch(boolean end) {
        expectTunnel();
        upgrade = true;
        if (end) {
            input.holdEnd();
        }
    }

    boolean isConnect() {
        return connect;
    }

    boolean isTunnel() {
        return tunnel;
    }

    /// What was held back is delivered in a turn of its own: the caller may be in the middle of something.
    private void openTunnel(ResponseHead head) {
        tunnel = true;
        // RFC 9110, 9.3.6: what follows is no content.
        head.headers.remove(HeaderNames.CONTENT_LENGTH);
        if (upgrade) {
            input.touch(connection.transport.now());
            connection.transport.timeouts.checkBy(idleDeadline());
        }
        if (input.hasHeld()) {
            eventLoop().execute(this::resumeTunnel);
        } else {
            resumeTunnel();
        }
    }

    private void resumeTunnel() {
        if (!pausedByOwner && !isCut()) {
            super.resumeReading();
        }
    }

    private long idleDeadline() {
        return Math.max(input.arrivedAt(), output.progressAt())
                + connection.transport.limits.idleTimeout().toNanos();
    }

    /// An upgraded stream may be silent for as long as an upgraded connection of HTTP/1.1. A tunnel's owner limits its
    /// silence itself.
    @Override
    long checkIdle(long now) {
        return Math.min(checkTunnel(now), checkHalfClosed(now));
    }

    /// Gives up an answer that stands still, for a client that has ended its side and so looks like one that is gone.
    /// What its windows do not take will not go on; a slow reader is given the time of writing.
    private long checkHalfClosed(long now) {
        long endedAt = connection.inputEndedAt();
        if (endedAt < 0 || isCut()) {
            return Timeouts.NONE;
        }
        long wait = TimeUnit.MILLISECONDS.toNanos(Http2ServerConnection.HALF_CLOSE_MILLIS);
        long due = Math.max(endedAt, output.progressAt()) + wait;
        if (now < due) {
            return due;
        }
        if (!connection.channel().isWritable()) {
            return now + wait;
        }
        drop();
        return Timeouts.NONE;
    }

    /// The client is gone, or as good as that.
    void drop() {
        giveUp(StreamError.CONNECTION_CLOSED, "http2.connection_closed");
    }

    private long checkTunnel(long now) {
        if (!upgrade || !tunnel || isCut()) {
            return Timeouts.NONE;
        }
        long due = idleDeadline();
        if (now < due) {
            return due;
        }
        cut(Http2Error.CANCEL);
        notifyReset(StreamError.TIMEOUT, "http2.idle_timeout");
        return Timeouts.NONE;
    }

    @Override
    public void pauseReading() {
        pausedByOwner = true;
        super.pauseReading();
    }

    @Override
    public void resumeReading() {
        pausedByOwner = false;
        if (!connect || tunnel) {
            super.resumeReading();
        }
    }

    /// The response's last frame was written. The rest of the request is not needed any more (RFC 9113, 8.1).
    void responseWritten() {
        if (!tunnel && !isCut() && !input.hasEnded()) {
            cut(Http2Error.NO_ERROR);
        }
    }

    /// Of a request that was answered before it was read to its end, the rest that was held back is not delivered.
    @Override
    void settled() {
        if (!tunnel) {
            input.discard();
        }
    }

    @Override
    boolean isOverLimit(long received) {
        return !connect
                && connection.transport.limits.bodyBytes() > 0
                && received > connection.transport.limits.bodyBytes();
    }

    @Override
    void bodyTooLarge() {
        giveUpInput(413, StreamError.BODY_TOO_LARGE, "http2.body_too_large");
    }

    @Override
    void inputStalled() {
        giveUpInput(408, StreamError.TIMEOUT, "http2.body_timeout");
    }

    /// The listener may still answer before it returns. If it does not, a bare response says why or, with one under
    /// way, the stream is reset.
    private void giveUpInput(int status, StreamError error, String details) {
        boolean begun = headWritten || output.hasEnded();
        input.abandon();
        notifyReset(error, details);
        if (begun) {
            reset(error);
        } else if (!headWritten) {
            writeHead(new ResponseHead(status, new Headers(0)), true);
        }
        flush();
    }
}
