package io.sallyport.upstream;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.haproxy.HAProxyCommand;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyMessageEncoder;
import io.netty.handler.codec.haproxy.HAProxyProtocolVersion;
import io.netty.handler.codec.haproxy.HAProxyProxiedProtocol;
import io.netty.util.NetUtil;
import io.sallyport.cluster.ClusterSpec;
import io.sallyport.cluster.balance.RequestContext;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The header by which a connection says to its endpoint for which client it was made (HAProxy's PROXY protocol,
/// `TrafficPolicy.ProxyProtocol`): the first bytes, before any TLS.
///
/// @param source the client; null where the gateway asks by itself, as with health checks
/// @param destination the address that the client connected to
record ProxyHeader(
        HAProxyProtocolVersion version,
        @Nullable SocketAddress source,
        @Nullable SocketAddress destination) {

    /// Nanoseconds. Nobody but its client can have a connection again, and no pool learns that the client is gone.
    private static final long LONGEST_IDLE = TimeUnit.SECONDS.toNanos(10);

    private static final String ENCODER = "proxy-header";

    /// @param context null where the gateway asks by itself
    /// @return null where the cluster's endpoints expect none
    static @Nullable ProxyHeader of(ClusterSpec cluster, @Nullable RequestContext context) {
        HAProxyProtocolVersion version = cluster.proxyProtocol();
        if (version == null) {
            return null;
        }
        return context == null
                ? new ProxyHeader(version, null, null)
                : new ProxyHeader(version, context.clientAddress(), context.clientDestination());
    }

    /// How long a connection that began with it may be idle.
    ///
    /// @param configured nanoseconds; 0 for ever, here and in the result
    long longestIdle(long configured) {
        return source != null && (configured == 0 || configured > LONGEST_IDLE) ? LONGEST_IDLE : configured;
    }

    /// Has a pipeline that is not connected yet begin with it. What is added behind writes after it.
    void addTo(ChannelPipeline pipeline) {
        pipeline.addLast(new Sender());
    }

    /// Sends it as soon as the channel is connected. Whoever waits for the connection may learn of it, and write,
    /// before the pipeline does.
    private final class Sender extends ChannelDuplexHandler {
        @Override
        public void channelActive(ChannelHandlerContext context) {
            send(context);
            context.fireChannelActive();
        }

        @Override
        public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
            send(context);
            context.write(message, promise);
        }

        private void send(ChannelHandlerContext context) {
            HAProxyMessage message = message(context.channel());
            if (message == null) {
                context.writeAndFlush(Unpooled.copiedBuffer("PROXY UNKNOWN\r\n", StandardCharsets.US_ASCII));
            } else {
                ChannelPipeline pipeline = context.pipeline();
                pipeline.addBefore(context.name(), ENCODER, HAProxyMessageEncoder.INSTANCE);
                context.writeAndFlush(message);
                pipeline.remove(ENCODER);
            }
            context.pipeline().remove(this);
        }
    }

    /// As Envoy has it for connections that are made for no client: those of version 1 name the gateway's own.
    ///
    /// @return null for one of version 1 that names nobody, which the encoder does not know
    private @Nullable HAProxyMessage message(Channel channel) {
        boolean own = source == null && version == HAProxyProtocolVersion.V1;
        SocketAddress from = own ? channel.localAddress() : source;
        SocketAddress to = own ? channel.remoteAddress() : destination;
        if (from instanceof InetSocketAddress client && to instanceof InetSocketAddress server) {
            boolean v4 = client.getAddress() instanceof Inet4Address && server.getAddress() instanceof Inet4Address;
            return new HAProxyMessage(
                    version,
                    HAProxyCommand.PROXY,
                    v4 ? HAProxyProxiedProtocol.TCP4 : HAProxyProxiedProtocol.TCP6,
                    text(client.getAddress(), v4),
                    text(server.getAddress(), v4),
                    client.getPort(),
                    server.getPort());
        }
        return version == HAProxyProtocolVersion.V1
                ? null
                : new HAProxyMessage(version, HAProxyCommand.LOCAL, HAProxyProxiedProtocol.UNKNOWN, null, null, 0, 0);
    }

    /// Both are of one kind: beside one of version 6, one of version 4 is IPv4-mapped (RFC 4291, 2.5.5.2).
    private static String text(InetAddress address, boolean v4) {
        String text = NetUtil.toAddressString(address);
        return !v4 && address instanceof Inet4Address ? "::ffff:" + text : text;
    }
}
