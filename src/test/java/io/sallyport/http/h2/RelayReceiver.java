package io.sallyport.http.h2;

import io.netty.buffer.ByteBuf;
import io.sallyport.http.ClientConnection;
import io.sallyport.http.ClientStream;
import io.sallyport.http.Headers;
import io.sallyport.http.HttpStream;
import io.sallyport.http.RequestHead;
import io.sallyport.http.RequestReceiver;
import io.sallyport.http.ResponseHead;
import io.sallyport.http.ResponseListener;
import io.sallyport.http.ServerStream;
import io.sallyport.http.StreamError;
import io.sallyport.http.StreamListener;
import java.util.function.Supplier;

/// The smallest proxy: every request goes to the one upstream connection, with back-pressure both ways.
final class RelayReceiver implements RequestReceiver {
    private final Supplier<ClientConnection> upstream;

    RelayReceiver(Supplier<ClientConnection> upstream) {
        this.upstream = upstream;
    }

    @Override
    public StreamListener onRequest(ServerStream stream, RequestHead head, boolean end) {
        Relay relay = new Relay(stream);
        relay.up = upstream.get().open(head, end, relay.responses);
        relay.up.flush();
        return relay;
    }

    @Override
    public void onRejected(ServerStream stream, RequestHead head, int status, String details) {
        stream.writeHead(new ResponseHead(status, new Headers()), true);
    }

    private static void write(HttpStream to, HttpStream from, ByteBuf data, boolean end) {
        to.writeData(data, end);
        if (!end && !to.isWritable()) {
            from.pauseReading();
        }
    }

    private static final class Relay implements StreamListener {
        private final ServerStream down;
        private ClientStream up;
        private final ResponseListener responses = new Responses();

        Relay(ServerStream down) {
            this.down = down;
        }

        @Override
        public void onData(ByteBuf data, boolean end) {
            write(up, down, data, end);
        }

        @Override
        public void onTrailers(Headers trailers) {
            up.writeTrailers(trailers);
        }

        @Override
        public void onReset(StreamError error, String details) {
            up.reset(StreamError.CANCEL);
        }

        @Override
        public void onWritable() {
            up.resumeReading();
        }

        @Override
        public void onReadComplete() {
            up.flush();
        }

        private final class Responses implements ResponseListener {
            @Override
            public void onInformational(int status, Headers headers) {
                down.writeInformational(status, headers);
            }

            @Override
            public void onHead(ResponseHead head, boolean end) {
                down.writeHead(head, end);
            }

            @Override
            public void onData(ByteBuf data, boolean end) {
                write(down, up, data, end);
            }

            @Override
            public void onTrailers(Headers trailers) {
                down.writeTrailers(trailers);
            }

            @Override
            public void onReset(StreamError error, String details) {
                down.reset(error);
            }

            @Override
            public void onWritable() {
                down.resumeReading();
            }

            @Override
            public void onReadComplete() {
                down.flush();
            }
        }
    }
}
