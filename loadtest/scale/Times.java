package scale;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// Times of one kind, all of them kept.
final class Times {
    private final List<Long> nanos = new ArrayList<>();

    synchronized void add(long duration) {
        nanos.add(duration);
    }

    synchronized void addAll(Times others) {
        nanos.addAll(others.nanos);
    }

    /// In milliseconds; NaN of nothing.
    ///
    /// @param quantile 0.5 for the median, 1 for the longest
    synchronized double millis(double quantile) {
        if (nanos.isEmpty()) {
            return Double.NaN;
        }
        List<Long> sorted = new ArrayList<>(nanos);
        Collections.sort(sorted);
        int rank = (int) Math.ceil(quantile * sorted.size());
        return sorted.get(Math.max(0, rank - 1)) / 1e6;
    }
}
