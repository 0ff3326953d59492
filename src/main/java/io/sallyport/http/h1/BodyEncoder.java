package io.sallyport.http.h1;

import io.netty.buffer.ByteBuf;
import io.netty.util.ReferenceCountUtil;
import io.sallyport.http.Headers;
import io.sallyport.http.HopByHop;
import java.nio.charset.StandardCharsets;

/// Frames the content of one message after the other as its head declares (RFC 9112, 6). It never lets more or less
/// through than was declared: the connection would go out of step.
final class BodyEncoder {
    private static final byte[] LAST_CHUNK = "0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] LAST_CHUNK_BEFORE_TRAILERS = "0\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final int CHUNK_OVERHEAD = 12;

    private enum Framing {
        /// Content is dropped: the message has none on the wire.
        NONE,
        LENGTH,
        CHUNKED,
        /// As it comes, to the connection's end.
        RAW
    }

    private Framing framing = Framing.NONE;
    private long remaining;

    void beginNone() {
        framing = Framing.NONE;
    }

    void beginLength(long length) {
        framing = Framing.LENGTH;
        remaining = length;
    }

    void beginChunked() {
        framing = Framing.CHUNKED;
    }

    void beginRaw() {
        framing = Framing.RAW;
    }

    /// Takes over the buffer.
    ///
    /// @return false if the content does not have the length that the head declared: the message cannot be
    ///     completed
    boolean write(OutputBatch out, ByteBuf data, boolean end) {
        int size = data.readableBytes();
        switch (framing) {
            case NONE -> ReferenceCountUtil.release(data);
            case LENGTH -> {
                if (size > remaining) {
                    data.release();
                    return false;
                }
                remaining -= size;
                out.data(data);
                return !end || remaining == 0;
            }
            case CHUNKED -> {
                if (size > 0) {
                    chunk(out, data, size);
                } else {
                    data.release();
                }
                if (end) {
                    out.room(LAST_CHUNK.length).writeBytes(LAST_CHUNK);
                }
            }
            case RAW -> out.data(data);
        }
        return true;
    }

    /// Ends the message.
    ///
    /// @return as [#write]; trailers are dropped where the framing has no place for them
    boolean writeTrailers(OutputBatch out, Headers trailers) {
        if (framing != Framing.CHUNKED) {
            return framing != Framing.LENGTH || remaining == 0;
        }
        HopByHop.sanitizeTrailers(trailers);
        out.head(HeadWriter.begin()
                .put(LAST_CHUNK_BEFORE_TRAILERS)
                .fields(trailers)
                .crlf());
        return true;
    }

    private static void chunk(OutputBatch out, ByteBuf data, int size) {
        ByteBuf framing = out.room(CHUNK_OVERHEAD);
        int shift = (Integer.SIZE - 1 - Integer.numberOfLeadingZeros(size)) & ~3;
        for (; shift >= 0; shift -= 4) {
            framing.writeByte(HEX[size >> shift & 15]);
        }
        framing.writeShort('\r' << 8 | '\n');
        out.data(data);
        out.room(2).writeShort('\r' << 8 | '\n');
    }
}
