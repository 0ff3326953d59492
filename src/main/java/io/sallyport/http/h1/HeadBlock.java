package io.sallyport.http.h1;

import io.netty.buffer.ByteBuf;

/// The bytes of a head, copied once out of the socket's buffer; the fields' names and values are views of this array.
///
/// A head that arrives at once gets an array of its own size. Lines are contiguous: where one would cross the
/// array's end, it moves to a new array, and the lines before it keep the old one. Bytes behind the head that
/// were copied too are given back.
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

    /// Copies more; false if the peer has sent no more.
    boolean fill(ByteBuf in) {
        int readable = in.readableBytes();
        if (readable == 0) {
            return false;
        }
        if (limit == bytes.length) {
            renew(readable);
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

    private void renew(int readable) {
        int partial = pending();
        int wanted = Math.min(readable, bytes.length == 0 ? FIRST_BYTES : NEXT_BYTES);
        byte[] next = new byte[Math.max(partial + Math.max(partial, wanted), MIN_BYTES)];
        System.arraycopy(bytes, position, next, 0, partial);
        bytes = next;
        position = 0;
        limit = partial;
    }
}
