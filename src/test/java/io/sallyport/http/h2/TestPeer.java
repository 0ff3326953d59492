package io.sallyport.http.h2;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelHandler;
import io.netty.channel.embedded.EmbeddedChannel;
import io.sallyport.http.ClientConnection;
import io.sallyport.http.ConnectionInfo;
import io.sallyport.http.HttpLimits;
import io.sallyport.http.RequestReceiver;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// The far end of a connection under test, which sends and sees single frames, on a channel in memory whose clock
/// stands still until a test moves it.
final class TestPeer implements AutoCloseable {
    final EmbeddedChannel channel;
    private final AtomicLong clock;
    private final SentFrame.Parser parser = new SentFrame.Parser();
    private boolean skipPreface;

    private TestPeer(EmbeddedChannel channel, AtomicLong clock, boolean skipPreface) {
        this.channel = channel;
        this.clock = clock;
        this.skipPreface = skipPreface;
    }

    static ConnectionInfo info() {
        return new ConnectionInfo(
                7,
                InetSocketAddress.createUnresolved("client", 40_000),
                InetSocketAddress.createUnresolved("gateway", 80),
                null);
    }

    /// A client of a server under test, which has sent its preface and SETTINGS.
    static TestPeer client(RequestReceiver receiver, HttpLimits limits) {
        return silentClient(receiver, limits).begun();
    }

    static TestPeer client(RequestReceiver receiver) {
        return client(receiver, HttpLimits.DEFAULT);
    }

    /// A client of a forward proxy, whose port has TLS of its own or not.
    static TestPeer proxyClient(RequestReceiver receiver, boolean tls, HttpLimits limits) {
        ConnectionInfo plain = info();
        var secured = new ConnectionInfo.Tls("TLSv1.3", "x", null, "h2", null, null);
        ConnectionInfo info = new ConnectionInfo(plain.id(), plain.remote(), plain.local(), tls ? secured : null);
        return silentClient(receiver, info, limits, Http2Options.DEFAULT.withForwardProxy(true))
                .begun();
    }

    private TestPeer begun() {
        send(Frames.preface(), Frames.settings(), Frames.settingsAck());
        sent();
        return this;
    }

    /// A client that has sent nothing yet.
    static TestPeer silentClient(RequestReceiver receiver, HttpLimits limits) {
        return silentClient(receiver, info(), limits, Http2Options.DEFAULT);
    }

    private static TestPeer silentClient(
            RequestReceiver receiver, ConnectionInfo info, HttpLimits limits, Http2Options options) {
        AtomicLong clock = new AtomicLong(1_000);
        var connection = Http2ServerConnection.create(receiver, info, limits, options, clock::get);
        return new TestPeer(channel(connection), clock, false);
    }

    /// A server that a client under test has connected to.
    static TestPeer server(ClientConnection.Owner owner, HttpLimits limits) {
        return server(owner, limits, null);
    }

    /// @param keepAlive of the client
    static TestPeer server(ClientConnection.Owner owner, HttpLimits limits, @Nullable KeepAlive keepAlive) {
        AtomicLong clock = new AtomicLong(1_000);
        return new TestPeer(channel(Http2ClientConnection.create(owner, limits, keepAlive, clock::get)), clock, true);
    }

    private static EmbeddedChannel channel(ChannelHandler handler) {
        EmbeddedChannel channel = new EmbeddedChannel();
        channel.config().setAllocator(new UnpooledByteBufAllocator(false));
        channel.freezeTime();
        channel.pipeline().addLast(handler);
        return channel;
    }

    Http2ServerConnection serverConnection() {
        return channel.pipeline().get(Http2ServerConnection.class);
    }

    Http2ClientConnection clientConnection() {
        return channel.pipeline().get(Http2ClientConnection.class);
    }

    /// Sends frames that arrive in one read.
    void send(ByteBuf... frames) {
        ByteBuf all = channel.alloc().buffer();
        for (ByteBuf frame : frames) {
            all.writeBytes(frame);
            frame.release();
        }
        channel.writeInbound(all);
        channel.runPendingTasks();
    }

    /// What was written since the last call.
    List<SentFrame> sent() {
        channel.runPendingTasks();
        List<SentFrame> frames = new ArrayList<>();
        for (ByteBuf bytes = channel.readOutbound(); bytes != null; bytes = channel.readOutbound()) {
            if (skipPreface) {
                bytes.skipBytes(24);
                skipPreface = false;
            }
            frames.addAll(parser.parse(bytes));
            bytes.release();
        }
        return frames;
    }

    /// What was written on one stream since the last call; what was written on others is lost.
    List<SentFrame> sent(int stream) {
        return sent().stream().filter(frame -> frame.stream() == stream).toList();
    }

    List<String> sentText() {
        return sent().stream().map(SentFrame::toString).toList();
    }

    void elapse(Duration time) {
        // What the loop has left to do, it does first.
        channel.runPendingTasks();
        clock.addAndGet(time.toNanos());
        channel.advanceTimeBy(time.toNanos(), TimeUnit.NANOSECONDS);
        channel.runScheduledPendingTasks();
        channel.runPendingTasks();
    }

    boolean isClosed() {
        return !channel.isActive();
    }

    /// Bytes that the connection holds in buffers.
    long held() {
        return ((UnpooledByteBufAllocator) channel.alloc()).metric().usedHeapMemory();
    }

    /// Ends the connection, and fails where a buffer was not released.
    @Override
    public void close() {
        channel.finishAndReleaseAll();
        assertThat(held()).as("bytes not released").isZero();
    }
}
