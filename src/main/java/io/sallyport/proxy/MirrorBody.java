package io.sallyport.proxy;

import io.netty.buffer.ByteBuf;
import io.sallyport.http.ClientStream;
import io.sallyport.http.Headers;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/// The way of a request's body to a mirror, which must never make the request wait: what the mirror does not take is
/// kept up to [#LIMIT], and no further.
final class MirrorBody {
    /// Bytes that may wait in front of one mirror.
    static final int LIMIT = 256 * 1024;

    /// Many small parts hold more memory than they carry: each keeps the buffer that it was read into.
    private static final int COST_OF_A_PART = 512;

    private final ArrayDeque<ByteBuf> waiting = new ArrayDeque<>(2);
    private @Nullable Headers trailers;
    private boolean end;
    private long backlog;

    /// For a stream that is not open yet. Takes over the buffer.
    ///
    /// @return false where more waits than may
    boolean hold(ByteBuf data, boolean last) {
        end |= last;
        backlog += cost(data);
        waiting.add(data);
        return backlog <= LIMIT;
    }

    void holdTrailers(Headers fields) {
        trailers = fields;
        end = true;
    }

    boolean isEmpty() {
        return waiting.isEmpty() && trailers == null;
    }

    /// Sends what was held.
    void sendTo(ClientStream stream) {
        for (ByteBuf data = waiting.poll(); data != null; data = waiting.poll()) {
            stream.writeData(data, end && trailers == null && waiting.isEmpty());
        }
        if (trailers != null) {
            stream.writeTrailers(trailers);
            trailers = null;
        }
    }

    /// Sends a part at once. Takes over the buffer.
    ///
    /// @return false where more waits in the stream than may
    boolean send(ClientStream stream, ByteBuf data, boolean last) {
        backlog = stream.isWritable() ? 0 : backlog + cost(data);
        stream.writeData(data, last);
        return backlog <= LIMIT;
    }

    void release() {
        waiting.forEach(ByteBuf::release);
        waiting.clear();
        trailers = null;
    }

    private static int cost(ByteBuf data) {
        return data.readableBytes() + COST_OF_A_PART;
    }
}
