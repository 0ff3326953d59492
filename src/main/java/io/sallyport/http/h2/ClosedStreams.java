package io.sallyport.http.h2;

import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Stream;
import org.jspecify.annotations.Nullable;

/// What is still known of streams that the codec has forgotten.
///
/// What a peer had sent on a stream before it learned of our RST_STREAM is to be ignored (RFC 9113, 5.1), though the
/// codec would call it a violation, of the whole connection even where the stream was refused. A header block on a
/// stream that the peer itself has ended is a violation of the connection, which the codec treats too leniently.
final class ClosedStreams {
    private static final int REMEMBERED = 64;

    private final Http2Connection connection;
    private final int[] reset = new int[REMEMBERED];
    private int next;
    private int highestReset;
    private int highestOpened;
    private int skippedFrom;
    private int skippedTo;

    ClosedStreams(Http2Connection connection) {
        this.connection = connection;
    }

    /// RST_STREAM was sent.
    void addReset(int id) {
        reset[next] = id;
        next = (next + 1) % REMEMBERED;
        highestReset = Math.max(highestReset, id);
    }

    /// Whether frames on this stream are late ones, which crossed our RST_STREAM or the GOAWAY that excludes them.
    boolean isIgnored(int id) {
        if (connection.goAwaySent()
                && id > connection.remote().lastStreamKnownByPeer()
                && connection.remote().isValidStreamId(id)) {
            return true;
        }
        if (id == 0 || id > highestReset) {
            return false;
        }
        Http2Stream stream = connection.stream(id);
        return stream == null ? isReset(id) : stream.isResetSent();
    }

    /// Whether it is among the streams that were reset last.
    boolean isReset(int id) {
        for (int candidate : reset) {
            if (candidate == id) {
                return true;
            }
        }
        return false;
    }

    /// What is wrong with a header block that a client begins to send on this stream, or null. Of streams that were not
    /// reset.
    @Nullable
    Http2Error violation(int id) {
        Http2Stream stream = connection.stream(id);
        if (stream != null) {
            return stream.state() == Http2Stream.State.HALF_CLOSED_REMOTE ? Http2Error.STREAM_CLOSED : null;
        }
        if (id > highestOpened) {
            if (id > highestOpened + 2) {
                skippedFrom = highestOpened + 1;
                skippedTo = id - 1;
            }
            highestOpened = id;
            return null;
        }
        // Going back to a stream that was skipped is another fault than continuing one that has ended (5.1.1).
        boolean skipped = id >= skippedFrom && id <= skippedTo;
        return skipped ? Http2Error.PROTOCOL_ERROR : Http2Error.STREAM_CLOSED;
    }
}
