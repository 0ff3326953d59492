package io.sallyport.telemetry;

import java.util.Collection;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;

/// All series, bounded: what comes after the last one allowed is counted as `overflow`.
final class SeriesIndex {
    private final ConcurrentMap<SeriesLabels, Series> series = new ConcurrentHashMap<>();
    private final Map<SeriesLabels.Protocol, Series> overflow = new EnumMap<>(SeriesLabels.Protocol.class);
    private final AtomicInteger size = new AtomicInteger();
    private final int most;

    SeriesIndex(int most) {
        this.most = most;
        for (SeriesLabels.Protocol protocol : SeriesLabels.Protocol.values()) {
            overflow.put(protocol, new Series(SeriesLabels.overflow(protocol)));
        }
    }

    /// The series of these labels, or the one for overflow.
    Series of(SeriesLabels labels) {
        Series known = series.get(labels);
        if (known != null) {
            return known;
        }
        if (size.incrementAndGet() > most) {
            size.decrementAndGet();
            return overflow(labels.protocol());
        }
        Series made = new Series(labels);
        Series other = series.putIfAbsent(labels, made);
        if (other == null) {
            return made;
        }
        size.decrementAndGet();
        return other;
    }

    Series overflow(SeriesLabels.Protocol protocol) {
        return java.util.Objects.requireNonNull(overflow.get(protocol));
    }

    Collection<Series> all() {
        return series.values();
    }

    Collection<Series> overflows() {
        return overflow.values();
    }
}
