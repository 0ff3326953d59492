package io.sallyport.http.h1;

import io.netty.buffer.ByteBuf;
import io.sallyport.http.Headers;
import io.sallyport.http.RequestHead;
import io.sallyport.http.ServerStream;
import io.sallyport.http.StreamError;
import io.sallyport.http.StreamListener;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/// What a receiver was told of one request, in a form that does not depend on how its bytes were cut.
class Exchange implements StreamListener {
    final ServerStream stream;
    final RequestHead head;
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    boolean ended;
    int pieces;
    int readCompletes;
    int writables;
    Headers trailers;
    StreamError error;
    String details;

    Exchange(ServerStream stream, RequestHead head, boolean ended) {
        this.stream = stream;
        this.head = head;
        this.ended = ended;
    }

    String body() {
        return body.toString(StandardCharsets.ISO_8859_1);
    }

    @Override
    public void onData(ByteBuf data, boolean end) {
        if (ended && head.upgrade == null) {
            throw new AssertionError("data after the end");
        }
        try {
            data.readBytes(body, data.readableBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            data.release();
        }
        pieces++;
        ended = end;
        if (end) {
            onEnd();
        }
    }

    /// The request is complete.
    void onEnd() {}

    @Override
    public void onTrailers(Headers fields) {
        trailers = fields;
        ended = true;
        onEnd();
    }

    @Override
    public void onReset(StreamError reason, String text) {
        if (error != null) {
            throw new AssertionError("reset twice");
        }
        error = reason;
        details = text;
    }

    @Override
    public void onWritable() {
        writables++;
    }

    @Override
    public void onReadComplete() {
        readCompletes++;
    }

    /// All of it as text.
    @Override
    public String toString() {
        return head.version.text() + " " + head.method + " " + head.scheme + " [" + head.authority + "] " + head.path
                + " length=" + head.contentLength
                + (head.upgrade == null ? "" : " upgrade=" + head.upgrade)
                + (head.expectsContinue ? " expects" : "")
                + (head.absoluteForm ? " absolute" : "")
                + "\n" + head.headers + "body=" + body() + " ended=" + ended + " trailers=" + trailers + " error="
                + error;
    }
}
