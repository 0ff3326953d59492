package io.sallyport.http.h1;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sallyport.http.Headers;
import io.sallyport.http.HopByHop;
import org.jspecify.annotations.Nullable;

/// Decodes chunked bodies (RFC 9112, 7.1).
///
/// Small chunks that arrive together are handed over together: a buffer for each would cost a peer's bytes many times
/// over.
final class ChunkedDecoder {
    /// Up to this size copying a chunk is cheaper than a buffer of its own.
    private static final int SMALL_BYTES = 1024;

    private enum State {
        SIZE,
        DATA,
        DATA_CR,
        DATA_LF,
        TRAILERS
    }

    private final ChunkSize size = new ChunkSize();
    private final HeadBlock block = new HeadBlock();
    private final FieldParser trailerParser;

    private State state = State.SIZE;
    private long remaining;
    private @Nullable Headers trailers;
    /// Content read but not handed over yet; empty between calls of [#decode].
    private @Nullable ByteBuf held;

    ChunkedDecoder(FieldParser trailerParser) {
        this.trailerParser = trailerParser;
    }

    void begin() {
        state = State.SIZE;
        size.beginBody();
    }

    /// As [BodyDecoder#decode].
    boolean decode(ByteBuf in, BodySink sink) {
        try {
            while (in.isReadable()) {
                if (step(in, sink)) {
                    return true;
                }
            }
            return false;
        } finally {
            handOver(sink);
        }
    }

    private boolean step(ByteBuf in, BodySink sink) {
        switch (state) {
            case SIZE -> readSize(in);
            case DATA -> readData(in, sink);
            case DATA_CR -> expect(in, '\r', State.DATA_LF);
            case DATA_LF -> {
                expect(in, '\n', State.SIZE);
                size.beginLine();
            }
            case TRAILERS -> {
                return readTrailers(in, sink);
            }
        }
        return false;
    }

    private void readSize(ByteBuf in) {
        while (in.isReadable()) {
            if (size.accept(in.readByte())) {
                remaining = size.size();
                state = remaining == 0 ? State.TRAILERS : State.DATA;
                if (remaining == 0) {
                    trailers = new Headers(0);
                    trailerParser.begin(trailers);
                }
                return;
            }
        }
    }

    private void readData(ByteBuf in, BodySink sink) {
        int count = (int) Math.min(remaining, in.readableBytes());
        remaining -= count;
        if (remaining == 0) {
            state = State.DATA_CR;
        }
        ByteBuf before = held;
        if (before != null && count <= SMALL_BYTES && count <= before.maxWritableBytes()) {
            before.writeBytes(in, count);
            return;
        }
        handOver(sink);
        // With nothing else in the buffer this chunk stands alone; else smaller ones may join it.
        held = count > SMALL_BYTES || in.readableBytes() == count
                ? in.readRetainedSlice(count)
                : in.alloc()
                        .buffer(Math.min(in.readableBytes(), 4 * SMALL_BYTES))
                        .writeBytes(in, count);
    }

    private boolean readTrailers(ByteBuf in, BodySink sink) {
        Headers fields = trailers;
        if (fields == null || !trailerParser.parse(block, in)) {
            return false;
        }
        block.finish(in);
        trailers = null;
        HopByHop.sanitizeTrailers(fields);
        if (fields.isEmpty()) {
            ByteBuf last = held == null ? Unpooled.EMPTY_BUFFER : held;
            held = null;
            sink.onBody(last, true);
        } else {
            handOver(sink);
            sink.onBodyTrailers(fields);
        }
        return true;
    }

    private void handOver(BodySink sink) {
        ByteBuf data = held;
        if (data != null) {
            held = null;
            sink.onBody(data, false);
        }
    }

    private void expect(ByteBuf in, char wanted, State next) {
        if (in.readByte() != wanted) {
            throw MalformedMessage.badRequest("http1.chunk_data_end");
        }
        state = next;
    }
}
