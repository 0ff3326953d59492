package io.sallyport.telemetry;

import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What requests were like within the last five to ten seconds, by destination or route: the difference between what is
/// counted now and what was counted then. Whoever asks pays for it; where nobody asks, nothing is done. Thread-safe.
public final class TrafficWindow<K> {
    /// Those who ask within this time get the same answer.
    private static final long FRESH = TimeUnit.MILLISECONDS.toNanos(500);
    /// Between two samples that are kept.
    private static final long HALF = TimeUnit.SECONDS.toNanos(5);
    /// After a pause as long as this the window begins anew.
    private static final long LONGEST_PAUSE = TimeUnit.SECONDS.toNanos(30);

    /// @param perSecond requests that ended
    /// @param failureShare from 0 to 1
    /// @param p50Millis half of the requests took no longer; by interpolation within a bucket, and of what is above
    ///     the last bound that bound. Null where there were no requests, or there are no bounds
    /// @param p99Millis likewise
    public record Figures(
            double perSecond,
            double failureShare,
            @Nullable Double p50Millis,
            @Nullable Double p99Millis) {}

    private record Sample<K>(long at, Map<K, TrafficCount> counts) {}

    private static final Figures QUIET = new Figures(0, 0, null, null);
    private static final double NANOS_PER_SECOND = 1e9;

    private final Supplier<Map<K, TrafficCount>> counts;
    private final double[] bounds;
    private final LongSupplier nanoTime;
    private @Nullable Sample<K> oldest;
    private @Nullable Sample<K> middle;
    private @Nullable Sample<K> newest;

    /// @param counts what is counted so far
    /// @param bounds of the buckets, milliseconds
    /// @param nanoTime a monotonic clock
    TrafficWindow(Supplier<Map<K, TrafficCount>> counts, double[] bounds, LongSupplier nanoTime) {
        this.counts = counts;
        this.bounds = bounds.clone();
        this.nanoTime = nanoTime;
    }

    /// Null for the first who asks: nothing is known yet.
    public synchronized @Nullable Figures of(K key) {
        Sample<K> now = sample();
        Sample<K> then = oldest;
        if (then == null || then == now) {
            return null;
        }
        TrafficCount count = now.counts.get(key);
        return count == null ? QUIET : figures(count, then.counts.get(key), (now.at - then.at) / NANOS_PER_SECOND);
    }

    private Sample<K> sample() {
        long now = nanoTime.getAsLong();
        Sample<K> last = newest;
        if (last != null && now - last.at < FRESH) {
            return last;
        }
        var made = new Sample<>(now, counts.get());
        if (last == null || middle == null || now - last.at > LONGEST_PAUSE) {
            oldest = made;
            middle = made;
        } else if (now - middle.at >= HALF) {
            oldest = middle;
            middle = made;
        }
        newest = made;
        return made;
    }

    private Figures figures(TrafficCount now, @Nullable TrafficCount then, double seconds) {
        long[] buckets = now.buckets().clone();
        long all = 0;
        for (int i = 0; i < buckets.length; i++) {
            // What was forgotten meanwhile has begun anew.
            buckets[i] = Math.max(0, buckets[i] - (then == null ? 0 : then.buckets()[i]));
            all += buckets[i];
        }
        if (all == 0) {
            return QUIET;
        }
        long failures = Math.max(0, now.failures() - (then == null ? 0 : then.failures()));
        return new Figures(
                all / seconds,
                Math.min(1, (double) failures / all),
                quantile(buckets, 0.5 * all),
                quantile(buckets, 0.99 * all));
    }

    private @Nullable Double quantile(long[] buckets, double rank) {
        if (bounds.length == 0) {
            return null;
        }
        long below = 0;
        for (int i = 0; i < bounds.length; i++) {
            if (below + buckets[i] >= rank) {
                double from = i == 0 ? 0 : bounds[i - 1];
                return from + (bounds[i] - from) * (rank - below) / buckets[i];
            }
            below += buckets[i];
        }
        return bounds[bounds.length - 1];
    }
}
