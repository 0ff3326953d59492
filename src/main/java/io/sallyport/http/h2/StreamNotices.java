package io.sallyport.http.h2;

import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Notifies streams not at once but when the codec has done its work: that a read is complete, that they may write.
final class StreamNotices {
    private static final Consumer<AbstractHttp2Stream> READ_COMPLETE = AbstractHttp2Stream::deliverReadComplete;
    private static final Consumer<AbstractHttp2Stream> WRITABLE = AbstractHttp2Stream::deliverWritable;

    private final Http2Transport transport;
    private final Queue touched = new Queue();
    private final Queue writable = new Queue();
    private final Runnable deliverWritable = this::deliverWritable;

    StreamNotices(Http2Transport transport) {
        this.transport = transport;
    }

    void endRead() {
        deliverWritable();
        touched.drain(READ_COMPLETE);
        transport.endRead();
    }

    /// The stream gets something in this read.
    void touch(AbstractHttp2Stream stream) {
        if (transport.isReading() && !stream.touched) {
            stream.touched = true;
            touched.add(stream);
        }
    }

    /// Something was delivered, perhaps outside a read.
    void delivered(AbstractHttp2Stream stream) {
        if (!transport.isReading()) {
            stream.deliverReadComplete();
        }
    }

    /// The stream may write again. The codec notices in the middle of its work, or of that of a listener.
    void becameWritable(AbstractHttp2Stream stream) {
        if (stream.becameWritable) {
            return;
        }
        if (writable.isEmpty() && !transport.isReading()) {
            transport.context().executor().execute(deliverWritable);
        }
        stream.becameWritable = true;
        writable.add(stream);
    }

    void deliverWritable() {
        writable.drain(WRITABLE);
    }

    /// Reused for every turn of the event loop, so that it allocates only while it grows to the number of streams that
    /// are busy at once.
    private static final class Queue {
        private @Nullable AbstractHttp2Stream[] streams = new AbstractHttp2Stream[8];
        private int size;

        boolean isEmpty() {
            return size == 0;
        }

        void add(AbstractHttp2Stream stream) {
            if (size == streams.length) {
                streams = Arrays.copyOf(streams, 2 * size);
            }
            streams[size++] = stream;
        }

        /// Empties the queue into `action`, also of what the action adds.
        void drain(Consumer<AbstractHttp2Stream> action) {
            for (int i = 0; i < size; i++) {
                AbstractHttp2Stream stream = streams[i];
                streams[i] = null;
                if (stream != null) {
                    action.accept(stream);
                }
            }
            size = 0;
        }
    }
}
