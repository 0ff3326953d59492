package io.sallyport.upstream;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.sallyport.outcome.ProxyException;
import io.sallyport.outcome.ResponseFlag;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/// Recognizes the process's own traffic where it comes in again: requests by the instance's name in `via`,
/// relayed bytes by the sockets through which they left. Shared by all event loops.
///
/// There are as many sockets in the table as connections that relay bytes, which are bounded.
public final class OwnTraffic {
    /// RFC 5842, 7.2.
    private static final int LOOP_DETECTED = 508;

    private static final int ID_BYTES = 6;

    private final String instance;
    private final int mask;
    private final ConcurrentMap<SocketAddress, Trace> sockets = new ConcurrentHashMap<>();

    public OwnTraffic() {
        byte[] id = new byte[ID_BYTES];
        SecureRandom random = new SecureRandom();
        random.nextBytes(id);
        instance = HexFormat.of().formatHex(id);
        mask = random.nextInt(1 << Character.SIZE);
    }

    /// The listeners that bytes have come in by on their way, the last one first.
    ///
    /// @param listener whatever stands for one
    /// @param before null where they came from somebody else
    public record Trace(Object listener, @Nullable Trace before) {
        boolean has(Object sought) {
            for (Trace each = this; each != null; each = each.before) {
                if (each.listener.equals(sought)) {
                    return true;
                }
            }
            return false;
        }
    }

    /// The answer to what came in a second time.
    public static ProxyException loop() {
        return ProxyException.downstream(ResponseFlag.DPE, LOOP_DETECTED, "loop_detected");
    }

    /// A name that no other process has: random hexadecimal digits that reveal nothing.
    public String instance() {
        return instance;
    }

    /// The name of one of its listeners: begins with [#instance], has a fixed length, and does not reveal the port.
    public String listener(int port) {
        return instance + HexFormat.of().toHexDigits((char) (port ^ mask));
    }

    /// Whether a connection comes from this process, with bytes that came in by that listener before.
    ///
    /// @param peer the address of the connection's other end
    public boolean isRepeated(@Nullable SocketAddress peer, Object listener) {
        Trace trace = peer == null ? null : sockets.get(peer);
        return trace != null && trace.has(listener);
    }

    /// The trace of a connection that came in by that listener, for the connections that its bytes are relayed to.
    public Trace trace(@Nullable SocketAddress peer, Object listener) {
        return new Trace(listener, peer == null ? null : sockets.get(peer));
    }

    /// Enters a socket into the table as soon as it has an address: before its other end can have been accepted and
    /// read from.
    @Sharable
    static final class Recorder extends ChannelOutboundHandlerAdapter {
        private final OwnTraffic own;
        private final Trace trace;

        Recorder(OwnTraffic own, Trace trace) {
            this.own = own;
            this.trace = trace;
        }

        @Override
        public void connect(
                ChannelHandlerContext context, SocketAddress remote, SocketAddress local, ChannelPromise promise) {
            Channel channel = context.channel();
            // Bound before it is connected, the socket has its port for itself. Otherwise the kernel may give the same
            // address and port to a client on this host, which would be taken for this socket's other end.
            boolean unbound = local == null && remote instanceof InetSocketAddress;
            context.connect(remote, unbound ? new InetSocketAddress(0) : local, promise);
            SocketAddress address = channel.localAddress();
            if (address != null && channel.isOpen()) {
                own.sockets.put(address, trace);
                channel.closeFuture().addListener(_ -> own.sockets.remove(address, trace));
            }
            context.pipeline().remove(this);
        }
    }
}
