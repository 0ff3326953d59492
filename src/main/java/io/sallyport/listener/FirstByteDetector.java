package io.sallyport.listener;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.sallyport.http.ProtocolDetector;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Stands at the end of the pipeline of a port that takes TLS and plain text, and puts the right handler in its own
/// place as soon as the first byte tells: 22 begins a TLS record with a handshake (RFC 8446, 5.1), and no request.
final class FirstByteDetector extends ProtocolDetector {
    private static final int HANDSHAKE = 22;

    private final Supplier<? extends ChannelHandler> tls;
    private final Supplier<? extends @Nullable ChannelHandler> plain;

    /// @param timeout after which a connection that has sent nothing is closed
    /// @param plain gives null where plain text is not taken: then the connection is closed
    FirstByteDetector(
            Duration timeout,
            Supplier<? extends ChannelHandler> tls,
            Supplier<? extends @Nullable ChannelHandler> plain) {
        super(timeout);
        this.tls = tls;
        this.plain = plain;
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
        if (!in.isReadable()) {
            return;
        }
        ChannelHandler next = in.getUnsignedByte(in.readerIndex()) == HANDSHAKE ? tls.get() : plain.get();
        if (next == null) {
            in.skipBytes(in.readableBytes());
            context.close();
        } else {
            install(context, next);
        }
    }
}
