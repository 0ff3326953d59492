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
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Reads the header by which a load balancer says for whom it made the connection (HAProxy's PROXY protocol, versions
/// 1 and 2). Only for connections of a sender that is believed: it must then begin with one. All handlers of the
/// connection are added once the client's address is known, and read what follows the header.
public final class ProxyProtocol extends ChannelInboundHandlerAdapter {
    /// Of version 2's type-length-values, which are skipped, bytes: as many as the header's length can say.
    private static final int MAX_TLV = 65_535;

    private final Consumer<SocketAddress> listener;
    private final Duration timeout;
    private @Nullable ScheduledFuture<?> deadline;
    private boolean refused;

    /// @param timeout for the whole header
    /// @param listener gets the client's address, once: what the header names, or the sender's own where the
    ///     header says that the connection is the sender's
    public ProxyProtocol(Duration timeout, Consumer<SocketAddress> listener) {
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
        SocketAddress client = client(header, context.channel().remoteAddress());
        ReferenceCountUtil.release(header);
        if (client == null) {
            refused = true;
            context.close();
            return;
        }
        listener.accept(client);
        context.pipeline().remove(this);
    }

    /// Null where what stands for an address is none that all readers read alike, or none of a connection.
    private static @Nullable SocketAddress client(HAProxyMessage header, SocketAddress sender) {
        if (header.proxiedProtocol().transportProtocol() == TransportProtocol.DGRAM) {
            // Nobody has made this connection by datagrams.
            return null;
        }
        AddressFamily family = header.proxiedProtocol().addressFamily();
        boolean stated = family == AddressFamily.AF_IPv4 || family == AddressFamily.AF_IPv6;
        if (header.command() == HAProxyCommand.LOCAL || !stated || header.sourceAddress() == null) {
            return sender;
        }
        // Never by name: only an address can stand there, and none is looked up.
        InetAddress address = AddressLiteral.parse(header.sourceAddress());
        return address == null ? null : new InetSocketAddress(address, header.sourcePort());
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
