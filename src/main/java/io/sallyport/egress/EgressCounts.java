package io.sallyport.egress;

import io.sallyport.egress.EgressKey.Outcome;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/// All counts, bounded for each outcome: what comes after the last one allowed is counted as `overflow`. Clients choose
/// the hosts, so memory and metrics must not grow with them.
final class EgressCounts {
    private record Bound(AtomicInteger size, int most) {}

    private final Map<EgressKey, EgressCount> counts = new ConcurrentHashMap<>();
    private final Map<EgressKey, EgressCount> overflows = new ConcurrentHashMap<>();
    private final Map<Outcome, Bound> bounds = new EnumMap<>(Outcome.class);

    EgressCounts(Map<Outcome, Integer> most) {
        most.forEach((outcome, bound) -> bounds.put(outcome, new Bound(new AtomicInteger(), bound)));
    }

    /// The count of this key, or the one for overflow.
    EgressCount of(EgressKey key) {
        EgressCount known = counts.get(key);
        if (known != null) {
            return known;
        }
        Bound bound = Objects.requireNonNull(bounds.get(key.outcome()));
        if (bound.size.incrementAndGet() > bound.most) {
            bound.size.decrementAndGet();
            return overflows.computeIfAbsent(key.overflow(), EgressCount::new);
        }
        EgressCount made = new EgressCount(key);
        EgressCount other = counts.putIfAbsent(key, made);
        if (other == null) {
            return made;
        }
        bound.size.decrementAndGet();
        return other;
    }

    /// What is counted one by one.
    List<EgressCount> all(Outcome outcome) {
        return of(outcome, counts);
    }

    /// What was too much for that, by `how`.
    List<EgressCount> overflow(Outcome outcome) {
        return of(outcome, overflows);
    }

    private static List<EgressCount> of(Outcome outcome, Map<EgressKey, EgressCount> counts) {
        var found = new ArrayList<EgressCount>();
        for (EgressCount count : counts.values()) {
            if (count.key.outcome() == outcome) {
                found.add(count);
            }
        }
        return found;
    }
}
