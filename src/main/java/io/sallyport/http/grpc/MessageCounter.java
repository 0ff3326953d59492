package io.sallyport.http.grpc;

import io.netty.buffer.ByteBuf;

/// Counts the messages of a gRPC body, in whatever pieces it comes (gRPC over HTTP/2, Length-Prefixed-Message).
public final class MessageCounter {
    private int prefixLength;
    private long prefix;
    /// Bytes of the message at hand that have not arrived yet.
    private long left;

    /// How many messages begin in this piece: their prefix is complete. The buffer is only looked at.
    public int count(ByteBuf piece) {
        int begun = 0;
        int at = piece.readerIndex();
        while (at < piece.writerIndex()) {
            if (left > 0) {
                long part = Math.min(left, piece.writerIndex() - at);
                left -= part;
                at += (int) part;
            } else {
                prefix = prefix << 8 | piece.getUnsignedByte(at++);
                if (++prefixLength == MessageDecoder.PREFIX) {
                    // Without the compressed-flag.
                    left = prefix & 0xffff_ffffL;
                    prefixLength = 0;
                    begun++;
                }
            }
        }
        return begun;
    }
}
