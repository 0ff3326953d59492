package io.sallyport.http.h2;

/// Pings the peer of one connection every interval. Whatever arrives is an answer: the acknowledgement may have to wait
/// behind much that is on its way (as at Envoy, `KeepaliveSettings.timeout`).
final class KeepAlivePings {
    /// Distinguishes its acknowledgement from others.
    private static final long DATA = 0x6b_65_65_70;

    private final Http2Transport transport;
    private final long intervalNanos;
    private final long timeoutNanos;
    private boolean waiting;
    private long askedAt;
    private long due;

    KeepAlivePings(Http2Transport transport, KeepAlive spec) {
        this.transport = transport;
        intervalNanos = spec.interval().toNanos();
        timeoutNanos = spec.timeout().toNanos();
    }

    void begin() {
        askLater(transport.now());
    }

    private void askLater(long now) {
        waiting = false;
        due = now + intervalNanos;
        transport.timeouts.checkBy(due);
    }

    void acknowledged(long data) {
        if (waiting && data == DATA) {
            askLater(askedAt);
        }
    }

    /// @return when to look again, or [Timeouts#NONE] if the peer is gone and the connection is closed
    long check(long now) {
        if (waiting && transport.readAt() > askedAt) {
            due = Math.max(due, transport.readAt() + timeoutNanos);
        }
        if (now < due) {
            return due;
        }
        if (waiting) {
            transport.context().close();
            return Timeouts.NONE;
        }
        waiting = true;
        askedAt = now;
        due = now + timeoutNanos;
        transport.earn(1);
        transport.writePing(DATA);
        transport.flush();
        return due;
    }
}
