package io.sallyport.identity;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.AbstractSniHandler;
import io.netty.util.concurrent.Future;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;

/// Reads the server name from a client's first message, as any server sees it.
public final class SentServerName extends AbstractSniHandler<Void> {
    private String name;

    private SentServerName() {}

    /// @return null if the ClientHello names none
    public static String of(SSLEngine client) throws SSLException {
        ByteBuffer hello = ByteBuffer.allocate(client.getSession().getPacketBufferSize());
        client.wrap(ByteBuffer.allocate(0), hello);
        SentServerName reader = new SentServerName();
        new EmbeddedChannel(reader).writeInbound(Unpooled.wrappedBuffer(hello.flip()));
        return reader.name;
    }

    @Override
    protected Future<Void> lookup(ChannelHandlerContext context, String hostname) {
        name = hostname;
        return context.executor().newSucceededFuture(null);
    }

    @Override
    protected void onLookupComplete(ChannelHandlerContext context, String hostname, Future<Void> future) {}
}
