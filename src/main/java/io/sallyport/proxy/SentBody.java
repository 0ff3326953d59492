package io.sallyport.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.sallyport.http.Headers;
import org.jspecify.annotations.Nullable;

/// What of a request's body an endpoint has been sent, as long as another try may need it.
///
/// A copy, because the parts that come off the network each hold on to a whole read: a body that trickles in would cost
/// many times its length.
final class SentBody {
    private final ByteBufAllocator allocator;
    private @Nullable ByteBuf bytes;
    private @Nullable Headers trailers;
    private int limit;
    private boolean incomplete;

    SentBody(ByteBufAllocator allocator) {
        this.allocator = allocator;
    }

    /// @param most bytes to keep of what is sent from now on; 0 for none
    void keep(int most) {
        limit = most;
    }

    /// Whether all that was sent is here, so that it can be sent again.
    boolean isComplete() {
        return !incomplete;
    }

    /// Reads nothing off the buffer.
    void add(ByteBuf data) {
        int length = data.readableBytes();
        if (length == 0 || incomplete) {
            return;
        }
        int before = bytes == null ? 0 : bytes.readableBytes();
        if (length > limit - before) {
            forget();
            return;
        }
        if (bytes == null) {
            bytes = allocator.buffer(length, limit);
        }
        bytes.writeBytes(data, data.readerIndex(), length);
    }

    void addTrailers(Headers fields) {
        trailers = fields;
    }

    /// Gives everything back to be sent again.
    ///
    /// @param end whether the body's end was sent, too
    void returnTo(HeldBody held, boolean end) {
        held.takeBack(bytes, trailers, end);
        bytes = null;
        trailers = null;
    }

    /// There will be no other try, or none that could send the same.
    void forget() {
        incomplete = true;
        if (bytes != null) {
            bytes.release();
            bytes = null;
        }
        trailers = null;
    }
}
