package io.sallyport.http.h2;

import io.netty.util.concurrent.EventExecutor;
import java.util.function.Consumer;

/// What is said to streams not at once but when the codec has done its work: that a read is complete, that they may
/// write.
final class StreamNotices {
    private static final Consumer<AbstractHttp2Stream> READ_COMPLETE = AbstractHttp2Stream::deliverReadComplete;
    private static final Consumer<AbstractHttp2Stream> WRITABLE = AbstractHttp2Stream::deliverWritable;

    private final StreamQueue touched = new StreamQueue();
    private final StreamQueue writable = new StreamQueue();
    private final Runnable deliverWritable = this::deliverWritable;
    private boolean reading;

    /// Bytes of the socket are being worked on; the end of that delivers and flushes.
    boolean isReading() {
        return reading;
    }

    void readBegins() {
        reading = true;
    }

    void readEnds() {
        deliverWritable();
        touched.drain(READ_COMPLETE);
        reading = false;
    }

    /// The stream gets something in this read.
    void touch(AbstractHttp2Stream stream) {
        if (reading && !stream.touched) {
            stream.touched = true;
            touched.add(stream);
        }
    }

    /// The stream may write again. The codec finds out in the midst of its work, or of that of a listener.
    void becameWritable(AbstractHttp2Stream stream, EventExecutor loop) {
        if (stream.becameWritable) {
            return;
        }
        if (writable.isEmpty() && !reading) {
            loop.execute(deliverWritable);
        }
        stream.becameWritable = true;
        writable.add(stream);
    }

    void deliverWritable() {
        writable.drain(WRITABLE);
    }
}
