package io.sallyport.http.h2;

/// Asks the peer of one connection every interval whether it is still there. Whatever arrives is an answer: a PING may
/// have to wait behind much that is on its way (as Envoy has it, `KeepaliveSettings.timeout`).
final class KeepAlivePings {
    /// Tells its acknowledgement from others.
    private static final long DATA = 0x6b_65_65_70;

    private final AbstractHttp2Connection connection;
    private final long intervalNanos;
    private final long timeoutNanos;
    private boolean asking;
    private long askedAt;
    private long due;

    KeepAlivePings(AbstractHttp2Connection connection, KeepAlive spec) {
        this.connection = connection;
        intervalNanos = spec.interval().toNanos();
        timeoutNanos = spec.timeout().toNanos();
    }

    void begin() {
        askLater(connection.now());
    }

    private void askLater(long now) {
        asking = false;
        due = now + intervalNanos;
        connection.stalls.checkBy(due);
    }

    void answered(long data) {
        if (asking && data == DATA) {
            askLater(askedAt);
        }
    }

    /// @return when to look again, or [Deadline#NONE] where the peer is gone and the connection is closed
    long check(long now) {
        if (asking && connection.readAt() > askedAt) {
            due = Math.max(due, connection.readAt() + timeoutNanos);
        }
        if (now < due) {
            return due;
        }
        if (asking) {
            connection.context().close();
            return Deadline.NONE;
        }
        asking = true;
        askedAt = now;
        due = now + timeoutNanos;
        connection.earn(1);
        connection
                .encoder()
                .writePing(
                        connection.context(), false, DATA, connection.context().newPromise());
        connection.flushes.now();
        return due;
    }
}
