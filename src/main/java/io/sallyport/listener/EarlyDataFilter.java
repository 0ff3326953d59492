package io.sallyport.listener;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;

/// Drops a client's early data before the JDK's engine, which knows nothing of it and would take it for broken records
/// (RFC 8446 section 4.2.10). No early data is ever accepted: the tickets of neither engine permit any, so the client's
/// is of another server's session.
///
/// The engine has been made to answer with a HelloRetryRequest. So all application data between the first ClientHello
/// and the next handshake record, the second one, is early; after that this handler is gone. A change_cipher_spec means
/// nothing there (section 5), but the engine takes only one.
final class EarlyDataFilter extends ByteToMessageDecoder {
    private static final int HEADER = 5;
    /// Where a record's header has its length.
    private static final int LENGTH = 3;
    private static final int CHANGE_CIPHER_SPEC = 20;
    private static final int HANDSHAKE = 22;
    private static final int APPLICATION_DATA = 23;
    private static final int MAX_RECORD = (1 << 14) + 256;
    /// Servers permit 16 KiB by default, and few clients ever have as much.
    private static final int MAX_EARLY = 64 * 1024;

    private int helloLeft;
    private int dropped;

    /// @param helloBytes length of the ClientHello message, whose records come first
    EarlyDataFilter(int helloBytes) {
        helloLeft = helloBytes;
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
        if (in.readableBytes() < HEADER) {
            return;
        }
        int type = in.getUnsignedByte(in.readerIndex());
        int length = in.getUnsignedShort(in.readerIndex() + LENGTH);
        boolean early = (type == APPLICATION_DATA || type == CHANGE_CIPHER_SPEC) && helloLeft <= 0;
        boolean second = type == HANDSHAKE && helloLeft <= 0;
        if (second || length > MAX_RECORD || (early && dropped + HEADER + length > MAX_EARLY)) {
            // What is too much is the engine's to refuse.
            context.pipeline().remove(this);
        } else if (in.readableBytes() >= HEADER + length) {
            if (early) {
                in.skipBytes(HEADER + length);
                dropped += HEADER + length;
            } else {
                helloLeft -= type == HANDSHAKE ? length : 0;
                out.add(in.readRetainedSlice(HEADER + length));
            }
        }
    }
}
