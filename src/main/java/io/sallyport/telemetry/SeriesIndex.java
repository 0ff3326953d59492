package io.sallyport.telemetry;

import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/// All series, bounded: what comes after the last one allowed is counted as `overflow`. So are the response codes and
/// gRPC statuses of one destination beyond a number that no service needs: one that answers at random would take the
/// series of all others.
final class SeriesIndex {
    private static final int MOST_OUTCOMES = 150;

    private final ConcurrentMap<ShownLabels, Series> series = new ConcurrentHashMap<>();
    private final Map<SeriesLabels.Protocol, Series> overflow = new EnumMap<>(SeriesLabels.Protocol.class);
    /// By destination.
    private final ConcurrentMap<String, Set<ShownLabels.Outcome>> outcomes = new ConcurrentHashMap<>();

    private final AtomicInteger size = new AtomicInteger();
    private final int most;
    private volatile boolean repeats;
    private final int requestCells;

    /// @param most the number of series that are counted one by one
    /// @param requestCells that an event loop needs for a series of requests
    SeriesIndex(int most, int requestCells) {
        this.most = most;
        this.requestCells = requestCells;
        for (SeriesLabels.Protocol protocol : SeriesLabels.Protocol.values()) {
            Series other = made(SeriesLabels.overflow(protocol));
            other.showAll();
            overflow.put(protocol, other);
        }
    }

    private Series made(ShownLabels labels) {
        return new Series(
                labels, labels.protocol() == SeriesLabels.Protocol.TCP ? Series.CONNECTION_CELLS : requestCells);
    }

    /// The series of these labels, or the one for overflow.
    Series of(ShownLabels labels) {
        Series known = series.get(labels);
        if (known != null) {
            return known;
        }
        if (size.incrementAndGet() > most || isOneTooMany(labels)) {
            size.decrementAndGet();
            return overflow(labels.protocol());
        }
        Series made = made(labels);
        Series other = series.putIfAbsent(labels, made);
        if (other == null) {
            return made;
        }
        size.decrementAndGet();
        return other;
    }

    private boolean isOneTooMany(ShownLabels labels) {
        ShownLabels.Outcome outcome = labels.outcome();
        Set<ShownLabels.Outcome> seen = outcomes.computeIfAbsent(
                Objects.requireNonNullElse(labels.host(), ""), _ -> ConcurrentHashMap.newKeySet());
        if (seen.size() < MOST_OUTCOMES) {
            seen.add(outcome);
        }
        return !seen.contains(outcome);
    }

    Series overflow(SeriesLabels.Protocol protocol) {
        return Objects.requireNonNull(overflow.get(protocol));
    }

    /// Forgets the series of which this is true. A request that is counted at the same moment may be lost.
    void forget(Predicate<Series> gone) {
        for (Series each : series.values()) {
            if (gone.test(each)) {
                series.remove(each.labels);
                size.decrementAndGet();
                each.forget();
            }
        }
        outcomes.clear();
        series.keySet().forEach(this::isOneTooMany);
    }

    Collection<Series> all() {
        return series.values();
    }

    /// A label was set that series have anyway: two of them may be shown with the same labels from now on.
    void mayRepeat() {
        repeats = true;
    }

    /// All of them, those with the same labels as one.
    Collection<Series> shown(InstanceLabels instance) {
        if (!repeats) {
            // Not a copy: there may be a million.
            return all();
        }
        Map<EditedLabels, Series> shown = new LinkedHashMap<>();
        for (Series each : all()) {
            shown.merge(EditedLabels.of(each.labels, instance), each, Series::with);
        }
        return shown.values();
    }

    Collection<Series> overflows() {
        return overflow.values();
    }
}
