package io.sallyport.http.h2;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sallyport.http.Headers;
import io.sallyport.http.RequestHead;
import io.sallyport.http.RequestReceiver;
import io.sallyport.http.ResponseHead;
import io.sallyport.http.ServerStream;
import io.sallyport.http.StreamError;
import io.sallyport.http.StreamListener;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// Records the events of requests, and leaves the answer to the test.
final class RecordingReceiver implements RequestReceiver {
    final List<Exchange> exchanges = new ArrayList<>();
    final List<String> rejections = new ArrayList<>();
    final List<RequestHead> rejectedHeads = new ArrayList<>();
    boolean pauseAtOnce;

    @Override
    public StreamListener onRequest(ServerStream stream, RequestHead head, boolean end) {
        Exchange exchange = new Exchange(stream, head, end);
        exchanges.add(exchange);
        if (pauseAtOnce) {
            stream.pauseReading();
        }
        return exchange;
    }

    @Override
    public void onRejected(ServerStream stream, RequestHead head, int status, String details) {
        rejections.add(status + " " + details);
        rejectedHeads.add(head);
        stream.writeHead(new ResponseHead(status, new Headers()), true);
    }

    Exchange only() {
        if (exchanges.size() != 1) {
            throw new AssertionError(exchanges.size() + " requests, rejected " + rejections);
        }
        return exchanges.getFirst();
    }

    static final class Exchange implements StreamListener {
        final ServerStream stream;
        final RequestHead head;
        final boolean end;
        final StringBuilder body = new StringBuilder();
        final List<String> events = new ArrayList<>();
        int parts;

        Exchange(ServerStream stream, RequestHead head, boolean end) {
            this.stream = stream;
            this.head = head;
            this.end = end;
        }

        void respond(int status) {
            stream.writeHead(new ResponseHead(status, new Headers()), true);
            stream.flush();
        }

        void write(String text, boolean end) {
            stream.writeData(Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1), end);
            stream.flush();
        }

        @Override
        public void onData(ByteBuf data, boolean end) {
            body.append(data.toString(StandardCharsets.ISO_8859_1));
            parts++;
            data.release();
            if (end) {
                events.add("end");
            }
        }

        @Override
        public void onTrailers(Headers trailers) {
            events.add("trailers " + trailers.toString().replace("\n", ";"));
        }

        @Override
        public void onReset(StreamError error, String details) {
            events.add(error + " " + details);
        }

        @Override
        public void onWritable() {
            events.add("writable");
        }

        @Override
        public void onReadComplete() {
            events.add("read complete");
        }
    }
}
