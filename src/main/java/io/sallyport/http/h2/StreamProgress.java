package io.sallyport.http.h2;

import io.netty.handler.codec.http2.Http2Stream;
import io.netty.handler.codec.http2.Http2StreamVisitor;

/// Looks at every stream for a body that stalls.
final class StreamProgress implements Http2StreamVisitor {
    private final AbstractHttp2Connection connection;
    private final long now;
    private final long bodyTimeout;
    private final long writeTimeout;
    private long next = Deadline.NONE;

    StreamProgress(AbstractHttp2Connection connection, long now) {
        this.connection = connection;
        this.now = now;
        this.bodyTimeout = connection.bodyTimeout();
        this.writeTimeout = connection.limits.writeTimeout().toNanos();
    }

    @Override
    public boolean visit(Http2Stream codecStream) {
        AbstractHttp2Stream stream = connection.stream(codecStream);
        if (stream != null) {
            next = Math.min(next, stream.checkProgress(now, bodyTimeout, writeTimeout));
        }
        return true;
    }

    long next() {
        return next;
    }
}
