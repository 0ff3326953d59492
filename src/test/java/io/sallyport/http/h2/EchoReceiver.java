package io.sallyport.http.h2;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.AsciiString;
import io.sallyport.http.Headers;
import io.sallyport.http.RequestHead;
import io.sallyport.http.RequestReceiver;
import io.sallyport.http.ResponseHead;
import io.sallyport.http.ServerStream;
import io.sallyport.http.StreamError;
import io.sallyport.http.StreamListener;
import java.nio.charset.StandardCharsets;

/// Answers a request without body at once, and echoes a body with back-pressure, trailers included.
final class EchoReceiver implements RequestReceiver {
    static final AsciiString CONTENT_LENGTH = AsciiString.cached("content-length");

    @Override
    public StreamListener onRequest(ServerStream stream, RequestHead head, boolean end) {
        if (end) {
            ByteBuf hello = Unpooled.copiedBuffer("hello " + head.path, StandardCharsets.US_ASCII);
            stream.writeHead(
                    new ResponseHead(200, new Headers().add(CONTENT_LENGTH, "" + hello.readableBytes())), false);
            stream.writeData(hello, true);
        } else {
            stream.writeHead(new ResponseHead(200, new Headers()), false);
        }
        return new Echo(stream);
    }

    @Override
    public void onRejected(ServerStream stream, RequestHead head, int status, String details) {
        stream.writeHead(new ResponseHead(status, new Headers()), true);
        stream.flush();
    }

    private record Echo(ServerStream stream) implements StreamListener {
        @Override
        public void onData(ByteBuf data, boolean end) {
            stream.writeData(data, end);
            if (!end && !stream.isWritable()) {
                stream.pauseReading();
            }
        }

        @Override
        public void onTrailers(Headers trailers) {
            stream.writeTrailers(trailers);
        }

        @Override
        public void onReset(StreamError error, String details) {
            if (error == StreamError.BODY_TOO_LARGE || error == StreamError.TIMEOUT) {
                stream.writeHead(new ResponseHead(error == StreamError.TIMEOUT ? 408 : 413, new Headers()), true);
            }
        }

        @Override
        public void onWritable() {
            stream.resumeReading();
            stream.flush();
        }

        @Override
        public void onReadComplete() {
            stream.flush();
        }
    }
}
