package io.sallyport.http.h2;

import io.netty.buffer.ByteBuf;
import io.sallyport.http.ClientStream;
import io.sallyport.http.Headers;
import io.sallyport.http.RequestHead;
import io.sallyport.http.ResponseHead;
import io.sallyport.http.ResponseListener;
import io.sallyport.http.StreamError;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// Sends a random body in random parts to an echo, reads it back with random pauses, and compares.
final class Transfer implements ResponseListener {
    private static final int MAX_BODY = 200_000;

    final CompletableFuture<String> done = new CompletableFuture<>();
    private final Http2ClientConnection connection;
    private final Random random;
    private final byte[] body;
    private ClientStream stream;
    private int sent;
    private int received;

    Transfer(Http2ClientConnection connection, long seed) {
        this.connection = connection;
        this.random = new Random(seed);
        this.body = new byte[random.nextInt(MAX_BODY)];
        random.nextBytes(body);
    }

    void start(RequestHead head) {
        stream = connection.open(head, false, this);
        send();
    }

    private void send() {
        while (sent < body.length && stream.isWritable()) {
            int length = Math.min(body.length - sent, 1 + random.nextInt(random.nextInt(4) == 0 ? 10 : 40_000));
            ByteBuf part = connection.channel().alloc().buffer(length);
            part.writeBytes(body, sent, length);
            sent += length;
            stream.writeData(part, sent == body.length && random.nextBoolean() && markEnd());
        }
        if (sent == body.length && !ended) {
            ended = true;
            stream.writeData(connection.channel().alloc().buffer(0), true);
        }
        stream.flush();
    }

    private boolean ended;

    private boolean markEnd() {
        ended = true;
        return true;
    }

    @Override
    public void onInformational(int status, Headers headers) {}

    @Override
    public void onHead(ResponseHead head, boolean end) {}

    @Override
    public void onData(ByteBuf data, boolean end) {
        while (data.isReadable()) {
            if (received == body.length || data.readByte() != body[received++]) {
                done.complete("differs at " + received);
                break;
            }
        }
        data.release();
        if (end) {
            done.complete(received == body.length ? "intact" : "short: " + received + " of " + body.length);
        } else if (random.nextInt(4) == 0) {
            stream.pauseReading();
            connection.channel().eventLoop().schedule(stream::resumeReading, random.nextInt(3), TimeUnit.MILLISECONDS);
        }
    }

    @Override
    public void onTrailers(Headers trailers) {
        done.complete("trailers");
    }

    @Override
    public void onReset(StreamError error, String details) {
        done.complete(error + " " + details);
    }

    @Override
    public void onWritable() {
        send();
    }

    @Override
    public void onReadComplete() {}
}
