package io.sallyport.http.h2;

import static io.netty.handler.codec.http2.Http2Error.ENHANCE_YOUR_CALM;
import static io.netty.handler.codec.http2.Http2Error.PROTOCOL_ERROR;
import static io.netty.handler.codec.http2.Http2Exception.connectionError;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.DefaultHttp2FrameReader;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameAdapter;
import io.netty.handler.codec.http2.Http2FrameListener;
import io.netty.handler.codec.http2.Http2FrameTypes;
import io.netty.handler.codec.http2.Http2HeadersDecoder;

/// Cuts the byte stream into frames and counts each before it is looked at, also those that the codec would drop
/// silently. Frames that cost a peer next to nothing (PING, SETTINGS, PRIORITY, WINDOW_UPDATE, RST_STREAM,
/// unknown types, DATA without data) take a token; when none is left the connection ends with ENHANCE_YOUR_CALM. It
/// also knows whether the read ended in the middle of something, for the time-outs.
final class GuardedFrameReader extends DefaultHttp2FrameReader {
    private static final int HEADER_BYTES = 9;
    private static final int TYPE = 3;
    private static final int FLAGS = 4;
    private static final int STREAM_ID = 5;
    private static final int END_STREAM = 0x1;
    private static final int END_HEADERS = 0x4;
    private static final int PADDED = 0x8;

    /// Frames that one header block may be spread over. At the usual 16 KiB a frame, eight hold the largest block.
    private static final int MAX_CONTINUATIONS = 32;

    /// Burst and rate of frames that carry nothing; busy connections earn more, see [#earn].
    private static final int CHEAP_FRAMES = 1_000;
    private static final int CHEAP_FRAMES_PER_SECOND = 20;

    /// A frame of late data counts as so many bytes at least.
    private static final int LEAST_LATE = 16;

    private static final long MOST_LATE = 64L << 20;

    private final TokenBucket cheapFrames = new TokenBucket(CHEAP_FRAMES, CHEAP_FRAMES_PER_SECOND);
    private final boolean server;
    private final ClosedStreams closedStreams;
    private final Http2FrameListener ignoredFrames;
    private final Http2Connection connection;
    /// Bytes of data that peers may have sent on streams before they knew that these were reset.
    private long late;

    private boolean headerBlockOpen;
    private int continuations;
    private boolean midFrame;
    private boolean midData;
    private long completed;
    private boolean failed;

    GuardedFrameReader(Http2HeadersDecoder decoder, Http2Connection connection) {
        super(decoder);
        this.connection = connection;
        server = connection.isServer();
        closedStreams = new ClosedStreams(connection);
        // What counts for the connection's window is counted all the same.
        ignoredFrames = new Http2FrameAdapter() {
            @Override
            public int onDataRead(ChannelHandlerContext ctx, int id, ByteBuf data, int padding, boolean endOfStream)
                    throws Http2Exception {
                connection.local().flowController().receiveFlowControlledFrame(null, data, padding, endOfStream);
                return data.readableBytes() + padding;
            }
        };
    }

    /// RST_STREAM was sent; what still arrives on the stream is ignored.
    void ignore(int streamId) {
        closedStreams.addReset(streamId);
        late = Math.min(late + connection.local().flowController().initialWindowSize(), MOST_LATE);
    }

    /// RST_STREAM was sent not long ago.
    boolean hasReset(int streamId) {
        return closedStreams.isReset(streamId);
    }

    /// The bytes so far end within a frame or a header block.
    boolean isPartial() {
        return midFrame || headerBlockOpen;
    }

    /// What is unfinished is a DATA frame.
    boolean isPartialData() {
        return midData && !headerBlockOpen;
    }

    /// Frames and header blocks that were complete.
    long completed() {
        return completed;
    }

    /// Gives back tokens for work that entitles the peer to answer with control frames.
    void earn(int tokens) {
        cheapFrames.give(tokens);
    }

    void refill(long now) {
        cheapFrames.refill(now);
    }

    /// Reads no further: the connection is about to be closed.
    void stop() {
        failed = true;
    }

    /// Whether so much may have been sent before the peer knew of our RST_STREAM: it costs nothing, or one stream
    /// that is cancelled or refused would cost the others their connection.
    private boolean wasOnItsWay(int length) {
        late -= Math.max(length, LEAST_LATE);
        if (late < 0) {
            late = 0;
            return false;
        }
        return true;
    }

    private void spend() throws Http2Exception {
        if (!cheapFrames.take()) {
            throw connectionError(ENHANCE_YOUR_CALM, "Too many frames that carry nothing");
        }
    }

    @Override
    public void readFrame(ChannelHandlerContext ctx, ByteBuf input, Http2FrameListener listener) throws Http2Exception {
        if (failed) {
            input.skipBytes(input.readableBytes());
            return;
        }
        int end = input.writerIndex();
        try {
            while (!failed && end - input.readerIndex() >= HEADER_BYTES) {
                int start = input.readerIndex();
                int length = input.getUnsignedMedium(start);
                if (length > maxFrameSize()) {
                    super.readFrame(ctx, input, listener);
                    return;
                }
                if (end - start - HEADER_BYTES < length) {
                    break;
                }
                int id = input.getInt(start + STREAM_ID) & Integer.MAX_VALUE;
                boolean ignored = closedStreams.isIgnored(id);
                admit(input, start, length, id, ignored);
                // The codec sees one whole frame at a time.
                input.writerIndex(start + HEADER_BYTES + length);
                super.readFrame(ctx, input, ignored ? ignoredFrames : listener);
            }
        } catch (Http2Exception e) {
            failed = !Http2Exception.isStreamError(e);
            throw e;
        } catch (RuntimeException e) {
            failed = true;
            throw e;
        } finally {
            input.writerIndex(end);
            int rest = end - input.readerIndex();
            midFrame = rest > 0;
            midData = rest > TYPE && input.getByte(input.readerIndex() + TYPE) == Http2FrameTypes.DATA;
        }
    }

    private void admit(ByteBuf input, int start, int length, int id, boolean ignored) throws Http2Exception {
        int flags = input.getByte(start + FLAGS);
        switch (input.getByte(start + TYPE)) {
            case Http2FrameTypes.DATA -> {
                boolean empty = length == 0
                        || ((flags & PADDED) != 0 && input.getUnsignedByte(start + HEADER_BYTES) + 1 >= length);
                boolean unwanted = ignored && (empty || !wasOnItsWay(length));
                if (unwanted || (empty && (flags & END_STREAM) == 0)) {
                    spend();
                }
            }
            case Http2FrameTypes.HEADERS -> {
                if (ignored) {
                    spend();
                } else if (server && (id & 1) == 1) {
                    checkOrder(id);
                } else if (!server && (id & 1) == 0) {
                    // The codec would open a stream, which nobody ends (RFC 9113, 5.1.1 and 8.4: servers only promise).
                    throw connectionError(PROTOCOL_ERROR, "The server has opened stream %d", id);
                }
                headerBlockOpen = (flags & END_HEADERS) == 0;
                continuations = 0;
            }
            case Http2FrameTypes.CONTINUATION -> {
                if (++continuations > MAX_CONTINUATIONS) {
                    throw connectionError(ENHANCE_YOUR_CALM, "Header block in too many frames");
                }
                headerBlockOpen &= (flags & END_HEADERS) == 0;
            }
            default -> spend();
        }
        if (!headerBlockOpen) {
            completed++;
        }
    }

    private void checkOrder(int id) throws Http2Exception {
        Http2Error violation = closedStreams.violation(id);
        if (violation != null) {
            throw connectionError(violation, "Header block on stream %d, which is closed", id);
        }
    }
}
