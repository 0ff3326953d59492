package io.sallyport.http.h2;

import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Stream;
import io.sallyport.http.ConnectionInfo;
import io.sallyport.http.Headers;
import io.sallyport.http.ResponseHead;
import io.sallyport.http.ServerStream;
import io.sallyport.http.StreamError;

/// A request that a client sent over HTTP/2.
final class Http2ServerStream extends AbstractHttp2Stream implements ServerStream {
    private final Http2ServerConnection connection;
    private boolean headWritten;

    Http2ServerStream(Http2ServerConnection connection, Http2Stream stream) {
        super(connection, stream);
        this.connection = connection;
    }

    @Override
    public ConnectionInfo connection() {
        return connection.info();
    }

    @Override
    public void writeInformational(int status, Headers headers) {
        if (!headWritten && beginWrite(false)) {
            connection.writeHeaders(codecStream(), EncodedFields.response(status, headers), false);
            flush();
        }
    }

    @Override
    public void writeHead(ResponseHead head, boolean end) {
        if (!headWritten && beginWrite(end)) {
            headWritten = true;
            connection.writeHeaders(codecStream(), EncodedFields.response(head), end);
        }
    }

    @Override
    public void closeAfterResponse() {
        connection.drain();
    }

    /// The response's last frame was written. A request that is still coming is of no more use (RFC 9113, 8.1).
    void responseWritten() {
        if (!isCut() && !input.hasEnded()) {
            cut(Http2Error.NO_ERROR);
        }
    }

    @Override
    boolean isOverLimit(long received) {
        return connection.limits.bodyBytes() > 0 && received > connection.limits.bodyBytes();
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
        tell(error, details);
        if (begun) {
            reset(error);
        } else if (!headWritten) {
            writeHead(new ResponseHead(status, new Headers(0)), true);
        }
        flush();
    }
}
