package io.sallyport.listener;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.haproxy.HAProxyCommand;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.netty.handler.codec.haproxy.HAProxyProxiedProtocol.AddressFamily;
import io.netty.handler.codec.haproxy.HAProxyProxiedProtocol.TransportProtocol;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.ScheduledFuture;
import io.sallyport.net.AddressLiteral;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// Reads the header by which a load balancer says for whom it made the connection (HAProxy's PROXY protocol, versions
/// 1 and 2). Only for connections of a sender that is believed: it must then begin with one. All handlers of the
/// connection are added once the client's address is known, and read what follows the header.
public final class ProxyProtocol extends ChannelInboundHandlerAdapter {
    /// Of version 2's type-length-values, which are skipped, bytes: as many as the header's length can say.
    private static final int MAX_TLV = 65_535;

    private final BiConsumer<SocketAddress, SocketAddress> listener;
    private final Duration timeout;
    private @Nullable ScheduledFuture<?> deadline;
    private boolean refused;

    /// @param timeout for the whole header
    /// @param listener gets the client's address and the one that the client connected to, once: what the header
    ///     names, or the socket's own where the header says that the connection is the sender's
    public ProxyProtocol(Duration timeout, BiConsumer<SocketAddress, SocketAddress> listener) {
        this.timeout = timeout;
        this.listener = listener;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        context.pipeline().addBefore(context.name(), null, new HAProxyMessageDecoder(MAX_TLV));
        deadline = context.executor().schedule(() -> context.close(), timeout.toNanos(), TimeUnit.NANOSECONDS);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (refused) {
            ReferenceCountUtil.release(message);
            return;
        }
        if (!(message instanceof HAProxyMessage header)) {
            context.fireChannelRead(message);
            return;
        }
        SocketAddress client = context.channel().remoteAddress();
        SocketAddress destination = context.channel().localAddress();
        if (isStated(header)) {
            client = address(header.sourceAddress(), header.sourcePort());
            destination = address(header.destinationAddress(), header.destinationPort());
        }
        // Nobody has made this connection by datagrams.
        refused = header.proxiedProtocol().transportProtocol() == TransportProtocol.DGRAM;
        ReferenceCountUtil.release(header);
        if (refused || client == null || destination == null) {
            refused = true;
            context.close();
            return;
        }
        listener.accept(client, destination);
        context.pipeline().remove(this);
    }

    private static boolean isStated(HAProxyMessage header) {
        AddressFamily family = header.proxiedProtocol().addressFamily();
        return header.command() != HAProxyCommand.LOCAL
                && (family == AddressFamily.AF_IPv4 || family == AddressFamily.AF_IPv6)
                && header.sourceAddress() != null;
    }

    /// Never by name: only an address can stand there, and none is looked up.
    ///
    /// @return null for what not all readers read alike
    private static @Nullable SocketAddress address(@Nullable String text, int port) {
        InetAddress address = text == null ? null : AddressLiteral.parse(text);
        return address == null ? null : new InetSocketAddress(address, port);
    }

    /// The header is broken, or there is none.
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        context.close();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        if (deadline != null) {
            deadline.cancel(false);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (deadline != null) {
            deadline.cancel(false);
        }
        context.fireChannelInactive();
    }
}
