package io.sallyport.http.h2;

import io.netty.util.concurrent.EventExecutor;

/// When what was written to a connection goes to the socket. Within a read never here: its end flushes for all streams.
final class OutputFlush implements Runnable {
    /// What one TLS record holds.
    private static final int MUCH_BYTES = 16 * 1024;

    private final AbstractHttp2Connection connection;
    private boolean putOff;
    private int waitingBytes;

    OutputFlush(AbstractHttp2Connection connection) {
        this.connection = connection;
    }

    /// So much of a body has been written.
    void written(int bytes) {
        waitingBytes += bytes;
    }

    /// The connection was flushed.
    void done() {
        waitingBytes = 0;
    }

    /// At once.
    void now() {
        if (!connection.notices.isReading()) {
            connection.flush(connection.context());
        }
    }

    /// At the end of the event loop's round: what several endpoints have answered in the meantime leaves in one TLS
    /// record and one write. Much at once is flushed at once, since it counts against the socket's limit only then.
    void soon() {
        EventExecutor loop = connection.context().executor();
        if (waitingBytes >= MUCH_BYTES || loop.isShuttingDown()) {
            // A loop that shuts down may take no more tasks.
            now();
        } else if (!putOff && !connection.notices.isReading()) {
            putOff = true;
            loop.execute(this);
        }
    }

    /// Whatever [#soon()] has put off.
    @Override
    public void run() {
        if (putOff) {
            putOff = false;
            connection.flush(connection.context());
        }
    }
}
