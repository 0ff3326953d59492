package io.sallyport.http.h1;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.sallyport.http.ClientConnection;
import io.sallyport.http.ClientStream;
import io.sallyport.http.Headers;
import io.sallyport.http.HttpLimits;
import io.sallyport.http.HttpVersion;
import io.sallyport.http.RequestHead;
import io.sallyport.http.ResponseHead;
import io.sallyport.http.ResponseListener;
import io.sallyport.http.StreamError;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// An upstream connection without a socket: what the endpoint sends goes in as text, what it gets comes out as text,
/// and all that owner and listener hear is one list.
final class ClientHarness implements ClientConnection.Owner, ResponseListener, AutoCloseable {
    final List<String> events = new ArrayList<>();
    ResponseHead head;
    Headers trailers;
    final StringBuilder body = new StringBuilder();
    final Http1ClientConnection connection;
    final EmbeddedChannel channel;
    private final TrackedBuffers buffers = new TrackedBuffers();
    boolean stuck;
    Consumer<ClientConnection> onAvailable = _ -> {};

    ClientHarness() {
        connection = new Http1ClientConnection(HttpLimits.DEFAULT, this);
        channel = new EmbeddedChannel() {
            @Override
            protected void doWrite(ChannelOutboundBuffer in) throws Exception {
                if (!stuck) {
                    super.doWrite(in);
                }
            }
        };
        channel.config().setAllocator(TrackedBuffers.ALLOCATOR);
        channel.freezeTime();
        channel.pipeline().addLast(connection);
    }

    static RequestHead request(String method, String path, String... fields) {
        return new RequestHead(HttpVersion.HTTP_1_1, method, "http", "a.example", path, ServerHarness.fields(fields));
    }

    /// A GET, sent.
    ClientStream get() {
        return open(request("GET", "/"), true);
    }

    ClientStream open(RequestHead head, boolean end) {
        ClientStream stream = connection.open(head, end, this);
        stream.flush();
        return stream;
    }

    ClientHarness send(String text) {
        // What was sent before left with its round of the event loop.
        channel.runPendingTasks();
        if (channel.isOpen()) {
            channel.writeInbound(ServerHarness.ascii(text));
        }
        return this;
    }

    ClientHarness sendByteByByte(String text) {
        text.chars().forEach(c -> send(Character.toString(c)));
        return this;
    }

    /// The endpoint closes its side.
    ClientHarness end() {
        channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        channel.runPendingTasks();
        return this;
    }

    String output() {
        channel.runPendingTasks();
        StringBuilder text = new StringBuilder();
        for (ByteBuf part = channel.readOutbound(); part != null; part = channel.readOutbound()) {
            text.append(part.toString(StandardCharsets.ISO_8859_1));
            part.release();
        }
        return text.toString();
    }

    void advance(Duration time) {
        long step = Duration.ofMillis(100).toNanos();
        for (long left = time.toNanos(); left > 0; left -= step) {
            channel.advanceTimeBy(Math.min(left, step), TimeUnit.NANOSECONDS);
            channel.runPendingTasks();
        }
    }

    @Override
    public void onInformational(int status, Headers headers) {
        events.add("informational " + status + " " + line(headers));
    }

    @Override
    public void onHead(ResponseHead received, boolean end) {
        head = received;
        events.add("head " + received.status + " " + line(received.headers) + (end ? "end" : ""));
    }

    @Override
    public void onData(ByteBuf data, boolean end) {
        body.append(data.toString(StandardCharsets.ISO_8859_1));
        data.release();
        if (end) {
            events.add("end");
        }
    }

    @Override
    public void onTrailers(Headers received) {
        trailers = received;
        events.add("trailers " + line(received));
    }

    @Override
    public void onReset(StreamError error, String details) {
        events.add("reset " + error + " " + details);
    }

    @Override
    public void onWritable() {
        events.add("writable");
    }

    @Override
    public void onReadComplete() {
        // Too frequent to record.
    }

    @Override
    public void onAvailable(ClientConnection which) {
        events.add("available " + which.availableStreams());
        onAvailable.accept(which);
    }

    @Override
    public void onDraining(ClientConnection which) {
        events.add("draining");
    }

    @Override
    public void onClosed(ClientConnection which) {
        events.add("closed");
        if (which.availableStreams() != 0 || which.activeStreams() != 0) {
            throw new AssertionError("a closed connection holds a slot");
        }
    }

    private static String line(Headers headers) {
        return headers.toString().replace("\n", "; ");
    }

    @Override
    public void close() {
        output();
        channel.close();
        channel.runPendingTasks();
        buffers.check();
    }
}
