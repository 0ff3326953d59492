package io.sallyport.http.h2;

import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Streams that something is to be said to later in this turn of the event loop. Used again for every turn, so that it
/// allocates only while it grows to the number of streams that are busy at once.
final class StreamQueue {
    private static final int INITIAL = 8;

    private @Nullable AbstractHttp2Stream[] streams = new AbstractHttp2Stream[INITIAL];
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
