package io.sallyport.http.h1;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.ReferenceCountUtil;
import io.sallyport.http.Headers;
import io.sallyport.http.HttpLimits;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// The two bodies of a POST as the two directions of a tunnel: what is written goes out in chunks, what comes in loses
/// its framing. The end of the response is reported as the end of input.
final class TunnelFraming implements BodySink {
    private static final byte[] LAST_CHUNK = "0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] CRLF = "\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final int SIZE_LINE = 10;

    private final BodyDecoder decoder = new BodyDecoder(FieldParser.ofResponses(HttpLimits.DEFAULT));
    private final boolean untilClose;
    private @Nullable ChannelHandlerContext reading;
    private boolean inputOver;
    private boolean ended;
    private boolean outputOver;

    /// @param length as [Http1ResponseParser#contentLength()]
    TunnelFraming(long length) {
        untilClose = length == BodyDecoder.UNTIL_CLOSE;
        inputOver = length == 0;
        decoder.begin(length);
    }

    /// Takes over the buffer.
    void read(ChannelHandlerContext context, ByteBuf in) {
        reading = context;
        try {
            inputOver = inputOver || decoder.decode(in, this);
            // What arrives behind the response is discarded.
        } catch (MalformedMessage broken) {
            inputOver = true;
            ended = true;
            context.fireExceptionCaught(broken);
        } finally {
            in.release();
        }
        if (inputOver) {
            end(context);
        }
    }

    private void end(ChannelHandlerContext context) {
        if (!ended) {
            ended = true;
            context.fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        }
    }

    @Override
    public void onBody(ByteBuf data, boolean end) {
        ChannelHandlerContext context = reading;
        if (context != null && data.isReadable()) {
            context.fireChannelRead(data);
        } else {
            data.release();
        }
    }

    @Override
    public void onBodyTrailers(Headers trailers) {
        // A tunnel has no place for them.
    }

    /// The peer will send no more.
    void onEndOfInput(ChannelHandlerContext context) {
        if (isCut()) {
            context.fireExceptionCaught(cut());
        } else {
            end(context);
        }
    }

    /// True while an end of the connection would be no end of the response.
    boolean isCut() {
        return !inputOver && !untilClose;
    }

    static MalformedMessage cut() {
        return MalformedMessage.badRequest("http1.body_cut");
    }

    /// Takes over the buffer.
    void write(ChannelHandlerContext context, ByteBuf data, ChannelPromise promise) {
        int size = data.readableBytes();
        if (size == 0) {
            context.write(data, promise);
        } else if (outputOver) {
            ReferenceCountUtil.release(data);
            promise.trySuccess();
        } else {
            ByteBuf line = context.alloc().ioBuffer(SIZE_LINE);
            line.writeCharSequence(Integer.toHexString(size), StandardCharsets.US_ASCII);
            context.write(line.writeBytes(CRLF), context.voidPromise());
            context.write(data, context.voidPromise());
            context.write(context.alloc().ioBuffer(CRLF.length).writeBytes(CRLF), promise);
        }
    }

    void endOutput(ChannelHandlerContext context) {
        if (!outputOver) {
            outputOver = true;
            context.writeAndFlush(
                    context.alloc().ioBuffer(LAST_CHUNK.length).writeBytes(LAST_CHUNK), context.voidPromise());
        }
    }
}
