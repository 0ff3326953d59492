package io.sallyport.http.h2;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sallyport.http.Headers;
import io.sallyport.http.HopByHop;
import org.jspecify.annotations.Nullable;

/// The body that arrives on one stream: its length is held against what was declared, and its receiver can pause it.
///
/// While paused, bytes are not returned to the peer's window, so that at most a window more arrives. Those bytes are
/// kept here, in one buffer however small the frames were, and delivered when the receiver resumes.
final class InboundBody {
    static final long UNKNOWN = -1;

    private final AbstractHttp2Stream stream;
    private long declared = UNKNOWN;
    private long received;
    private long arrivedAt;
    private boolean ended;
    private boolean abandoned;
    private boolean paused;
    private boolean untimed;
    /// Flow-controlled bytes that arrived but are not returned to the window.
    private int withheld;
    private @Nullable ByteBuf held;
    private boolean heldEnd;
    private @Nullable Headers heldTrailers;

    /// @param now nanoseconds since the connection began
    InboundBody(AbstractHttp2Stream stream, long now) {
        this.stream = stream;
        this.arrivedAt = now;
    }

    /// @param length bytes that must arrive, or [#UNKNOWN]
    void declare(long length) {
        declared = length;
    }

    /// The peer may take its time.
    void waitWithoutEnd() {
        untimed = true;
    }

    /// The last frame of the message arrived; it may still be held back.
    boolean hasEnded() {
        return ended;
    }

    void end() {
        ended = true;
    }

    /// The message has ended already, which is delivered when the receiver resumes.
    void holdEnd() {
        ended = true;
        heldEnd = true;
    }

    /// When something arrived last, or when waiting for it began, in nanoseconds since the connection began.
    long arrivedAt() {
        return arrivedAt;
    }

    /// Counts as if something had arrived now.
    void touch(long now) {
        arrivedAt = now;
    }

    boolean isPaused() {
        return paused;
    }

    boolean isAbandoned() {
        return abandoned;
    }

    /// More of it is to come, and nothing but the peer holds it up.
    boolean isAwaited() {
        return !ended && !abandoned && !paused && !untimed;
    }

    /// @return bytes to give back to the peer's window at once
    int receive(ByteBuf data, int padding, boolean end, long now) {
        int size = data.readableBytes() + padding;
        if (ended || abandoned) {
            return size;
        }
        arrivedAt = now;
        received += data.readableBytes();
        if (isMismatch(end)) {
            stream.violate("http2.content_length_mismatch");
            return size;
        }
        if (stream.isOverLimit(received)) {
            stream.bodyTooLarge();
            return size;
        }
        ended = end;
        if (paused) {
            hold(data, end);
        } else if (end || data.isReadable()) {
            stream.deliver(data.retain(), end);
        }
        if (paused) {
            withheld += size;
            return 0;
        }
        return size;
    }

    /// Takes the trailers.
    void receive(DecodedFields fields) {
        if (ended || abandoned) {
            return;
        }
        String violation = fields.violation();
        if (violation == null) {
            violation = fields.isTooLarge()
                    ? "http2.trailers_too_large"
                    : fields.hasPseudoFields()
                            ? "http2.bad_trailers"
                            : isMismatch(true) ? "http2.content_length_mismatch" : null;
        }
        if (violation != null) {
            stream.violate(violation);
            return;
        }
        ended = true;
        fields.joinCookies();
        HopByHop.sanitizeTrailers(fields.fields);
        if (paused) {
            heldTrailers = fields.fields;
        } else {
            stream.deliver(fields.fields);
        }
    }

    private boolean isMismatch(boolean end) {
        return declared != UNKNOWN && (end ? received != declared : received > declared);
    }

    private void hold(ByteBuf data, boolean end) {
        heldEnd = end;
        if (!data.isReadable()) {
            return;
        }
        if (held == null) {
            held = data.alloc().buffer(data.readableBytes());
        }
        held.writeBytes(data, data.readerIndex(), data.readableBytes());
    }

    void pause() {
        paused = true;
    }

    /// Delivers what was held back, then lets the peer send more; the receiver may pause again in between.
    ///
    /// @return bytes to give back to the peer's window
    int resume(long now) {
        paused = false;
        arrivedAt = now;
        if (held != null || heldEnd) {
            ByteBuf data = held == null ? Unpooled.EMPTY_BUFFER : held;
            boolean end = heldEnd;
            held = null;
            heldEnd = false;
            stream.deliver(data, end);
        }
        if (!paused && heldTrailers != null) {
            Headers trailers = heldTrailers;
            heldTrailers = null;
            stream.deliver(trailers);
        }
        if (paused) {
            return 0;
        }
        int returned = withheld;
        withheld = 0;
        return returned;
    }

    boolean hasHeld() {
        return held != null || heldEnd || heldTrailers != null;
    }

    /// What is still to come is dropped; the caller notifies the listener.
    void abandon() {
        abandoned = true;
        discard();
    }

    /// @return when to look again
    long checkProgress(long now, long timeout) {
        if (now - arrivedAt >= timeout) {
            arrivedAt = now;
            stream.inputStalled();
        }
        return arrivedAt + timeout;
    }

    /// Drops what was held back; nothing is delivered any more. The codec gives the bytes back to the connection's
    /// window when it closes the stream.
    void discard() {
        if (held != null) {
            held.release();
            held = null;
        }
        heldEnd = false;
        heldTrailers = null;
        withheld = 0;
    }
}
