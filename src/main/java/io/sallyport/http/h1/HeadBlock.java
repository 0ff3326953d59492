package io.sallyport.http.h1;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;

/// The bytes of a head, copied once out of the socket's buffer into one array, which grows with the head. Bytes behind
/// the head that were copied too are given back.
final class HeadBlock {
    private static final byte[] NONE = new byte[0];
    private static final int FIRST_BYTES = 1024;
    private static final int NEXT_BYTES = 4096;
    private static final int MIN_BYTES = 32;

    byte[] bytes = NONE;
    /// The first byte not yet taken by a parser: the start of a line.
    int position;
    /// Behind the last byte that arrived.
    int limit;
    /// Bytes from [#position] that are known to hold no end of this line, so that a slow peer's line is not read again.
    int verified;

    /// A head begins.
    ///
    /// @param array for its bytes as far as they fit; it may be empty
    void begin(byte[] array) {
        bytes = array;
    }

    /// Copies more; false if the peer has sent no more.
    boolean fill(ByteBuf in) {
        int readable = in.readableBytes();
        if (readable == 0) {
            return false;
        }
        if (limit == bytes.length) {
            grow(Math.min(readable, limit == 0 ? FIRST_BYTES : NEXT_BYTES));
        }
        int count = Math.min(readable, bytes.length - limit);
        in.readBytes(bytes, limit, count);
        limit += count;
        return true;
    }

    /// Bytes of the line that is not complete yet.
    int pending() {
        return limit - position;
    }

    /// Takes the line that ends before `next`.
    void advance(int next) {
        position = next;
        verified = 0;
    }

    /// Ends the head: what was copied behind it goes back to the buffer, which is the one that [#fill] read last.
    void finish(ByteBuf in) {
        in.readerIndex(in.readerIndex() - pending());
        bytes = NONE;
        position = 0;
        limit = 0;
        verified = 0;
    }

    private void grow(int wanted) {
        bytes = Arrays.copyOf(bytes, Math.max(limit + Math.max(limit, wanted), MIN_BYTES));
    }
}
