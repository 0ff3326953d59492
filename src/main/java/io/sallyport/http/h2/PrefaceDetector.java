package io.sallyport.http.h2;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.sallyport.http.ProtocolDetector;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/// Stands at the end of the pipeline of a plain-text port that takes HTTP/1.1 and, with prior knowledge, HTTP/2. Puts
/// the right handler in its own place as soon as the first bytes decide it (RFC 9113, 3.4), and hands it those bytes.
public final class PrefaceDetector extends ProtocolDetector {
    /// Not Netty's, which is a direct buffer: a native image cannot keep one.
    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final Function<Duration, ChannelHandler> http1;
    private final Supplier<ChannelHandler> http2;

    /// @param timeout after which a connection that has shown nothing is closed
    /// @param http1 given what is left of that time, which a head that began like the preface does not get again
    public PrefaceDetector(Duration timeout, Function<Duration, ChannelHandler> http1, Supplier<ChannelHandler> http2) {
        super(timeout);
        this.http1 = http1;
        this.http2 = http2;
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        int length = Math.min(in.readableBytes(), PREFACE.length);
        boolean matches = true;
        for (int i = 0; i < length && matches; i++) {
            matches = in.getByte(in.readerIndex() + i) == PREFACE[i];
        }
        if (!matches) {
            install(ctx, http1.apply(left()));
        } else if (length == PREFACE.length) {
            install(ctx, http2.get());
        }
    }

    /// Part of a preface may be the beginning of an HTTP/1 request: it gets the answer of a head that came too
    /// late.
    @Override
    protected void undecided(ChannelHandlerContext context) {
        if (actualReadableBytes() == 0) {
            context.close();
        } else {
            install(context, http1.apply(left()));
        }
    }
}
