package io.sallyport.http.h1;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.AsciiString;
import io.sallyport.http.ConnectionInfo;
import io.sallyport.http.HeaderNames;
import io.sallyport.http.Headers;
import io.sallyport.http.HttpLimits;
import io.sallyport.http.RequestHead;
import io.sallyport.http.RequestReceiver;
import io.sallyport.http.ResponseHead;
import io.sallyport.http.ServerStream;
import io.sallyport.http.StreamError;
import io.sallyport.http.StreamListener;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// A downstream connection without a socket, on a clock that stands still: what a client sends goes in as text, what
/// it gets comes out as text.
final class ServerHarness implements RequestReceiver, AutoCloseable {
    final List<Exchange> exchanges = new ArrayList<>();
    final List<String> rejections = new ArrayList<>();
    final Http1ServerConnection connection;
    final EmbeddedChannel channel;
    /// The client reads nothing.
    boolean stuck;
    /// What to do with each request when its head is there.
    Consumer<Exchange> onRequest = _ -> {};

    /// What to do with each that is cut.
    Consumer<Exchange> onReset = _ -> {};
    /// What to do with each when it is complete.
    Consumer<Exchange> onEnd = _ -> {};

    private final TrackedBuffers buffers = new TrackedBuffers();
    private final StringBuilder output = new StringBuilder();

    ServerHarness() {
        this(HttpLimits.DEFAULT, Http1Options.DEFAULT);
    }

    ServerHarness(HttpLimits limits, Http1Options options) {
        this(limits, options, null);
    }

    ServerHarness(HttpLimits limits, Http1Options options, ConnectionInfo.Tls tls) {
        var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
        connection = new Http1ServerConnection(this, new ConnectionInfo(1, address, address, tls), limits, options);
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

    /// One that answers every complete request with 200 and its path.
    static ServerHarness echoing() {
        ServerHarness harness = new ServerHarness();
        harness.onRequest = exchange -> harness.respond(exchange, 200, exchange.head.path);
        return harness;
    }

    @Override
    public StreamListener onRequest(ServerStream stream, RequestHead head, boolean end) {
        Exchange exchange = new Exchange(stream, head, end) {
            @Override
            void onEnd() {
                onEnd.accept(this);
            }

            @Override
            public void onReset(StreamError reason, String text) {
                super.onReset(reason, text);
                onReset.accept(this);
            }
        };
        exchanges.add(exchange);
        onRequest.accept(exchange);
        if (end) {
            onEnd.accept(exchange);
        }
        return exchange;
    }

    @Override
    public void onRejected(ServerStream stream, RequestHead head, int status, String details) {
        rejections.add(status + " " + details);
        stream.writeHead(new ResponseHead(status, new Headers(0)), true);
        stream.flush();
    }

    /// Has every request answered with 200 and what it carried, once it is complete.
    ServerHarness answeringAtTheEnd() {
        onEnd = exchange -> respond(exchange, 200, exchange.head.path + exchange.body());
        return this;
    }

    Exchange last() {
        return exchanges.getLast();
    }

    ServerHarness send(String text) {
        return send(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    ServerHarness send(byte[] bytes) {
        // What was sent before left with its round of the event loop.
        channel.runPendingTasks();
        if (channel.isOpen()) {
            channel.writeInbound(TrackedBuffers.of(bytes));
        }
        return this;
    }

    ServerHarness sendByteByByte(String text) {
        for (byte b : text.getBytes(StandardCharsets.ISO_8859_1)) {
            send(new byte[] {b});
        }
        return this;
    }

    void respond(Exchange exchange, int status, String body) {
        Headers headers = new Headers(2);
        headers.add(HeaderNames.CONTENT_LENGTH, Integer.toString(body.length()));
        exchange.stream.writeHead(new ResponseHead(status, headers), false);
        exchange.stream.writeData(ascii(body), true);
        exchange.stream.flush();
    }

    /// What was sent to the client since the last call.
    String output() {
        channel.runPendingTasks();
        for (ByteBuf part = channel.readOutbound(); part != null; part = channel.readOutbound()) {
            output.append(part.toString(StandardCharsets.ISO_8859_1));
            part.release();
        }
        String text = output.toString();
        output.setLength(0);
        return text;
    }

    /// Lets time pass in steps, so that what is due runs when it is due.
    void advance(Duration time) {
        long step = Duration.ofMillis(100).toNanos();
        for (long left = time.toNanos(); left > 0; left -= step) {
            channel.advanceTimeBy(Math.min(left, step), TimeUnit.NANOSECONDS);
            channel.runPendingTasks();
        }
    }

    boolean isOpen() {
        channel.runPendingTasks();
        return channel.isOpen();
    }

    static ByteBuf ascii(String text) {
        return TrackedBuffers.of(text);
    }

    static ResponseHead head(int status, String... fields) {
        return new ResponseHead(status, fields(fields));
    }

    static Headers fields(String... namesAndValues) {
        Headers headers = new Headers(4);
        for (int i = 0; i < namesAndValues.length; i += 2) {
            headers.add(HeaderNames.intern(new AsciiString(namesAndValues[i])), namesAndValues[i + 1]);
        }
        return headers;
    }

    @Override
    public void close() {
        output();
        channel.close();
        channel.runPendingTasks();
        buffers.check();
    }
}
