package io.sallyport.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sallyport.http.ClientStream;
import io.sallyport.http.Headers;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/// What came of a request's body before it could go on. Reading is paused meanwhile, so it is at most what
/// was on its way: one read, or one HTTP/2 window.
final class HeldBody {
    private static final int LEAST_JOINED = 1024;

    /// Whom a body goes on to.
    interface Receiver {
        /// Takes over the buffer.
        void requestData(ByteBuf data, boolean end);

        void requestTrailers(Headers trailers);
    }

    private @Nullable ArrayDeque<ByteBuf> parts;
    /// The part that [#join] has made.
    private @Nullable ByteBuf joined;

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

    /// As [#add], but copies the data to what was joined before: many small parts hold more memory than they carry.
    void join(ByteBuf data, boolean last) {
        ByteBuf to = joined;
        if (to == null || parts == null || parts.peekLast() != to) {
            to = data.alloc().buffer(Math.max(data.readableBytes(), LEAST_JOINED));
            joined = to;
            add(to.writeBytes(data), last);
        } else {
            end |= last;
            to.writeBytes(data);
        }
        data.release();
    }

    /// Whether the end of the body is here.
    boolean hasEnd() {
        return end;
    }

    /// Of the body, without trailers.
    long bytes() {
        long bytes = 0;
        if (parts != null) {
            for (ByteBuf part : parts) {
                bytes += part.readableBytes();
            }
        }
        return bytes;
    }

    /// The first bytes, not copied: the caller's to release, and not to write to.
    ByteBuf first(int most) {
        // What has been handed out stays as it is.
        joined = null;
        if (parts == null) {
            return Unpooled.EMPTY_BUFFER;
        }
        ByteBuf[] slices = new ByteBuf[parts.size()];
        int count = 0;
        int rest = most;
        for (ByteBuf part : parts) {
            int some = Math.min(part.readableBytes(), rest);
            slices[count++] = part.retainedSlice(part.readerIndex(), some);
            rest -= some;
        }
        return Unpooled.wrappedBuffer(Math.max(1, count), slices);
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

    /// Hands everything over as it came, an end without data too; what is added meanwhile follows.
    void giveTo(Receiver receiver) {
        boolean ended = false;
        for (ByteBuf part = poll(); part != null; part = poll()) {
            ended = end && trailers == null && isEmpty();
            receiver.requestData(part, ended);
        }
        Headers last = trailers;
        trailers = null;
        if (last != null) {
            receiver.requestTrailers(last);
        } else if (end && !ended) {
            receiver.requestData(Unpooled.EMPTY_BUFFER, true);
        }
        end = false;
    }

    private @Nullable ByteBuf poll() {
        return parts == null ? null : parts.poll();
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
        joined = null;
        trailers = null;
    }
}
