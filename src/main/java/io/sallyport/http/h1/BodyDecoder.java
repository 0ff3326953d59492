package io.sallyport.http.h1;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/// Cuts the content of one message after the other out of a connection's bytes (RFC 9112, 6.3).
final class BodyDecoder {
    /// All that arrives until the peer closes is the body.
    static final long UNTIL_CLOSE = -2;

    private enum Framing {
        NONE,
        LENGTH,
        CHUNKED,
        UNTIL_CLOSE
    }

    private final ChunkedDecoder chunked;
    private Framing framing = Framing.NONE;
    private long remaining;

    BodyDecoder(FieldParser trailers) {
        chunked = new ChunkedDecoder(trailers);
    }

    /// A body follows.
    ///
    /// @param length in bytes; [io.sallyport.http.RequestHead#UNKNOWN_LENGTH] for chunked, or [#UNTIL_CLOSE]
    void begin(long length) {
        remaining = length;
        if (length >= 0) {
            framing = length == 0 ? Framing.NONE : Framing.LENGTH;
        } else if (length == UNTIL_CLOSE) {
            framing = Framing.UNTIL_CLOSE;
        } else {
            framing = Framing.CHUNKED;
            chunked.begin();
        }
    }

    boolean endsWithConnection() {
        return framing == Framing.UNTIL_CLOSE;
    }

    /// Bytes that must still come, or -1 where that is not known.
    long remaining() {
        return switch (framing) {
            case NONE -> 0;
            case LENGTH -> remaining;
            case CHUNKED, UNTIL_CLOSE -> -1;
        };
    }

    /// Hands what the buffer has of this body to the sink; the rest stays in the buffer.
    ///
    /// @return true once the body has ended
    /// @throws MalformedMessage if the framing is broken; what arrived before was delivered
    boolean decode(ByteBuf in, BodySink sink) {
        boolean ended =
                switch (framing) {
                    case NONE -> true;
                    case LENGTH -> decodeLength(in, sink);
                    case CHUNKED -> chunked.decode(in, sink);
                    case UNTIL_CLOSE -> {
                        if (in.isReadable()) {
                            sink.onBody(in.readRetainedSlice(in.readableBytes()), false);
                        }
                        yield false;
                    }
                };
        if (ended) {
            framing = Framing.NONE;
        }
        return ended;
    }

    /// The peer closed, which ends a body that is delimited so.
    void endWithConnection(BodySink sink) {
        framing = Framing.NONE;
        sink.onBody(Unpooled.EMPTY_BUFFER, true);
    }

    private boolean decodeLength(ByteBuf in, BodySink sink) {
        int count = (int) Math.min(remaining, in.readableBytes());
        if (count > 0) {
            remaining -= count;
            sink.onBody(in.readRetainedSlice(count), remaining == 0);
        }
        return remaining == 0;
    }
}
