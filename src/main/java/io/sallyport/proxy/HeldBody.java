package io.sallyport.proxy;

import io.netty.buffer.ByteBuf;
import io.sallyport.http.ClientStream;
import io.sallyport.http.Headers;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/// What came of a request's body before the upstream could take it. Reading is paused meanwhile, so it is at most what
/// was on its way: one read, or one HTTP/2 window.
final class HeldBody {
    private @Nullable ArrayDeque<ByteBuf> parts;
    private @Nullable Headers trailers;
    private boolean end;

    void add(ByteBuf data, boolean last) {
        end |= last;
        if (!data.isReadable()) {
            data.release();
            return;
        }
        if (parts == null) {
            parts = new ArrayDeque<>(2);
        }
        parts.add(data);
    }

    void addTrailers(Headers fields) {
        trailers = fields;
        end = true;
    }

    boolean isEmpty() {
        return (parts == null || parts.isEmpty()) && trailers == null;
    }

    /// Sends everything on, in order.
    ///
    /// @param sent keeps a copy; null for none
    void writeTo(ClientStream stream, @Nullable SentBody sent) {
        if (parts != null) {
            for (ByteBuf part = parts.poll(); part != null; part = parts.poll()) {
                if (sent != null) {
                    sent.add(part);
                }
                stream.writeData(part, end && trailers == null && parts.isEmpty());
            }
        }
        if (trailers != null) {
            if (sent != null) {
                sent.addTrailers(trailers);
            }
            stream.writeTrailers(trailers);
            trailers = null;
        }
    }

    /// Takes back what was sent, to be sent before the rest.
    ///
    /// @param first taken over
    /// @param lastTrailers null where they were not sent
    /// @param last whether the end of the body is in it
    void takeBack(@Nullable ByteBuf first, @Nullable Headers lastTrailers, boolean last) {
        end |= last;
        if (first != null) {
            if (parts == null) {
                parts = new ArrayDeque<>(2);
            }
            parts.addFirst(first);
        }
        trailers = lastTrailers != null ? lastTrailers : trailers;
    }

    void release() {
        if (parts != null) {
            parts.forEach(ByteBuf::release);
            parts.clear();
        }
        trailers = null;
    }
}
