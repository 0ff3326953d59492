package io.sallyport.telemetry;

import java.time.Duration;
import java.util.function.LongSupplier;

/// Waits for the end of a thread that still sends or writes what it has.
public final class ThreadEnd {
    private static final Duration LONGEST = Duration.ofSeconds(5);
    /// The time without progress after which what remains is given up.
    private static final Duration STANDSTILL = Duration.ofSeconds(2);

    private ThreadEnd() {}

    /// Waits for a few seconds at most; less where the thread stands still.
    ///
    /// @param progress rises as long as it gets on
    public static void await(Thread thread, LongSupplier progress) {
        long end = System.nanoTime() + LONGEST.toNanos();
        try {
            long before;
            do {
                before = progress.getAsLong();
            } while (!thread.join(STANDSTILL) && progress.getAsLong() != before && System.nanoTime() - end < 0);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
