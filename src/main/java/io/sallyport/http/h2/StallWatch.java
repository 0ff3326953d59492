package io.sallyport.http.h2;

import io.netty.channel.Channel;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.handler.codec.http2.Http2StreamVisitor;

/// Whether the peer keeps going: ends the frames and header blocks that it begins, sends the bodies that it announced,
/// reads what it asked for.
final class StallWatch implements Http2StreamVisitor {
    private static final long UNSET = -1;

    private final Http2Transport transport;
    private final Http2Connection connection;
    private long partialAt = UNSET;
    private long partialAfter;
    private long unwritableAt = UNSET;
    private long unwritableBytes;
    /// While the streams are visited: the time, and when to look again.
    private long now;

    private long next;

    StallWatch(Http2Transport transport, Http2Connection connection) {
        this.transport = transport;
        this.connection = connection;
    }

    /// Notes whether a read ended within a frame or a header block, and which.
    void readCompleted() {
        GuardedFrameReader reader = transport.reader;
        if (!reader.isPartial()) {
            partialAt = UNSET;
        } else if (partialAt == UNSET || reader.completed() != partialAfter) {
            partialAt = transport.readAt();
            partialAfter = reader.completed();
            transport.timeouts.checkBy(partialDeadline());
        }
    }

    /// The channel's buffer is full, or no longer so.
    void writabilityChanged() {
        Channel channel = transport.context().channel();
        if (channel.isWritable()) {
            unwritableAt = UNSET;
            return;
        }
        unwritableAt = transport.now();
        unwritableBytes = channel.bytesBeforeWritable();
        transport.awaitOutput();
    }

    /// Acts on what is due.
    ///
    /// @return when to look again
    long check(long time) {
        now = time;
        next = Timeouts.NONE;
        checkStreams();
        if (partialAt != UNSET) {
            if (partialDeadline() <= now) {
                closeConnection();
                return Timeouts.NONE;
            }
            next = Math.min(next, partialDeadline());
        }
        return unwritableAt == UNSET ? next : Math.min(next, checkOutput());
    }

    private void checkStreams() {
        if (connection.numActiveStreams() == 0) {
            return;
        }
        try {
            connection.forEachActiveStream(this);
        } catch (Http2Exception e) {
            throw new IllegalStateException("Visiting streams throws nothing", e);
        }
        transport.flush();
    }

    @Override
    public boolean visit(Http2Stream codecStream) {
        AbstractHttp2Stream stream = codecStream.getProperty(transport.streamKey);
        if (stream != null) {
            next = Math.min(next, stream.checkProgress(now));
        }
        return true;
    }

    private long partialDeadline() {
        var limits = transport.limits;
        var timeout = transport.reader.isPartialData() ? limits.bodyTimeout() : limits.headTimeout();
        return partialAt + timeout.toNanos();
    }

    private long checkOutput() {
        long bytes = transport.context().channel().bytesBeforeWritable();
        if (bytes < unwritableBytes) {
            unwritableAt = now;
        } else if (now - unwritableAt >= transport.writeTimeout) {
            transport.context().close();
            return Timeouts.NONE;
        }
        unwritableBytes = bytes;
        return unwritableAt + transport.writeTimeout;
    }

    /// Closes the connection of a peer that took too long over a frame, with GOAWAY.
    void closeConnection() {
        transport.goAway(connection.remote().lastStreamCreated(), Http2Error.ENHANCE_YOUR_CALM);
        transport.context().flush();
        transport.context().close();
    }
}
