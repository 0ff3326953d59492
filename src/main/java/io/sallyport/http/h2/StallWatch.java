package io.sallyport.http.h2;

import io.netty.handler.codec.http2.Http2Exception;
import io.netty.util.concurrent.EventExecutor;
import org.jspecify.annotations.Nullable;

/// Whether the peer keeps going: ends the frames and header blocks that it begins, sends the bodies that it announced,
/// reads what it asked for.
final class StallWatch {
    private static final long UNSET = -1;

    private final AbstractHttp2Connection connection;
    private @Nullable Deadline deadline;
    private long partialAt = UNSET;
    private long partialAfter;
    private long unwritableAt = UNSET;
    private long unwritableBytes;

    StallWatch(AbstractHttp2Connection connection) {
        this.connection = connection;
    }

    void start(EventExecutor loop) {
        deadline = new Deadline(loop, connection.clock, connection::checkDeadlines);
    }

    void stop() {
        if (deadline != null) {
            deadline.cancel();
        }
    }

    /// [AbstractHttp2Connection#checkDeadlines] is called at this time or before.
    void checkBy(long time) {
        if (deadline != null) {
            deadline.ensure(time);
        }
    }

    /// There is input to wait for.
    void awaitInput() {
        if (connection.bodyTimeout() > 0) {
            checkBy(connection.now() + connection.bodyTimeout());
        }
    }

    /// There is output that may come to wait for the peer.
    void awaitOutput() {
        checkBy(connection.now() + connection.limits.writeTimeout().toNanos());
    }

    /// Notes whether a read ended within a frame or a header block, and which.
    void readCompleted(long readAt) {
        GuardedFrameReader reader = connection.reader;
        if (!reader.isPartial()) {
            partialAt = UNSET;
        } else if (partialAt == UNSET || reader.completed() != partialAfter) {
            partialAt = readAt;
            partialAfter = reader.completed();
            checkBy(partialDeadline());
        }
    }

    /// The channel's buffer is full, or no longer so.
    void writabilityChanged() {
        if (connection.channel().isWritable()) {
            unwritableAt = UNSET;
            return;
        }
        unwritableAt = connection.now();
        unwritableBytes = connection.channel().bytesBeforeWritable();
        awaitOutput();
    }

    /// Acts on what is due, and returns when to look again.
    long check(long now) {
        long next = checkStreams(now);
        if (partialAt != UNSET) {
            if (partialDeadline() <= now) {
                connection.closeStalled();
                return Deadline.NONE;
            }
            next = Math.min(next, partialDeadline());
        }
        return unwritableAt == UNSET ? next : Math.min(next, checkOutput(now));
    }

    private long partialDeadline() {
        var timeout =
                connection.reader.isPartialData() ? connection.limits.bodyTimeout() : connection.limits.headTimeout();
        return partialAt + timeout.toNanos();
    }

    private long checkStreams(long now) {
        if (connection.connection().numActiveStreams() == 0) {
            return Deadline.NONE;
        }
        StreamProgress progress = new StreamProgress(connection, now);
        try {
            connection.connection().forEachActiveStream(progress);
        } catch (Http2Exception e) {
            connection.onError(connection.context(), false, e);
        }
        connection.flushes.now();
        return progress.next();
    }

    private long checkOutput(long now) {
        long timeout = connection.limits.writeTimeout().toNanos();
        long bytes = connection.channel().bytesBeforeWritable();
        if (bytes < unwritableBytes) {
            unwritableAt = now;
        } else if (now - unwritableAt >= timeout) {
            connection.context().close();
            return Deadline.NONE;
        }
        unwritableBytes = bytes;
        return unwritableAt + timeout;
    }
}
