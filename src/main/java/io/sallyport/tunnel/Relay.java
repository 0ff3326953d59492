package io.sallyport.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollSocketChannel;
import io.sallyport.outcome.RequestFacts;
import io.sallyport.outcome.ResponseFlag;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Relays bytes between a client and an endpoint. Each direction is read only as fast as the other side takes it, and
/// ends by itself: a client may have sent everything and still get its answer. A reset is passed on as a reset.
///
/// The client's bytes are held until there is an endpoint. All calls are made on one event loop.
final class Relay {
    /// Bytes that are read ahead while the endpoint is being connected.
    private static final int MAX_HELD = 64 * 1024;

    /// One side of the relay, to be written to. What it reads it reports by [#onData] and the methods that follow it.
    interface End {
        EventLoop eventLoop();

        /// Takes over the bytes; they may wait for [#flush].
        void write(ByteBuf data);

        void flush();

        /// [Relay#onWritable] reports that it became true again.
        boolean isWritable();

        void setReading(boolean reading);

        /// The socket that carries this side's bytes as they are; null where there is none, as with TLS, HTTP/2, or the
        /// JDK's selector.
        @Nullable
        EpollSocketChannel bareSocket();

        /// Hands to that socket what was written before; false where nothing more may be written.
        boolean sendNow();

        /// Ends the sending direction after what was written before; the other direction goes on.
        void endOutput();

        /// Ends both directions; nothing more is reported.
        ///
        /// @param flag null and SI where what was written before is still sent; any other resets
        void close(@Nullable ResponseFlag flag);
    }

    /// Is notified of the end, once.
    interface EndListener {
        /// @param flag null where both sides ended in order
        /// @param details in snake_case
        void onRelayEnd(@Nullable ResponseFlag flag, String details);
    }

    private final RequestFacts facts;
    private final EndListener listener;
    private final End client;
    private final ArrayDeque<ByteBuf> held = new ArrayDeque<>(2);
    private int heldBytes;
    private @Nullable End endpoint;
    private @Nullable IdleWatch idle;
    private boolean clientDone;
    private boolean endpointDone;
    /// It takes nothing more, and has sent everything.
    private boolean endpointGone;
    private boolean over;

    /// @param facts count the bytes
    Relay(RequestFacts facts, EndListener listener, Function<Relay, End> client) {
        this.facts = facts;
        this.listener = listener;
        this.client = client.apply(this);
    }

    End client() {
        return client;
    }

    boolean isOver() {
        return over;
    }

    boolean isJoined() {
        return endpoint != null;
    }

    /// Ends the relay once it has carried nothing for a while; replaces an earlier limit.
    ///
    /// @param timeout without a byte in either direction; zero for none
    void limitIdleTime(EventLoop loop, Duration timeout, String details) {
        if (idle != null) {
            idle.stop();
        }
        idle = IdleWatch.start(loop, timeout, () -> end(ResponseFlag.SI, details));
    }

    /// The endpoint gets what was held for it, and what follows.
    void join(End to) {
        endpoint = to;
        drainTo(to::write);
        if (clientDone) {
            to.endOutput();
        }
        to.flush();
        if (!over) {
            to.setReading(client.isWritable());
            client.setReading(to.isWritable());
        }
    }

    /// Hands over what the client sent while there was no endpoint.
    void drainTo(Consumer<ByteBuf> next) {
        heldBytes = 0;
        for (ByteBuf data = held.poll(); data != null; data = held.poll()) {
            next.accept(data);
        }
    }

    /// Resets the endpoint and waits for another.
    void leave() {
        End before = endpoint;
        endpoint = null;
        endpointDone = false;
        if (before != null) {
            before.close(ResponseFlag.DC);
        }
    }

    void onData(End from, ByteBuf data) {
        if (over) {
            data.release();
            return;
        }
        onBytes(from, data.readableBytes());
        pass(from, data);
    }

    /// Counts bytes that [#pass] is to be called with, if at all.
    void onBytes(End from, int bytes) {
        if (from == client && endpointGone) {
            return;
        }
        if (from == client) {
            facts.bytesReceived += bytes;
        } else {
            facts.bytesSent += bytes;
        }
        onActivity();
    }

    void pass(End from, ByteBuf data) {
        End to = from == client ? endpoint : client;
        if (over) {
            data.release();
        } else if (to == null) {
            hold(data);
        } else {
            boolean large = data.readableBytes() >= Splice.WORTHWHILE;
            to.write(data);
            if (large) {
                splice(from, to);
            }
            // One large read fills the buffer, and the kernel mostly takes it at once: the sender only has to wait
            // where it does not.
            if (!to.isWritable()) {
                to.flush();
                if (!to.isWritable()) {
                    from.setReading(false);
                }
            }
        }
    }

    /// What waits behind a large read goes the short way.
    private void splice(End from, End to) {
        EpollSocketChannel in = from.bareSocket();
        EpollSocketChannel out = to.bareSocket();
        if (in != null && out != null && to.sendNow()) {
            Splice.current().move(in, out, bytes -> onBytes(from, bytes));
        }
    }

    private void hold(ByteBuf data) {
        held.add(data);
        heldBytes += data.readableBytes();
        if (heldBytes >= MAX_HELD) {
            client.setReading(false);
        }
    }

    /// All that one read of the end returned has been reported.
    void onReadComplete(End from) {
        End to = from == client ? endpoint : client;
        if (to != null && !over) {
            to.flush();
        }
    }

    void onWritable(End at) {
        End other = at == client ? endpoint : client;
        if (other != null && !over) {
            other.setReading(true);
        }
        onActivity();
    }

    private void onActivity() {
        if (idle != null) {
            idle.onActivity();
        }
    }

    /// One direction has ended in order; the relay has when both have.
    void onEndOfInput(End from) {
        if (over) {
            return;
        }
        clientDone |= from == client;
        endpointDone |= from != client;
        End to = from == client ? endpoint : client;
        if (to != null) {
            to.endOutput();
        }
        if (clientDone && endpointDone) {
            end(null, "tunnel_completed");
        }
    }

    /// A side is gone, both ways.
    ///
    /// @param reset not in order
    void onGone(End side, boolean reset) {
        if (side == client && endpoint == null) {
            end(ResponseFlag.DC, "downstream_remote_disconnect");
        } else if (side != client && endpointDone && reset) {
            linger();
        } else if (!reset) {
            end(null, "tunnel_completed");
        } else if (side == client) {
            end(ResponseFlag.DC, "downstream_reset");
        } else {
            end(ResponseFlag.UC, "upstream_reset");
        }
    }

    /// The endpoint had said all, and takes nothing more.
    private void linger() {
        if (endpointGone) {
            return;
        }
        endpointGone = true;
        client.setReading(true);
        if (idle != null) {
            idle.stop();
        }
        Linger.start(
                client.eventLoop(),
                () -> over,
                client::bareSocket,
                () -> end(ResponseFlag.SI, ResponseFlag.UC, "upstream_reset"));
    }

    boolean isClient(End side) {
        return side == client;
    }

    /// Closes both sides, as the flag says: see [End#close].
    void end(@Nullable ResponseFlag flag, String details) {
        end(flag, flag, details);
    }

    /// @param way as for [End#close]
    private void end(@Nullable ResponseFlag way, @Nullable ResponseFlag flag, String details) {
        if (over) {
            return;
        }
        over = true;
        if (idle != null) {
            idle.stop();
        }
        drainTo(ByteBuf::release);
        client.close(way);
        if (endpoint != null) {
            endpoint.close(way);
        }
        listener.onRelayEnd(flag, details);
    }
}
