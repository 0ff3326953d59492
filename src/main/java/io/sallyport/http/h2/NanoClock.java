package io.sallyport.http.h2;

import java.util.function.LongSupplier;

/// Nanoseconds since the clock was made; never negative, so that times can be compared and unset ones be -1.
final class NanoClock {
    private final LongSupplier source;
    private final long origin;

    /// @param source like [System#nanoTime()]
    NanoClock(LongSupplier source) {
        this.source = source;
        this.origin = source.getAsLong();
    }

    long now() {
        return source.getAsLong() - origin;
    }
}
